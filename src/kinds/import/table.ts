/** What an import has to know of a table that is there already. */
import type Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../databases/database.ts';
import {
  type Table as CatalogueTable,
  type Column,
  foreignKeysOf,
  NO_ROWID,
  notOrdinary,
  readTable as readCatalogueTable,
  triggersOn,
} from '../../databases/sqlite/catalogue.ts';
import { isWord, tokensOf } from '../../databases/sqlite/lexer.ts';
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
  override readonly name = 'TableError';
}

/** @throws TableError unless it is an ordinary table whose rows can be told apart */
export const readTable = (sql: Sqlite.Database, wanted: string): Table => {
  const table = readCatalogueTable(sql, wanted);
  if (table === undefined) throw new TableError(`table ${show(wanted)} does not exist: give the columns of a new one`);
  const { name, alias } = table;
  const not = notOrdinary(table);
  if (not !== null) throw new TableError(`${show(name)} ${not}`);
  if (table.rowid === null && !table.withoutRowid) throw new TableError(`table ${show(name)} ${NO_ROWID}`);
  const hasTriggers = triggersOn(sql, name).some((trigger) => !isReserved(trigger.name));
  if (hasTriggers) refuseConflictClauses(table);
  return {
    name,
    columns: table.columns.map((column) => columnOf(column, table)),
    primaryKey: alias === null ? table.key : [],
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
  // SQLite numbers a row that has NULL for its rowid, NOT NULL or not.
  nullable: column.name === alias || (!column.notNull && (!withoutRowid || column.keyPosition === 0)),
  primaryKey: column.keyPosition > 0,
  default: column.default,
  ...(column.generated ? { generated: true } : {}),
});

/**
 * INSERT OR ABORT would keep the table's constraints from replacing or ignoring rows, but would reach into its
 * triggers and change what their statements do; a plain INSERT does neither.
 */
const refuseConflictClauses = ({ name, sql }: CatalogueTable) => {
  const tokens = tokensOf(sql);
  const clause = tokens.find(
    (token, at) =>
      isWord(token, 'replace', 'ignore', 'fail', 'rollback') &&
      isWord(tokens[at - 1], 'conflict') &&
      isWord(tokens[at - 2], 'on'),
  );
  if (clause === undefined) return;
  const said = `triggers, and a constraint with ON CONFLICT ${clause.text.toUpperCase()}`;
  throw new TableError(`table ${show(name)} has ${said}: rows it refuses cannot be told`);
};
