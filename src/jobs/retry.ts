/** How often, and after what waits, a job that failed in passing is tried again. Plain data. */
export interface Retry {
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** 0 to 1, drawn by the caller: how much of the second half of each wait is waited. */
  readonly jitter: number;
}

export const RETRY: Omit<Retry, 'jitter'> = { attempts: 5, firstWaitMs: 1_000, maxWaitMs: 300_000 };

/** The wait behind the nth failure, n from 1: doubling, at most `maxWaitMs`, at least half of it. */
export const waitMs = (failures: number, retry: Retry): number => {
  const full = Math.min(retry.maxWaitMs, retry.firstWaitMs * 2 ** (failures - 1));
  return Math.round(full * (0.5 + 0.5 * retry.jitter));
};
