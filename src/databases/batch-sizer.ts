/**
 * How many rows one transaction may take, so that nobody waits for its lock longer than a time budget. The size follows
 * the rate of the last batches: it falls as soon as one was slow, and grows to twice the last one at most.
 */

export interface Sizer {
  /** How many fit into so many milliseconds: at least one. */
  sizeFor(budgetMs: number): number;
  /** A batch has been done. */
  done(rows: number, tookMs: number): void;
  /** The next batch has at most so many rows, whatever the rate is. */
  limit(rows: number): void;
}

interface Bounds {
  /** The size of the first batch, and one that a later batch may always have if the time allows it. */
  readonly first: number;
  readonly most?: number;
}

/** Shorter times are mostly error of the clock. */
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
