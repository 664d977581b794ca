/** A database that jobs work on, in words that hold for any; sqlite.ts is the one there is. */

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
