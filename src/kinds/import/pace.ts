/** Keeps an import at so many rows a second. */
import { sleep } from '../../sleep.ts';

interface Clock {
  /** Milliseconds, from anywhere. */
  now(): number;
  /** Throws the signal's reason when it is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Pace {
  /** How many rows to write at a time, so that waits are short. */
  readonly sliceRows: number;
  /** Waits until so many rows may be written. */
  turn(rows: number, signal: AbortSignal): Promise<void>;
}

const SLICE_MS = 50;
// Time lost to a late timer is made up for; time lost to a lock or a sleeping machine is lost, or a burst would follow.
const SLACK_MS = 50;

export const createPace = (rowsPerSecond: number, clock: Clock = CLOCK): Pace => {
  let due = clock.now();
  return {
    sliceRows: Math.max(1, Math.floor((rowsPerSecond * SLICE_MS) / 1000)),
    turn: async (rows, signal) => {
      due = Math.max(due, clock.now() - SLACK_MS);
      const early = due - clock.now();
      due += (rows * 1000) / rowsPerSecond;
      if (early > 0) await clock.wait(early, signal);
    },
  };
};

const CLOCK: Clock = { now: () => performance.now(), wait: sleep };
