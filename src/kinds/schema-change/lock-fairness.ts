/**
 * Leaves the lock of the target to others between two batches. Who writes all the time is seen in each rest; where they
 * are not, they have looked just too early and are asleep, and so the rest goes on until they have been, or have had
 * the time to look again. Otherwise chance alone would say when they meet the lock free, and it has no end.
 */
import type Sqlite from 'better-sqlite3';
import { sleep } from '../../sleep.ts';
import { LONGEST_WAIT_MS, pauseBehind } from './pace.ts';

export interface Turns {
  /** Right after a commit, with how long the lock was held. */
  begin(heldMs: number): void;
  /** Until the lock may be taken again. Throws the signal's reason when it is aborted. */
  over(signal: AbortSignal): Promise<void>;
}

const LOOK_MS = 1;

export const createTurns = (sql: Sqlite.Database): Turns => {
  /** Another number for each commit of another connection. */
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
