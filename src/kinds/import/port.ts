/**
 * The part of IMPORT that depends on the engine of the database. The kind reads the sources, limits the pace and
 * reports progress; a port checks tables, and writes rows, the record of which rows are the job's, rejected rows and
 * the checkpoint, in one transaction. Only `ports.ts` chooses one.
 */
import type { ColumnShape } from '../../databases/database.ts';
import type { Environment, Io, Step, Task, Work } from '../../jobs/kind.ts';
import type { ImportCheckpoint, ImportProgress } from './checkpoint.ts';
import type { BytesForms, ConflictPolicy, Details, Source, TableColumn } from './details.ts';
import type { ReadBlock } from './rows.ts';

export type ImportWork = Work<Details, ImportProgress | null>;
type ImportStep = Step<ImportProgress | null>;

/** While another writer holds a lock that it needs, it yields the last step again, so that a stop is noticed. */
export type ImportSteps<R = void> = AsyncGenerator<ImportStep, R, void>;

export interface ImportPort {
  readonly columnRules: ColumnRules;
  /**
   * Checks the target of a job that is to be created.
   * @throws badInput naming the field; UNAVAILABLE while the database cannot be read
   */
  check(environment: Environment, requested: RequestedTable): ImportTable | Promise<ImportTable>;
  /** Checks the columns of a new table. @throws badInput naming the field */
  checkColumns(columns: readonly ColumnShape[]): void | Promise<void>;
  /** Stores a few rows somewhere that is gone afterwards. */
  preview(sample: SampledRows): PreviewedRows | Promise<PreviewedRows>;
  /** Keeps all older claims of the job out of the database. */
  acquireFence(work: ImportWork, io: Io, task: Task): Promise<void>;
  open(work: ImportWork, io: Io): ImportTarget | Promise<ImportTarget>;
  /** Opens the database to remove the rows of the job; null if they were removed with the database. */
  openRemoval(work: ImportWork, io: Io): ImportRemoval | null | Promise<ImportRemoval | null>;
  /**
   * A page of the rejected rows of a job, plus one if there are more, from the file that clean-up moved them to, or
   * from the database before that.
   * @throws UNAVAILABLE if they cannot be read now
   */
  rejects(
    places: RejectPlaces,
    database: string,
    jobId: string,
    page: RejectPage,
  ): readonly Reject[] | Promise<readonly Reject[]>;
  /**
   * Rejected rows in full, as many as one message may hold, in the order in which they were read.
   * @throws UNAVAILABLE if they cannot be read now
   */
  rejectTexts(
    places: RejectPlaces,
    database: string,
    jobId: string,
    after: number,
  ): readonly RejectText[] | Promise<readonly RejectText[]>;
  /**
   * Removes what an ended job still has in the database. The rejected rows are moved to a file; with `removed`, they are
   * removed too.
   */
  cleanUp(
    work: Pick<ImportWork, 'details' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
}

/** Where the rejected rows of a job are. */
export type RejectPlaces = Pick<Environment, 'database' | 'keptDir'>;

export const placesOf = ({ database, keptDir }: Environment): RejectPlaces => ({ database, keptDir });

/** How an engine compares the names of columns, and what it stores in a column without a value. Pure. */
export interface ColumnRules {
  /** Equal for names that are the same to the engine. */
  fold(name: string): string;
  /** The indexes of the columns that each row has to fill. */
  requiredIn(columns: readonly TableColumn[]): readonly number[];
  /** Whether a column of this type stores a number as a number and text as text, and converts neither. */
  isUntyped(type: string): boolean;
  /** Whether a column of this type stores numbers. */
  isNumeric(type: string): boolean;
  /** Whether a column of this type stores bytes that a text can encode. */
  isBytes(type: string): boolean;
}

export interface RequestedTable {
  readonly database: string;
  readonly table: string;
  /** Empty for a table that exists. */
  readonly columns: readonly ColumnShape[];
  readonly onConflict: ConflictPolicy;
  readonly deferForeignKeys: boolean;
  readonly validateOnly: boolean;
}

export interface ImportTable {
  /** The name as the catalogue spells it. */
  readonly table: string;
  readonly columns: readonly TableColumn[];
  /** Foreign keys are checked when all rows are in, although the input does not ask for it. */
  readonly defersForeignKeys?: boolean;
}

/** The first rows of a source, mapped to the columns of a table. */
export interface SampledRows {
  readonly columns: readonly TableColumn[];
  /** The table exists, with these columns. */
  readonly exists: boolean;
  readonly source: Source;
  readonly blocks: readonly ReadBlock[];
  readonly bytes: BytesForms;
  /** How many rows are to be returned. */
  readonly limit: number;
}

export interface PreviewedRows {
  /** The rows as they are stored, as JSON. */
  readonly rows: readonly (readonly unknown[])[];
  readonly problems: readonly Reject[];
}

/** The open database of a claimed job. */
export interface ImportTarget {
  /**
   * Null before `begin`.
   * @throws PauseAsked when the job's objects in the database are missing
   */
  checkpoint(): ImportCheckpoint | null | Promise<ImportCheckpoint | null>;
  /** Creates the job's objects and saves its first checkpoint, in one transaction. */
  begin(first: ImportCheckpoint, last: ImportStep): ImportSteps;
  /** Writes rows, rejected rows and the checkpoint after them, in one transaction. */
  write(batch: Batch, last: ImportStep): ImportSteps<Written>;
  /**
   * Sets aside, in one transaction, some of the rows that refer to rows that do not exist, once all rows are in. Called
   * with deferForeignKeys, until nothing is left to check.
   */
  checkReferences(checkpoint: ImportCheckpoint, last: ImportStep): ImportSteps<Written & { readonly isMore: boolean }>;
  /**
   * Removes some of the hidden rows of a job that only validates, in one transaction. Returns false once `publish` can
   * remove the rest.
   */
  discard(last: ImportStep): ImportSteps<boolean>;
  /**
   * Makes the import final in one transaction, durably. It yields `commit: true` inside the transaction, once no other
   * writer can interfere.
   */
  publish(checkpoint: ImportCheckpoint, last: ImportStep): ImportSteps;
  /** Converts an error of the engine to a readable message, or to Transient; returns any other error unchanged. */
  failureOf(error: unknown): unknown;
  close(): void | Promise<void>;
}

/** The open database of a claimed job that is reverted. The remaining work is read from the database. */
export interface ImportRemoval {
  /** Removes some rows in one transaction. Returns false when nothing of the job is left but rejected rows. */
  remove(last: ImportStep): ImportSteps<boolean>;
  failureOf(error: unknown): unknown;
  close(): void | Promise<void>;
}

/** Rows of one block of a source. */
export interface Batch {
  readonly source: Source;
  readonly block: ReadBlock;
  /** The indexes of the first row, and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** The checkpoint before the batch. */
  readonly checkpoint: ImportCheckpoint;
}

export interface Written {
  readonly checkpoint: ImportCheckpoint;
  /** The row that exceeded the limit of rejected rows. The rows before it are in the table. */
  readonly bad: BadRow | null;
}

/** A row that an import rejected. */
export interface Reject {
  /** Increases in the order of rejection. */
  readonly id: number;
  /** Secrets redacted. */
  readonly source: string;
  readonly line: number;
  /** The line on which the row ends. */
  readonly lastLine: number;
  /** Null if the reason concerns the whole row. */
  readonly column: string | null;
  readonly reason: string;
  /** The original row; in a list, truncated to 1,024 characters. */
  readonly text: string;
}

export type RejectText = Pick<Reject, 'id' | 'source' | 'text'>;

/** A rejected row, with its invalid value. */
export interface BadRow extends Omit<Reject, 'id'> {
  readonly value: string | null;
  /** The job fails, whatever the number of rows that may be rejected. */
  readonly isFatal: boolean;
}

export interface RejectPage {
  /** The id at which the page begins, in this direction. */
  readonly from: number;
  /** The last id that the page may contain, in this direction. */
  readonly to?: number | undefined;
  readonly direction: 'ascending' | 'descending';
  readonly limit: number;
}
