/** What an import keeps: its details, in the store; its progress, in the target. All of it passes through JSON. */
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
  /** Computed from others: nothing can fill it. */
  generated: z.literal(true).exactOptional(),
}) satisfies z.ZodType<ColumnShape>;

/** A source as it was when the job was created: it has to be the same when it is read. */
const SOURCE = z.object({
  /** Secrets redacted. */
  url: z.string(),
  /** As stored, in bytes; null if it is not known. */
  size: z.number().nullable(),
  version: z.string(),
  compression: z.enum(['NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']) satisfies z.ZodType<Compression>,
  /** Where its rows begin, decompressed, after skipped lines and the header. */
  begin: z.object({ byte: z.number(), line: z.number() }) satisfies z.ZodType<Place>,
  /** For each field of a row, the column that it fills. Objects name their columns themselves. */
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
  /** How many bad rows are set aside before one fails the job. */
  rejectLimit: z.number(),
  maxRowsPerSecond: z.number().nullable().default(null),
});
export type Details = z.output<typeof DETAILS>;

/** How far an import is: the rows before this place, and no others, are in the target. */
export interface State {
  readonly phase: 'importing' | 'published';
  /** Index of the source that is being read. */
  readonly source: number;
  /** The place in it, decompressed. */
  readonly byte: number;
  readonly line: number;
  /** How much of it was read as it is stored, and of all those before it. */
  readonly stored: number;
  readonly storedBefore: number;
  /** Those that went in, and those set aside. */
  readonly rows: number;
  readonly rejected: number;
}

/** For people only: a run begins where the state in the target says. */
export type Checkpoint = Omit<State, 'phase'>;

export const MAX_ROW_BYTES = 16 * 1024 * 1024;

/** Nobody sees the table under this name; publishing renames it. */
export const hiddenTable = (owner: Owner): string => ownName('import', owner);

/** As they are stored. */
export const bytesRead = ({ stored, storedBefore }: Pick<State, 'stored' | 'storedBefore'>): number =>
  storedBefore + stored;

/** The place at which a source begins. */
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

/** Of the bytes of all sources, or, where the size of one is not known, of the number of sources. */
const fractionOf = (sources: readonly Source[], state: State): number => {
  const total = sources.reduce((sum, { size }) => sum + (size ?? Number.NaN), 0);
  if (!Number.isNaN(total)) return Math.min(1, bytesRead(state) / total);
  const { size = null } = sources[state.source] ?? {};
  return (state.source + (size === null ? 0 : Math.min(1, state.stored / size))) / sources.length;
};
