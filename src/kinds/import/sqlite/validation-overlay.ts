/**
 * The rows of an existing table that a validation with onConflict REPLACE or UPDATE would delete or update. The table
 * itself is not changed. Before a row is inserted into the hidden table, the rows of the existing one that it conflicts
 * with are copied there, and their keys are recorded: from then on, the copies are the rows of the table. The conflict is
 * then resolved among the rows of the hidden table.
 */
import type Sqlite from 'better-sqlite3';
import type { Table } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, uniqueIndex, uniqueRowid } from '../../../databases/sqlite/displaced.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { keyOf } from './row-key.ts';

/** All methods run inside a transaction. */
export interface Overlay {
  /** SQL that is true of a row of the existing table that has no copy. */
  isCurrent(row: string): string;
  /** SQL that is true while rows are copied. */
  readonly isCopying: string;
  /** Prepares an INSERT of one row into the hidden table. It inserts copies only: of the rows that conflict with it. */
  prepare(insert: string): (values: readonly unknown[]) => void;
}

const STATE = '_signalbox_copying';
const FOUND = '_signalbox_copied';
const TRIGGER = '_signalbox_copy';

const collationsOf = ({ rowid, key }: Table): readonly string[] =>
  rowid === null ? key.map(({ collation }) => ` COLLATE ${quote(collation)}`) : [''];

/** Inside a transaction. Creates the table with the keys of the rows that have copies. */
export const createMoved = (sql: Sqlite.Database, table: Table, moved: string): void => {
  const collations = collationsOf(table);
  const keys = keyOf(table).map((_, i) => `k${i}`);
  const declared = keys.map((key, i) => `${key}${collations[i]}`).join(', ');
  sql.exec(`DROP TABLE IF EXISTS ${quote(moved)};
    CREATE TABLE ${quote(moved)} (${declared}, PRIMARY KEY (${keys.join(', ')})) WITHOUT ROWID`);
};

export const openOverlay = (sql: Sqlite.Database, table: Table, hidden: string, moved: string): Overlay => {
  dropOverlay(sql);
  const its = quote(table.name);
  const keys = keyOf(table);
  const collations = collationsOf(table);
  const isSame = (row: string, other: string) =>
    keys.map((name, i) => `${row}.${quote(name)}${collations[i]} = +${other}.k${i}`).join(' AND ');
  const isCurrent = (row: string) => {
    const key = keys.map((name, i) => `m.k${i} = +${row}.${quote(name)}`).join(' AND ');
    return `NOT EXISTS (SELECT 1 FROM ${quote(moved)} AS m WHERE ${key})`;
  };
  const displaced = displacedIn(table);
  const uniques = [
    ...(table.alias === null ? [] : [uniqueRowid(table.alias)]),
    ...table.indexes.filter(({ unique }) => unique).map(uniqueIndex),
  ];
  const parts = keys.map((name) => `${its}.${quote(name)}`).join(', ');
  const columns = table.columns.filter(({ generated }) => !generated).map(({ name }) => quote(name));
  const find = uniques.map(
    (unique) =>
      `INSERT INTO ${FOUND} SELECT ${parts} FROM ${its} WHERE ${displaced(unique).where} AND ${isCurrent(its)}
         AND NOT EXISTS (SELECT 1 FROM ${FOUND} WHERE ${isSame(its, FOUND)});`,
  );
  sql.exec(`
    CREATE TEMP TABLE ${STATE} (armed, copying);
    INSERT INTO ${STATE} VALUES (0, 0);
    CREATE TEMP TABLE ${FOUND} (${keys.map((_, i) => `k${i}`).join(', ')});
    CREATE TEMP TRIGGER ${TRIGGER} BEFORE INSERT ON main.${quote(hidden)} WHEN (SELECT armed FROM ${STATE}) BEGIN
      UPDATE ${STATE} SET armed = 0, copying = 1;
      ${find.join('\n')}
      INSERT INTO ${quote(moved)} SELECT * FROM ${FOUND};
      INSERT INTO ${quote(hidden)} (${columns.join(', ')})
        SELECT ${columns.map((name) => `${its}.${name}`).join(', ')} FROM ${FOUND} CROSS JOIN ${its} ON ${isSame(its, FOUND)};
      DELETE FROM ${FOUND};
      UPDATE ${STATE} SET copying = 0;
      SELECT RAISE(IGNORE);
    END`);
  const arm = sql.prepare(`UPDATE ${STATE} SET armed = 1`);
  const disarm = sql.prepare(`UPDATE ${STATE} SET armed = 0`);
  return {
    isCurrent,
    isCopying: `(SELECT copying FROM ${STATE})`,
    prepare: (insert) => {
      const copy = sql.prepare(insert);
      return (values) => {
        arm.run();
        try {
          copy.run(...values);
        } finally {
          disarm.run();
        }
      };
    },
  };
};

/** Removes the temporary objects. */
export const dropOverlay = (sql: Sqlite.Database): void => {
  sql.exec(`DROP TRIGGER IF EXISTS temp.${TRIGGER}`);
  for (const name of [STATE, FOUND]) sql.exec(`DROP TABLE IF EXISTS temp.${name}`);
};
