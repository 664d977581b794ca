/** Removes everything from a snapshot that does not belong in it. */
import type Sqlite from 'better-sqlite3';
import { listTables } from './catalogue.ts';
import { fold, isReserved, quote } from './names.ts';
import { belongingTo, declare, statementsOf } from './statements-check.ts';

interface Row {
  readonly rowid: number;
  readonly type: 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  readonly of: string;
  readonly rootpage: number | null;
}

/**
 * @param tables the tables to keep, with the objects that belong to them; null for all
 * @param leftOut the triggers, views and virtual tables to remove nevertheless, such as `trigger t`
 */
export const removeOthers = (
  sql: Sqlite.Database,
  tables: readonly string[] | null,
  leftOut: readonly string[] = [],
): void => {
  const rows = sql.prepare('SELECT rowid, type, name, tbl_name AS of, rootpage FROM sqlite_schema').all() as Row[];
  const isKept = keeperOf(sql, rows, tables);
  const isOut = ({ rootpage, type, name }: Row) => !rootpage && leftOut.includes(`${type} ${name}`);
  const removed = rows.filter((row) => (!isKept(row) || isOut(row)) && !/^sqlite_/i.test(row.name));
  // Tables without content of their own, such as virtual tables, only have to be removed from the catalogue. Once that
  // is done, the tables in which they keep their content are ordinary ones.
  removeFromCatalogue(
    sql,
    removed.filter(({ rootpage }) => !rootpage),
  );
  const stored = removed.filter(({ rootpage }) => rootpage);
  for (const { name } of stored.filter(({ type }) => type === 'table')) sql.exec(`DROP TABLE ${quote(name)}`);
  for (const { name } of stored.filter(({ type }) => type === 'index')) {
    sql.exec(`DROP INDEX IF EXISTS ${quote(name)}`);
  }
};

const keeperOf = (sql: Sqlite.Database, rows: readonly Row[], tables: readonly string[] | null) => {
  if (tables === null) return ({ name, of }: Row) => !isReserved(name) && !isReserved(of);
  const present = new Set(rows.filter(({ type }) => type === 'table').map(({ name }) => fold(name)));
  const missing = tables.find((table) => !present.has(fold(table)));
  if (missing !== undefined) throw new Error(`table ${quote(missing)} does not exist any more`);
  const all = [...tables, ...shadowsOf(sql, tables)];
  const kept = new Set(belongingTo(declare(statementsOf(sql)), all).map(({ type, name }) => `${type} ${name}`));
  return ({ type, name }: Row) => kept.has(`${type} ${name}`);
};

/** The tables in which some virtual tables keep their content. */
const shadowsOf = (sql: Sqlite.Database, tables: readonly string[]): readonly string[] => {
  const wanted = new Set(tables.map(fold));
  return listTables(sql).flatMap(({ name, shadowOf }) =>
    shadowOf !== null && wanted.has(fold(shadowOf)) ? [name] : [],
  );
};

const removeFromCatalogue = (sql: Sqlite.Database, rows: readonly Row[]) => {
  if (rows.length === 0) return;
  sql.unsafeMode(true);
  sql.pragma('writable_schema = ON');
  const remove = sql.prepare('DELETE FROM sqlite_schema WHERE rowid = ?');
  for (const { rowid } of rows) remove.run(rowid);
  sql.pragma(`schema_version = ${(sql.pragma('schema_version', { simple: true }) as number) + 1}`);
  sql.pragma('writable_schema = RESET');
  sql.unsafeMode(false);
};
