/** The position of an import, stored in the target as JSON, and the progress that people see. */
import type { Step } from '../../jobs/kind.ts';
import type { Details, Source } from './details.ts';
import type { ReadBlock } from './rows.ts';

/** The position from which a job continues: exactly the rows before it are in the target. */
export interface ImportCheckpoint {
  readonly phase: 'importing' | 'published';
  /** Index of the source that is being read. */
  readonly source: number;
  /** The offset in that source, decompressed. */
  readonly byte: number;
  readonly line: number;
  /** The number of stored bytes read from this source, and from all sources before it. */
  readonly stored: number;
  readonly storedBefore: number;
  /** The numbers of inserted and of rejected rows. */
  readonly rows: number;
  readonly rejected: number;
  /** The number of rows that conflicted with others and were skipped, replaced them or updated them. */
  readonly conflicts?: number;
  /** With deferForeignKeys, once all rows are in: how far their references were checked. */
  readonly checked?: CheckedReferences;
}

/** A position in the noted rows, which are passed through until no row is removed any more. */
export interface CheckedReferences {
  /** The id of the last noted row that this pass has checked. */
  readonly id: number;
  /** The number of rows that this pass has removed. */
  readonly removed: number;
}

/** For display only: a run continues from the checkpoint in the target. */
export type ImportProgress = Omit<ImportCheckpoint, 'phase'>;

export const firstCheckpoint = ({ sources: [first] }: Details): ImportCheckpoint => {
  const start = first === undefined ? { byte: 0, line: 1, stored: 0 } : startOf(first);
  return { phase: 'importing', source: 0, ...start, storedBefore: 0, rows: 0, rejected: 0 };
};

/** The checkpoint at the start of a later source. */
export const atSource = (checkpoint: ImportCheckpoint, index: number, source: Source): ImportCheckpoint => ({
  ...checkpoint,
  source: index,
  storedBefore: bytesRead(checkpoint),
  ...startOf(source),
});

/** The checkpoint after those rows of a block that were processed. */
export const afterRows = (
  checkpoint: ImportCheckpoint,
  block: ReadBlock,
  { rows, rejected, conflicts, to }: Processed,
): ImportCheckpoint => ({
  ...checkpoint,
  byte: block.ends[to - 1] ?? checkpoint.byte,
  line: block.nextLines[to - 1] ?? checkpoint.line,
  // If a source is read again from its beginning, its stored offset can be smaller or larger for the same rows.
  stored: Math.max(checkpoint.stored, block.storedBytes ?? block.ends[to - 1] ?? 0),
  rows: checkpoint.rows + rows,
  rejected: checkpoint.rejected + rejected,
  conflicts: (checkpoint.conflicts ?? 0) + conflicts,
});

interface Processed {
  readonly rows: number;
  readonly rejected: number;
  readonly conflicts: number;
  /** The index after the last row that was processed. */
  readonly to: number;
}

/** In stored bytes. */
export const bytesRead = ({ stored, storedBefore }: Pick<ImportCheckpoint, 'stored' | 'storedBefore'>): number =>
  storedBefore + stored;

const startOf = ({ begin, compression, encoding }: Source): Pick<ImportCheckpoint, 'byte' | 'line' | 'stored'> => ({
  ...begin,
  stored: compression === 'NONE' && encoding === undefined ? begin.byte : 0,
});

/** The counter of the rows that conflicted with others, by policy. */
const COUNTERS = { SKIP: 'skipped', REPLACE: 'replaced', UPDATE: 'updated' } as const;

export const stepOf = (
  { sources, onConflict }: Details,
  checkpoint: ImportCheckpoint,
  message: 'importing' | 'validating' | 'checking foreign keys' | 'removing rows' | 'publishing',
): Step<ImportProgress> => {
  const { phase: _, ...progress } = checkpoint;
  return {
    checkpoint: progress,
    fractionCompleted: fractionOf(sources, checkpoint),
    message,
    counters: {
      rows: checkpoint.rows,
      bytes: bytesRead(checkpoint),
      rejected: checkpoint.rejected,
      ...(onConflict === 'FAIL' ? {} : { [COUNTERS[onConflict]]: checkpoint.conflicts ?? 0 }),
    },
  };
};

/** The fraction of the bytes of all sources, or, if one size is unknown, of the number of sources. */
const fractionOf = (sources: readonly Source[], checkpoint: ImportCheckpoint): number => {
  const total = sources.reduce((sum, { size }) => sum + (size ?? Number.NaN), 0);
  if (!Number.isNaN(total)) return Math.min(1, bytesRead(checkpoint) / total);
  const { size = null } = sources[checkpoint.source] ?? {};
  return (checkpoint.source + (size === null ? 0 : Math.min(1, checkpoint.stored / size))) / sources.length;
};
