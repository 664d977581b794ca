import type { Environment, Io, Work } from '../../src/jobs/kind.ts';

/** A claim of a job from before stores had ids, unless a store is named. */
export const claimOf = (
  jobId: string,
  epoch: number,
  storeId: string | null = null,
): Work<unknown, unknown>['claim'] => ({
  jobId,
  epoch,
  storeId,
});

/** What the engine gives a kind that is driven by hand: the claim is current, whatever happens. */
export const ioOf = (environment: Environment, given: Partial<Io> = {}): Io => ({
  signal: new AbortController().signal,
  isCurrent: async () => true,
  markBegan: async () => true,
  environment,
  ...given,
});
