/** Limits an import to a number of rows per second. */
import { sleep } from '../../sleep.ts';

interface Clock {
  /** Milliseconds since an arbitrary moment. */
  now(): number;
  /** @throws the signal's reason when it is aborted */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Pace {
  /** The number of rows to write at a time, chosen so that waits are short. */
  readonly sliceRows: number;
  /** Waits until this many rows may be written. */
  throttle(rows: number, signal: AbortSignal): Promise<void>;
}

const SLICE_MS = 50;
// Only the time lost to a late timer is made up. Making up the time lost to a lock or to a sleeping machine would cause
// a burst.
const MAX_CATCH_UP_MS = 50;

export const createPace = (rowsPerSecond: number, clock: Clock = CLOCK): Pace => {
  let due = clock.now();
  return {
    sliceRows: Math.max(1, Math.floor((rowsPerSecond * SLICE_MS) / 1000)),
    throttle: async (rows, signal) => {
      due = Math.max(due, clock.now() - MAX_CATCH_UP_MS);
      const early = due - clock.now();
      due += (rows * 1000) / rowsPerSecond;
      if (early > 0) await clock.wait(early, signal);
    },
  };
};

const CLOCK: Clock = { now: () => performance.now(), wait: sleep };
