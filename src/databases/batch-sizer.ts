/**
 * Limits the rows of one transaction, so that no one waits for its lock longer than a time budget. The size follows the
 * rate of the last batches: it shrinks as soon as one was slow, and at most doubles from batch to batch.
 */

export interface Sizer {
  /** The number of rows that fit into a time budget: at least one. */
  sizeFor(budgetMs: number): number;
  /** Records a finished batch. */
  done(rows: number, tookMs: number): void;
  /** Limits the next batch to this many rows, whatever the rate. */
  limit(rows: number): void;
}

interface Bounds {
  /** The size of the first batch. Later batches may always reach it if time allows. */
  readonly first: number;
  readonly most?: number;
}

/** Shorter times are mostly measurement error. */
const LEAST_MS = 0.05;

export const createSizer = ({ first, most = Number.POSITIVE_INFINITY }: Bounds): Sizer => {
  let limit = first;
  let perMs = Number.POSITIVE_INFINITY;
  return {
    sizeFor: (budgetMs) => Math.max(1, Math.min(limit, most, Math.floor(perMs * Math.max(budgetMs, 0)) || 0)),
    done: (rows, tookMs) => {
      if (rows === 0) return;
      const rate = rows / Math.max(tookMs, LEAST_MS);
      perMs = rate < perMs ? rate : (rate + perMs) / 2;
      limit = Math.max(first, 2 * rows);
    },
    limit: (rows) => {
      limit = Math.max(1, rows);
    },
  };
};
