/** The position of a schema change, stored in the target as JSON, and the progress that people see. */
import type { Step } from '../../jobs/kind.ts';

/** The position from which a job continues. The cursor of each copy is in the target, in a table of its own. */
export interface SchemaChangeCheckpoint {
  /** From `swapped` on, the tables have their new definitions, and only the old ones remain to be removed. */
  readonly phase: 'copying' | 'swapped' | 'done';
  /** The tables that are copied, in order. */
  readonly copies: readonly CopyCheckpoint[];
}

export interface CopyCheckpoint {
  readonly table: string;
  /** The number of rows at the beginning; null if they could not be counted in time. */
  readonly total: number | null;
  readonly isComplete: boolean;
  /** Rows copied. */
  readonly rows: number;
  /** Rows of the old table deleted after the swap. */
  readonly cleaned: number;
}

/** Except for `held`, for display only: a run continues from the checkpoint in the target. */
export type SchemaChangeProgress = Pick<SchemaChangeCheckpoint, 'phase'> & {
  readonly rows: number;
  /** The job has paused before the swap, and goes past that point once it is resumed. */
  readonly held?: true;
};

// The rest is for deleting the old rows, which takes about a third as long as the copying.
const COPYING = 0.75;

export const stepOf = (
  checkpoint: SchemaChangeCheckpoint,
  message: 'copying rows' | 'building index' | 'swapping' | 'cleaning up',
): Step<SchemaChangeProgress> => {
  const rows = checkpoint.copies.reduce((sum, copy) => sum + copy.rows, 0);
  const fraction = fractionOf(checkpoint);
  return {
    checkpoint: { phase: checkpoint.phase, rows },
    ...(fraction === null ? {} : { fractionCompleted: fraction }),
    message,
    counters: { rows },
  };
};

/** The fraction of the rows that existed at the beginning; null while their number is unknown. */
const fractionOf = ({ phase, copies }: SchemaChangeCheckpoint): number | null => {
  if (phase === 'done') return 1;
  const total = copies.reduce((sum, copy) => sum + (copy.total ?? Number.NaN), 0);
  if (Number.isNaN(total)) return phase === 'swapped' ? COPYING : null;
  const part = (done: (copy: CopyCheckpoint) => number) =>
    total === 0 ? 0 : copies.reduce((sum, copy) => sum + Math.min(copy.total ?? 0, done(copy)), 0) / total;
  return phase === 'copying'
    ? COPYING * part(({ rows }) => rows)
    : COPYING + (1 - COPYING) * part(({ cleaned }) => cleaned);
};
