/** A database that jobs work on, in words that hold for any engine. */
import type { Owner } from '../jobs/kind.ts';

/** What a job has in a database for itself. */
export interface OwnedThings {
  readonly owner: Owner;
  /** Its own tables, and its triggers on tables of others. */
  readonly objects: readonly OwnedObject[];
  /** There is a record of the job. */
  readonly hasRecord: boolean;
}

export interface OwnedObject {
  readonly type: 'table' | 'trigger';
  readonly name: string;
  /** It stays when the job has ended, for those who read about it, and goes with the job. */
  readonly isKept: boolean;
}

export interface DatabaseShape {
  readonly tables: readonly TableShape[];
}

export interface TableShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  readonly indexes: readonly IndexShape[];
  /** Null when it could not be counted in the time given. */
  readonly rowCount: number | null;
}

export interface ColumnShape {
  readonly name: string;
  /** As declared; may be empty. */
  readonly type: string;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
  /** The SQL of the default. */
  readonly default: string | null;
}

export interface IndexShape {
  readonly name: string;
  /** `(expression)` for a part that is no column. */
  readonly columns: readonly string[];
  readonly unique: boolean;
}
