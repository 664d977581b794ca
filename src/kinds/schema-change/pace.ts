import { createSizer } from '../../databases/batch-sizer.ts';

/**
 * Determines how long the lock is held and how long it is released. SQLite has no queue of writers: a writer that finds
 * the lock taken tries again after each of these waits in turn.
 */
const BUSY_WAITS_MS = [1, 2, 5, 10, 15, 20, 25];
/** The longest wait of a writer after a batch, plus a margin for a late timer. */
export const LONGEST_WAIT_MS = 30;

/** How long a batch should hold the lock. The scheduler hardly ever interrupts a batch this short. */
export const BATCH_MS = 7;
/** The maximum, used while others write more than can be applied in a normal batch. */
const LONGEST_MS = 50;

/** The next batch has twice the time if this one could not apply all changes. */
export const nextBudget = (budgetMs: number, isBehind: boolean): number =>
  isBehind ? Math.min(LONGEST_MS, budgetMs * 2) : Math.max(BATCH_MS, budgetMs / 2);

/**
 * How long to release the lock after a batch, so that a writer that began to wait at any moment of the batch has tried
 * again before the next one begins.
 */
export const pauseBehind = (heldMs: number): number => {
  let waited = 0;
  for (const wait of BUSY_WAITS_MS) {
    if (waited + wait > heldMs) return wait + 1;
    waited += wait;
  }
  return 26;
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
