/** What an import keeps: of its input, in the store; of its progress, in the target. All of it passes through JSON. */
import type { ColumnShape } from '../../databases/database.ts';
import type { Step } from '../../jobs/kind.ts';
import type { CsvPlace } from './csv.ts';

export interface Details {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly ColumnShape[];
  readonly sources: readonly Source[];
  readonly csv: CsvRules;
  readonly maxRowsPerSecond: number | null;
}

/** A source as it was when the job was created: it has to be the same when it is read. */
export interface Source {
  /** Secrets redacted. */
  readonly url: string;
  readonly size: number;
  readonly version: string;
  /** Where its rows begin, behind skipped lines and the header. */
  readonly begin: CsvPlace;
  /** For each field of a row, which of the columns it fills. */
  readonly fields: readonly number[];
}

interface CsvRules {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly comment: string | null;
  readonly nullif: string | null;
}

/** How far an import is: the rows before this place, and no others, are in the target. */
export interface State {
  readonly phase: 'importing' | 'published';
  /** Index of the source that is being read. */
  readonly source: number;
  readonly byte: number;
  readonly line: number;
  readonly rows: number;
}

/** For people only: a run begins where the state in the target says. */
export type Checkpoint = Omit<State, 'phase'>;

export const MAX_ROW_BYTES = 16 * 1024 * 1024;

/** Nobody sees the table under this name; publishing renames it. */
export const hiddenTable = (jobId: string): string => `_signalbox_import_${jobId}`;

export const bytesRead = (sources: readonly Source[], state: State): number =>
  state.byte + sources.slice(0, state.source).reduce((sum, { size }) => sum + size, 0);

export const stepOf = ({ sources }: Details, state: State, message: string): Step<Checkpoint> => {
  const { phase: _, ...checkpoint } = state;
  const bytes = bytesRead(sources, state);
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  return {
    checkpoint,
    fractionCompleted: bytes / total,
    message,
    counters: { rows: state.rows, bytes, rejected: 0 },
  };
};
