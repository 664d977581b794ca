import type { RetryPolicy } from './kind-options.ts';

/** How often, and after which delays, a job is retried after temporary failures. Plain data. */
export interface Retry {
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** A random number from 0 to 1, drawn by the caller: the part of the second half of each delay that is waited. */
  readonly jitter: number;
}

export const RETRY: Omit<Retry, 'jitter'> = { attempts: 5, firstWaitMs: 1_000, maxWaitMs: 300_000 };

/** The delay after the nth failure, n from 1: it doubles up to `maxWaitMs`, and jitter reduces it by at most half. */
export const waitMs = (failures: number, retry: Retry): number => {
  const full = Math.min(retry.maxWaitMs, retry.firstWaitMs * 2 ** (failures - 1));
  return Math.round(full * (0.5 + 0.5 * retry.jitter));
};

/** The policy of the store, with what a kind decides itself. A kind that waits longer at first may wait as long later. */
export const retryOf = (retry: Retry, { attempts, firstWaitMs, maxWaitMs }: RetryPolicy = {}): Retry => {
  const first = firstWaitMs ?? Math.min(retry.firstWaitMs, maxWaitMs ?? retry.firstWaitMs);
  return {
    ...retry,
    attempts: attempts ?? retry.attempts,
    firstWaitMs: first,
    maxWaitMs: maxWaitMs ?? Math.max(retry.maxWaitMs, first),
  };
};
