/** SQLite has no queue of writers: whoever finds the lock taken looks again, after these waits in turn. */
const BUSY_WAITS_MS = [1, 2, 5, 10, 15, 20, 25];

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

/** How many rows the next batch has, so that it takes as long as it may. */
export const nextSize = (rows: number, tookMs: number): number =>
  Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / Math.max(tookMs, 0.1))));
