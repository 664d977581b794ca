/**
 * Finds rows that a REPLACE displaces by a default that cannot be predicted, such as `random()`. SQLite evaluates it
 * after the BEFORE trigger, so only an AFTER trigger sees the value, and by then the displaced row is gone. The entries
 * that copied rows have in such a unique index are therefore recorded in a table, and the AFTER trigger looks up which
 * other rows had the entry of the new one. An entry that is no longer true does no harm: its row is only read again.
 *
 * The copy itself does not serve for this, because the change may drop the index, or convert or drop its columns.
 */
import type Sqlite from 'better-sqlite3';
import { findObject, readTable } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, type IndexEntry, uniqueIndex } from '../../../databases/sqlite/displaced.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { isKeyOf, keyColumns, noted } from './key-sql.ts';
import type { CopyNames } from './names.ts';
import type { TablePlan } from './table-plan.ts';

export interface UniqueEntries {
  /** The statement that creates the table. */
  readonly created: string;
  /** Adds the entries of the rows for which a condition is true. */
  record(rows: string): string;
  /** Selects the keys of the rows that had the entry of the row that a trigger was fired for. */
  readonly displaced: string;
}

/** Runs inside a transaction. */
export const createEntries = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  for (const { created } of entriesIn(sql, table, names)) sql.exec(created);
};

/** The tables that exist: jobs of an older version have none. */
export const entriesOf = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): readonly UniqueEntries[] =>
  entriesIn(sql, table, names).filter(({ name }) => findObject(sql, 'table', name) !== undefined);

const entriesIn = (sql: Sqlite.Database, plan: TablePlan, names: CopyNames) => {
  const table = readTable(sql, plan.name);
  if (table === undefined) return [];
  return table.indexes
    .filter(({ unique }) => unique)
    .map((index) => displacedIn(table)(uniqueIndex(index)))
    .filter(({ isUnpredictable }) => isUnpredictable)
    .map(({ entry }, i) => ({ name: `${names.entries}${i}`, ...uniqueEntries(plan, `${names.entries}${i}`, entry) }));
};

const uniqueEntries = ({ name: table, key }: TablePlan, name: string, { parts, where }: IndexEntry): UniqueEntries => {
  const [entries, its] = [quote(name), quote(table)];
  const columns = [
    ...parts.map(({ collation }, i) => `v${i}${collation === null ? '' : ` COLLATE ${quote(collation)}`}`),
    ...noted(key),
  ];
  const unqualified = [...parts.map((_, i) => `v${i}`), ...noted(key)].join(', ');
  const values = parts.map(({ value }) => value);
  const isIndexed = where === null ? 'TRUE' : `(${where})`;
  const ofNew = (value: string) => `(SELECT +(${value}) FROM ${its} WHERE ${isKeyOf(key, 'NEW.')} AND ${isIndexed})`;
  return {
    created: `CREATE TABLE ${entries} (${columns.join(', ')}, PRIMARY KEY (${unqualified})) WITHOUT ROWID`,
    // IGNORE also skips a row with a NULL, which equals no other.
    record: (rows) =>
      `INSERT OR IGNORE INTO ${entries} SELECT ${[...values, ...keyColumns(key, 'from')].join(', ')} FROM ${its}
       WHERE (${rows}) AND ${isIndexed}`,
    displaced: `SELECT ${noted(key).join(', ')} FROM ${entries} WHERE ${values.map((value, i) => `v${i} = ${ofNew(value)}`).join(' AND ')}`,
  };
};
