/** The properties of an existing table that an import needs. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Table as CatalogueTable,
  type Column,
  foreignKeysOf,
  NO_ROWID,
  notOrdinary,
  readTable as readCatalogueTable,
  triggersOn,
} from '../../../databases/sqlite/catalogue.ts';
import { isWord, tokensOf } from '../../../databases/sqlite/lexer.ts';
import { fold, isReserved } from '../../../databases/sqlite/names.ts';
import type { TableColumn } from '../details.ts';

export interface Table {
  /** The name as spelled in the catalogue. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly KeyColumn[];
  readonly isStrict: boolean;
  /** A name for the rowid; null for a WITHOUT ROWID table. */
  readonly rowid: string | null;
  /** The column that is an alias of the rowid. */
  readonly alias: string | null;
  /** VACUUM may renumber its rows, because neither a column nor an index holds the rowids. */
  readonly renumbered: boolean;
  /** The table has triggers that were not created by jobs. */
  readonly hasTriggers: boolean;
  /** The result for a row may depend on the rows before it in the same statement. */
  readonly singly: boolean;
}

export interface KeyColumn {
  readonly name: string;
  readonly collation: string;
}

/** The reason why rows cannot be imported into a table, as a message for people. */
export class TableError extends Error {
  override readonly name = 'TableError';
}

/** @throws TableError unless it is an ordinary table whose rows can be identified */
export const readTable = (sql: Sqlite.Database, wanted: string): Table => {
  const table = readCatalogueTable(sql, wanted);
  if (table === undefined) throw new TableError(`table ${show(wanted)} does not exist: specify columns to create it`);
  const { name, alias } = table;
  const not = notOrdinary(table);
  if (not !== null) throw new TableError(`${show(name)} ${not}`);
  if (table.rowid === null && !table.withoutRowid) throw new TableError(`table ${show(name)} ${NO_ROWID}`);
  const hasTriggers = triggersOn(sql, name).some((trigger) => !isReserved(trigger.name));
  if (hasTriggers) rejectConflictClauses(table);
  return {
    name,
    columns: table.columns.map((column) => columnOf(column, table)),
    primaryKey: alias === null ? table.key : [],
    isStrict: table.strict,
    rowid: table.rowid,
    alias,
    renumbered: table.isRenumbered,
    hasTriggers,
    singly: hasTriggers || foreignKeysOf(sql, name).some((key) => fold(key.table) === fold(name)),
  };
};

const columnOf = (column: Column, { withoutRowid, alias }: CatalogueTable): TableColumn => ({
  name: column.name,
  type: column.type,
  // SQLite assigns a number when the rowid is NULL, even if the column is NOT NULL.
  nullable: column.name === alias || (!column.notNull && (!withoutRowid || column.keyPosition === 0)),
  primaryKey: column.keyPosition > 0,
  default: column.default,
  ...(column.generated ? { generated: true } : {}),
});

/**
 * INSERT OR ABORT would keep the table's constraints from replacing or ignoring rows, but it would also override the
 * conflict clauses of statements in its triggers. A plain INSERT does neither.
 */
const rejectConflictClauses = ({ name, sql }: CatalogueTable) => {
  const tokens = tokensOf(sql);
  const clause = tokens.find(
    (token, at) =>
      isWord(token, 'replace', 'ignore', 'fail', 'rollback') &&
      isWord(tokens[at - 1], 'conflict') &&
      isWord(tokens[at - 2], 'on'),
  );
  if (clause === undefined) return;
  const clauses = `triggers, and a constraint with ON CONFLICT ${clause.text.toUpperCase()}`;
  throw new TableError(`table ${show(name)} has ${clauses}: the rows that it rejects cannot be identified`);
};
