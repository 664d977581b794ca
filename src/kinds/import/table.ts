/** What an import has to know of a table that is there already. */
import type Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../databases/database.ts';
import { fold, isReserved } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';

export interface Table {
  /** As the catalogue spells it. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly KeyColumn[];
  /** A name for the rowid; null for a table WITHOUT ROWID. */
  readonly rowid: string | null;
  /** The column that is the rowid. */
  readonly alias: string | null;
  /** VACUUM may give its rows other rowids: no column holds them, and no index. */
  readonly renumbered: boolean;
  /** Triggers that jobs did not make. */
  readonly hasTriggers: boolean;
  /** What becomes of a row may hang on the rows before it in the same statement. */
  readonly singly: boolean;
}

export interface TableColumn extends ColumnShape {
  /** Computed from others: nothing can fill it. */
  readonly generated?: true;
}

export interface KeyColumn {
  readonly name: string;
  readonly collation: string;
}

/** Why rows cannot be imported into a table, in words for people. */
export class TableError extends Error {
  override readonly name = 'TableRefused';
}

/** @throws TableRefused unless it is an ordinary table whose rows can be told apart */
export const readTable = (sql: Sqlite.Database, wanted: string): Table => {
  const listed = list(sql, wanted);
  const { name } = listed;
  const parts = sql.prepare('SELECT * FROM pragma_table_xinfo(?)').all(name) as Part[];
  const indexes = sql.prepare('SELECT name, origin FROM pragma_index_list(?)').all(name) as Index[];
  const keyIndex = indexes.find(({ origin }) => origin === 'pk');
  const alias = listed.wr === 0 && keyIndex === undefined ? parts.find(({ pk }) => pk > 0) : undefined;
  const hasTriggers = foreignTriggers(sql, name);
  if (hasTriggers) refuseConflictClauses(sql, name);
  return {
    name,
    columns: parts.map((part) => columnOf(part, listed, alias)),
    primaryKey: keyIndex === undefined ? [] : keyColumns(sql, keyIndex.name),
    rowid: listed.wr === 1 ? null : rowidName(name, parts, alias),
    alias: alias?.name ?? null,
    renumbered: listed.wr === 0 && alias === undefined && indexes.length === 0,
    hasTriggers,
    singly: hasTriggers || refersToItself(sql, name),
  };
};

interface Listed {
  readonly name: string;
  readonly schema: string;
  readonly type: string;
  /** WITHOUT ROWID. */
  readonly wr: 0 | 1;
}

interface Part {
  readonly name: string;
  readonly type: string;
  readonly notnull: 0 | 1;
  readonly dflt_value: string | null;
  readonly pk: number;
  /** 2 and 3: generated. */
  readonly hidden: number;
}

interface Index {
  readonly name: string;
  readonly origin: string;
}

const NO_TABLE: Readonly<Record<string, string>> = {
  view: 'is a view, not a table',
  virtual: 'is a virtual table',
  shadow: 'belongs to a virtual table',
};

const list = (sql: Sqlite.Database, wanted: string): Listed => {
  const found = (sql.pragma('table_list') as Listed[]).find(
    ({ schema, name }) => schema === 'main' && fold(name) === fold(wanted),
  );
  if (found === undefined) throw new TableError(`table ${show(wanted)} does not exist: give the columns of a new one`);
  const said = NO_TABLE[found.type];
  if (said !== undefined) throw new TableError(`${show(found.name)} ${said}`);
  return found;
};

const columnOf = (part: Part, { wr }: Listed, alias: Part | undefined): TableColumn => ({
  name: part.name,
  type: part.type,
  // SQLite numbers a row that has NULL for its rowid, NOT NULL or not.
  nullable: part === alias || (part.notnull === 0 && (wr === 0 || part.pk === 0)),
  primaryKey: part.pk > 0,
  default: part.dflt_value,
  ...(part.hidden === 2 || part.hidden === 3 ? { generated: true } : {}),
});

const keyColumns = (sql: Sqlite.Database, index: string): readonly KeyColumn[] =>
  sql
    .prepare('SELECT name, coll AS collation FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno')
    .all(index) as KeyColumn[];

const rowidName = (table: string, parts: readonly Part[], alias: Part | undefined): string => {
  const taken = new Set(parts.map(({ name }) => fold(name)));
  const name = ['_rowid_', 'oid', 'rowid'].find((known) => !taken.has(known)) ?? alias?.name;
  if (name !== undefined) return name;
  throw new TableError(`table ${show(table)} has columns named rowid, oid and _rowid_: its rows cannot be told apart`);
};

const foreignTriggers = (sql: Sqlite.Database, table: string): boolean =>
  (
    sql
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE")
      .pluck()
      .all(table) as string[]
  ).some((name) => !isReserved(name));

/**
 * INSERT OR ABORT would keep the table's constraints from replacing or ignoring rows, but would reach into its
 * triggers and change what their statements do; a plain INSERT does neither.
 */
const refuseConflictClauses = (sql: Sqlite.Database, table: string) => {
  const made = sql.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table) as string;
  const [, clause] = /\bon\s+conflict\s+(replace|ignore|fail|rollback)\b/i.exec(made) ?? [];
  if (clause === undefined) return;
  const said = `triggers, and a constraint with ON CONFLICT ${clause.toUpperCase()}`;
  throw new TableError(`table ${show(table)} has ${said}: rows it refuses cannot be told`);
};

const refersToItself = (sql: Sqlite.Database, table: string): boolean =>
  (sql.prepare('SELECT "table" FROM pragma_foreign_key_list(?)').pluck().all(table) as string[]).some(
    (referred) => fold(referred) === fold(table),
  );
