import { createSizer } from '../../databases/batch-sizer.ts';

/**
 * How long the lock is held, and left alone. SQLite has no queue of writers: whoever finds the lock taken looks again,
 * after these waits in turn.
 */
const BUSY_WAITS_MS = [1, 2, 5, 10, 15, 20, 25];
/** Of those that are behind a batch, and a little for a timer that comes late. */
export const LONGEST_WAIT_MS = 30;

/** How long a batch is to hold the lock. Short ones are hardly ever cut in two by the scheduler. */
export const BATCH_MS = 7;
/** The most, while others write more than can be followed in so little time. */
const LONGEST_MS = 50;

/** The next batch has twice the time when there is more to follow than this one had time for. */
export const nextBudget = (budgetMs: number, isBehind: boolean): number =>
  isBehind ? Math.min(LONGEST_MS, budgetMs * 2) : Math.max(BATCH_MS, budgetMs / 2);

/**
 * How long to leave the lock alone behind a batch, so that a writer who began to wait at any moment of it has looked
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

/** Of the time there is, what a part of it gets: rows may all at once take many times as long, where their indexes are scattered. */
const PART = 1 / 8;

/**
 * Does something part by part until the time of `performance.now()`, and then a little further; one part at least.
 * @param part does at most so many, and says how many it did: fewer when there are no more
 */
export type InParts = (until: number, part: (most: number) => number) => void;

/** At first so many, and then at most twice as many each time. */
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
