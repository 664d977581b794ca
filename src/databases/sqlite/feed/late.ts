/**
 * SQL in triggers that names columns, and that no change of the columns breaks. ALTER TABLE rewrites the names in a
 * trigger when a column is renamed, and refuses to drop a column that a trigger names. So the triggers of a feed name
 * only columns that cannot be dropped directly. Every other name is resolved when the trigger fires:
 *
 * - Of a row in the table: `SELECT *` in a subquery supplies whatever columns the table has, and a join supplies NULL
 *   under each name that is missing.
 * - Of the new row: a view refers to `NEW.x` and has, in an outer scope, a table named `new` with that column. Within
 *   the trigger the name means the row; where there is no such column, or no trigger, it means that table.
 *
 * The trigger compares the texts in the catalogue with those that it was created for, and so knows of any such change.
 */
import type { Owner } from '../../../jobs/kind.ts';
import { quote } from '../names.ts';
import { feedNames, newRowName, triggerName } from './names.ts';
import type { WatchedTable } from './table.ts';

/** Rows of the table. */
export interface Rows {
  /** Belongs in a FROM clause. */
  readonly from: string;
  /** The value of a column; NULL if the table has no column of this name any more. */
  value(column: string): string;
}

const keyName = (part: number): string => `_signalbox_k${part}`;

/**
 * @param inner a condition on the table itself: it may name columns of the key and of constraints only
 * @param columns the names that are needed
 */
export const lateRows = (table: WatchedTable, inner: string, columns: readonly string[]): Rows => {
  const { key } = table;
  const its = quote(table.name);
  const keys = key.map(({ name }, part) => `${its}.${quote(name)} AS ${keyName(part)}`);
  // Also those of the key: a condition names them as they are, and then they may be missing, too.
  const missing = columns.map((name) => `NULL AS ${quote(name)}`).join(', ');
  return {
    from: [
      `(SELECT ${keys.join(', ')}, ${its}.* FROM ${its} WHERE ${inner})`,
      ...(columns.length === 0 ? [] : [`NATURAL LEFT JOIN (SELECT ${missing})`]),
    ].join(' '),
    value: (column) => {
      const part = key.findIndex(({ name }) => name === column);
      return part === -1 ? quote(column) : keyName(part);
    },
  };
};

/** The view of the new and the old row of the statement. */
export interface RowView {
  readonly name: string;
  readonly sql: string;
  /** SQL for a value of the new row. */
  value(column: string): string;
  /** Whether the statement changes one of the columns; as a side effect, SQLite loads their new values. */
  readonly isChanged: string;
}

/** @param columns at least one */
export const rowView = (owner: Owner, place: number, columns: readonly string[]): RowView => {
  const name = newRowName(owner, place);
  const view = quote(name);
  const values = columns.flatMap((column, i) => [
    `(SELECT NEW.${quote(column)}) AS n${i}`,
    `(SELECT OLD.${quote(column)}) AS o${i}`,
  ]);
  const missing = (alias: string) =>
    `(SELECT ${columns.map((column) => `NULL AS ${quote(column)}`).join(', ')}) AS ${alias}`;
  const differ = columns.map((_, i) => `n${i} IS NOT o${i} COLLATE BINARY`).join(' OR ');
  return {
    name,
    sql: `CREATE VIEW ${view} AS SELECT ${values.join(', ')} FROM ${missing('new')}, ${missing('old')}`,
    value: (column) => `(SELECT n${columns.indexOf(column)} FROM ${view})`,
    isChanged: `EXISTS (SELECT 1 FROM ${view} WHERE ${differ})`,
  };
};

/** The name that the table has now. ALTER TABLE keeps it in the trigger's own entry in the catalogue. */
const tableNow = (owner: Owner, place: number): string =>
  `(SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = '${triggerName(owner, place, 'ai')}')`;

/** NULL while the table's text is that of the column map; otherwise the text. */
export const changedText = (owner: Owner, place: number, columnMapId: number): string => {
  const columnMaps = quote(feedNames(owner).columnMaps);
  return `CASE WHEN EXISTS (SELECT 1 FROM ${columnMaps} m CROSS JOIN sqlite_master s ON s.rowid = m.object
    WHERE m.id = ${columnMapId} AND s.sql = m.text) THEN NULL
    ELSE (SELECT s.sql FROM sqlite_master s WHERE s.type = 'table' AND s.name = ${tableNow(owner, place)}) END`;
};

/**
 * Whether the table has a unique index that the triggers do not know, because it is new or its columns were renamed.
 * While the catalogue ends with the same object and the known indexes are where they were, there is none.
 */
export const hasUnknownIndex = (owner: Owner, place: number, columnMapId: number, indexes: number): string => {
  const names = feedNames(owner);
  const known = `${quote(names.indexes)} k`;
  return `CASE WHEN EXISTS (SELECT 1 FROM ${quote(names.columnMaps)} m CROSS JOIN sqlite_master s ON s.rowid = m.last
      WHERE m.id = ${columnMapId} AND s.sql IS m.lastText AND m.last = (SELECT max(rowid) FROM sqlite_master))
    AND ${indexes} = (SELECT count(*) FROM ${known} CROSS JOIN sqlite_master s ON s.rowid = k.object
      WHERE k.shape = ${columnMapId} AND s.sql = k.sql) THEN 0
    ELSE EXISTS (SELECT 1 FROM sqlite_master s WHERE s.type = 'index' AND s.tbl_name = ${tableNow(owner, place)}
      AND substr(s.sql, 1, 13) = 'CREATE UNIQUE' AND NOT EXISTS
      (SELECT 1 FROM ${known} WHERE k.shape = ${columnMapId} AND k.sql = s.sql)) END`;
};
