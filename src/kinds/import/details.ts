/** The stored data of an import, as JSON: its details, in the store, and its progress, in the target. */
import { z } from 'zod';
import type { ColumnShape } from '../../databases/database.ts';
import { ownName } from '../../databases/sqlite/own-names.ts';
import type { Owner, Step } from '../../jobs/kind.ts';
import type { Compression } from '../../storage/compression/compression.ts';
import type { Place } from './windows.ts';

const COLUMN = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  primaryKey: z.boolean(),
  default: z.string().nullable(),
  /** A generated column: it cannot be filled. */
  generated: z.literal(true).exactOptional(),
}) satisfies z.ZodType<ColumnShape>;

/** A source as it was when the job was created. It must be unchanged when it is read. */
const SOURCE = z.object({
  /** Secrets redacted. */
  url: z.string(),
  /** The stored size in bytes; null if unknown. */
  size: z.number().nullable(),
  version: z.string(),
  compression: z.enum(['NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']) satisfies z.ZodType<Compression>,
  /** The start of its rows, decompressed, after skipped lines and the header. */
  begin: z.object({ byte: z.number(), line: z.number() }) satisfies z.ZodType<Place>,
  /** For each field of a row, the index of the column that it fills. JSON objects name their columns themselves. */
  fields: z.array(z.number()).readonly(),
});
export type Source = z.output<typeof SOURCE>;

export const DETAILS = z.object({
  database: z.string(),
  table: z.string(),
  /** The table existed when the job was created. */
  existing: z.boolean().default(false),
  columns: z.array(COLUMN).readonly(),
  sources: z.array(SOURCE).readonly(),
  format: z.enum(['CSV', 'NDJSON']),
  csv: z.object({
    delimiter: z.string(),
    quote: z.string().nullable(),
    comment: z.string().nullable(),
    nullif: z.string().nullable(),
  }),
  /** The number of bad rows to reject before another one fails the job. */
  rejectLimit: z.number(),
  maxRowsPerSecond: z.number().nullable().default(null),
});
export type Details = z.output<typeof DETAILS>;

/** The progress of an import: exactly the rows before this position are in the target. */
export interface State {
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
}

/** For display only: a run resumes from the state in the target. */
export type Checkpoint = Omit<State, 'phase'>;

export const MAX_ROW_BYTES = 16 * 1024 * 1024;

/** The hidden name of the table. Publishing renames it. */
export const hiddenTable = (owner: Owner): string => ownName('import', owner);

/** In stored bytes. */
export const bytesRead = ({ stored, storedBefore }: Pick<State, 'stored' | 'storedBefore'>): number =>
  storedBefore + stored;

/** The position at which a source begins. */
export const beginOf = ({ begin, compression }: Source): Pick<State, 'byte' | 'line' | 'stored'> => ({
  ...begin,
  stored: compression === 'NONE' ? begin.byte : 0,
});

export const stepOf = ({ sources }: Details, state: State, message: string): Step<Checkpoint> => {
  const { phase: _, ...checkpoint } = state;
  const bytes = bytesRead(state);
  return {
    checkpoint,
    fractionCompleted: fractionOf(sources, state),
    message,
    counters: { rows: state.rows, bytes, rejected: state.rejected },
  };
};

/** The fraction of the bytes of all sources, or, if one size is unknown, of the number of sources. */
const fractionOf = (sources: readonly Source[], state: State): number => {
  const total = sources.reduce((sum, { size }) => sum + (size ?? Number.NaN), 0);
  if (!Number.isNaN(total)) return Math.min(1, bytesRead(state) / total);
  const { size = null } = sources[state.source] ?? {};
  return (state.source + (size === null ? 0 : Math.min(1, state.stored / size))) / sources.length;
};
