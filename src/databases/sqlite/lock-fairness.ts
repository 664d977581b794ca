/**
 * Determines how long a batch holds the target's lock, and gives other writers access to it between two batches. SQLite
 * has no queue of writers: a writer that finds the lock taken tries again after each of BUSY_WAITS_MS in turn.
 */
import type Sqlite from 'better-sqlite3';
import { sleep } from '../../sleep.ts';
import { createSizer } from '../batch-sizer.ts';

const BUSY_WAITS_MS = [1, 2, 5, 10, 15, 20, 25];
/** The longest wait of a writer after a batch, plus a margin for a late timer. */
const LONGEST_WAIT_MS = 30;

/** How long a batch should hold the lock. The scheduler hardly ever interrupts a batch this short. */
export const BATCH_MS = 7;
/** The maximum, used while others write more than can be applied in a normal batch. */
const MAX_BATCH_MS = 50;

/** The next batch has twice the time if this one could not apply all changes. */
export const nextBudget = (budgetMs: number, isBehind: boolean): number =>
  isBehind ? Math.min(MAX_BATCH_MS, budgetMs * 2) : Math.max(BATCH_MS, budgetMs / 2);

/**
 * How long to release the lock after a batch, so that a writer that began to wait at any moment of the batch has tried
 * again before the next one begins.
 */
const pauseAfter = (heldMs: number): number => {
  let waited = 0;
  for (const wait of BUSY_WAITS_MS) {
    if (waited + wait > heldMs) return wait + 1;
    waited += wait;
  }
  return 26;
};

/**
 * A continuous writer shows up in each pause between two batches. If it does not, it tried just too early and is asleep,
 * so the pause continues until it has written or has had time to try again. Otherwise only chance would decide when it
 * finds the lock free, and it could wait indefinitely.
 */
export interface LockFairness {
  /** Call right after a commit, with the time for which the lock was held. */
  released(heldMs: number): void;
  /** Waits until the lock may be taken again. Throws the signal's reason when it is aborted. */
  wait(signal: AbortSignal): Promise<void>;
}

const POLL_MS = 1;

export const createLockFairness = (sql: Sqlite.Database): LockFairness => {
  /** A number that changes with each commit of another connection. */
  const commits = () => sql.pragma('data_version', { simple: true }) as number;
  let [endsAt, before, isBusy] = [0, commits(), false];
  return {
    released: (heldMs) => {
      endsAt = performance.now() + pauseAfter(heldMs);
      before = commits();
    },
    wait: async (signal) => {
      const rest = endsAt - performance.now();
      if (rest > 0) await sleep(rest, signal);
      const until = performance.now() + LONGEST_WAIT_MS;
      while (isBusy && commits() === before && performance.now() < until) await sleep(POLL_MS, signal);
      isBusy = commits() !== before;
    },
  };
};

/**
 * The share of the available time that one part gets. The cost of a row may suddenly grow many times over when its
 * index pages are scattered.
 */
const PART = 1 / 8;

/**
 * Runs a task in parts until this time of `performance.now()` and slightly past it; always runs at least one part.
 * @param part handles at most `most` items and returns how many it handled: fewer when none are left
 */
export type InParts = (until: number, part: (most: number) => number) => void;

/** Handles `first` items at most in the first call, and at most twice as many in each later call. */
export const createInParts = (first: number): InParts => {
  const sizer = createSizer({ first });
  let most = first;
  return (until, part) => {
    const partMs = (until - performance.now()) * PART;
    let done = 0;
    for (let isMore = true; isMore; ) {
      const beganAt = performance.now();
      const size = Math.min(most - done, sizer.sizeFor(Math.min(until - beganAt, partMs)));
      const count = part(size);
      const now = performance.now();
      sizer.done(count, now - beganAt);
      done += count;
      isMore = count === size && done < most && now < until;
    }
    most = Math.max(first, 2 * done);
  };
};
