/** SQLite has no queue of writers: whoever finds the lock taken looks again, after these waits in turn. */
const BUSY_WAITS_MS = [1, 2, 5, 10, 15, 20, 25];

export const BATCH_MS = 20;

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
