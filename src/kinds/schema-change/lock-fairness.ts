/**
 * Gives other writers access to the target's lock between two batches. A continuous writer shows up in each pause. If
 * it does not, it tried just too early and is asleep, so the pause continues until it has written or has had time to
 * try again. Otherwise only chance would decide when it finds the lock free, and it could wait indefinitely.
 */
import type Sqlite from 'better-sqlite3';
import { sleep } from '../../sleep.ts';
import { LONGEST_WAIT_MS, pauseBehind } from './pace.ts';

export interface Turns {
  /** Call right after a commit, with the time for which the lock was held. */
  begin(heldMs: number): void;
  /** Waits until the lock may be taken again. Throws the signal's reason when it is aborted. */
  over(signal: AbortSignal): Promise<void>;
}

const LOOK_MS = 1;

export const createTurns = (sql: Sqlite.Database): Turns => {
  /** A number that changes with each commit of another connection. */
  const commits = () => sql.pragma('data_version', { simple: true }) as number;
  let [endsAt, before, isBusy] = [0, commits(), false];
  return {
    begin: (heldMs) => {
      endsAt = performance.now() + pauseBehind(heldMs);
      before = commits();
    },
    over: async (signal) => {
      const rest = endsAt - performance.now();
      if (rest > 0) await sleep(rest, signal);
      const until = performance.now() + LONGEST_WAIT_MS;
      while (isBusy && commits() === before && performance.now() < until) await sleep(LOOK_MS, signal);
      isBusy = commits() !== before;
    },
  };
};
