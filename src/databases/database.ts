/** A database that jobs work on, in terms that apply to any engine. */
import type { Owner } from '../jobs/kind.ts';

/** The objects that a job keeps in a database. */
export interface OwnedThings {
  readonly owner: Owner;
  /** Its own tables and views, and its triggers on other tables. */
  readonly objects: readonly OwnedObject[];
  /** Whether the job has a record. */
  readonly hasRecord: boolean;
}

export interface OwnedObject {
  readonly type: 'table' | 'trigger' | 'view';
  readonly name: string;
  /** Moved to a file of the job when the job ends, because users may still read it, and removed with the job. */
  readonly isKept: boolean;
}

export interface DatabaseShape {
  readonly tables: readonly TableShape[];
}

export interface TableShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  readonly indexes: readonly IndexShape[];
  /** Null when it could not be counted in time. */
  readonly rowCount: number | null;
}

export interface ColumnShape {
  readonly name: string;
  /** The declared type; may be empty. */
  readonly type: string;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
  /** The default as SQL; null if there is none. */
  readonly default: string | null;
}

export interface IndexShape {
  readonly name: string;
  /** `(expression)` for a part that is not a column. */
  readonly columns: readonly string[];
  readonly unique: boolean;
}

/** The job that a file in `keptDir` belongs to; null for a file that belongs to nobody known. */
export const keptFileOwner = (name: string): { readonly jobId: string; readonly isPart: boolean } | null => {
  const [, jobId, part] = /^(\d{1,19})\.db(\.[\w-]+\.part)?$/.exec(name) ?? [];
  return jobId === undefined ? null : { jobId, isPart: part !== undefined };
};
