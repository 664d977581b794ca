/**
 * How a copy learns what writers do meanwhile. Triggers on the table note the keys of the rows that change, in a table
 * that takes anything and refuses nothing: no writer can get an error from it. The job reads the rows again under the
 * noted keys. A row that is pushed out by a REPLACE fires no trigger of its own in a connection of somebody else's: for
 * each unique index a trigger BEFORE the change notes whom it would push out. A key noted in vain does no harm.
 */
import type Sqlite from 'better-sqlite3';
import { isReserved, quote } from '../../databases/sqlite/names.ts';
import { isLiteral, readIndexText } from '../../databases/sqlite/sql-text.ts';
import { type Column, columnsOf, type Index, indexesOf, partsOf } from './catalogue.ts';
import { keyColumns, noted } from './key-sql.ts';
import type { CopyNames } from './names.ts';
import type { TablePlan } from './plan.ts';

/** Inside a transaction. */
export const createWatch = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  const columns = noted(table.key).join(', ');
  // No types, no order but that of arrival, and nothing unique: the conflict clause of a writer's statement holds here too.
  sql.exec(`CREATE TABLE ${quote(names.log)} (seq INTEGER PRIMARY KEY, ${columns})`);
  createTriggers(sql, table, names);
};

/**
 * What has become of the triggers. SQLite fires the newest first: when one of somebody else's that was made later fails
 * under OR FAIL, which keeps the row all the same, those behind it do not fire. They are made anew then.
 */
export const lookAtWatch = (
  sql: Sqlite.Database,
  table: TablePlan,
  names: CopyNames,
): 'there' | 'there, and not the newest' | 'gone' => {
  const triggers = sql
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY rowid")
    .pluck()
    .all(table.name) as string[];
  const own = triggers.filter((name) => name.startsWith(names.trigger));
  if (own.length !== triggersOf(sql, table, names).length) return 'gone';
  const others = triggers.slice(triggers.indexOf(own[0] ?? ''));
  return others.every(isReserved) ? 'there' : 'there, and not the newest';
};

/** Inside a transaction. */
export const renewWatch = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  for (const i of triggersOf(sql, table, names).keys()) sql.exec(`DROP TRIGGER ${quote(`${names.trigger}${i}`)}`);
  createTriggers(sql, table, names);
};

const createTriggers = (sql: Sqlite.Database, table: TablePlan, names: CopyNames) => {
  for (const [i, trigger] of triggersOf(sql, table, names).entries()) {
    sql.exec(`CREATE TRIGGER ${quote(`${names.trigger}${i}`)} ${trigger}`);
  }
};

const triggersOf = (sql: Sqlite.Database, { name, key }: TablePlan, { log }: CopyNames): readonly string[] => {
  const table = quote(name);
  const into = `INSERT INTO ${quote(log)} (${noted(key).join(', ')})`;
  const [old, now] = [keyColumns(key, 'from', 'OLD.'), keyColumns(key, 'from', 'NEW.')];
  const isOther = keyColumns(key, 'from')
    .map((column, i) => `${column} IS NOT ${old[i]} COLLATE BINARY`)
    .join(' OR ');
  const isMoved = old.map((column, i) => `${column} IS NOT ${now[i]} COLLATE BINARY`).join(' OR ');
  return [
    `AFTER INSERT ON ${table} BEGIN ${into} VALUES (${now.join(', ')}); END`,
    `AFTER DELETE ON ${table} BEGIN ${into} VALUES (${old.join(', ')}); END`,
    `AFTER UPDATE ON ${table} BEGIN
       ${into} VALUES (${old.join(', ')});
       ${into} SELECT ${now.join(', ')} WHERE ${isMoved};
     END`,
    ...indexesOf(sql, name)
      .filter((index) => index.unique && !isKeyOfRows(sql, name, index))
      .flatMap((index) => {
        const { when, where, of, load } = displaced(sql, name, index);
        const note = `${into} SELECT ${keyColumns(key, 'from').join(', ')} FROM ${table} WHERE ${where}`;
        return [
          `BEFORE INSERT ON ${table}${when} BEGIN ${note}; END`,
          `BEFORE UPDATE${of} ON ${table}${when} BEGIN ${load}${note} AND (${isOther}); END`,
        ];
      }),
  ];
};

/** Of a table WITHOUT ROWID: who is pushed out by it has the key of the new row, which is noted anyhow. */
const isKeyOfRows = (sql: Sqlite.Database, table: string, { origin }: Index): boolean =>
  origin === 'pk' &&
  sql.prepare("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?").pluck().get(table) === 1;

interface Displaced {
  /** When the new row is in the index at all. */
  readonly when: string;
  /** Which row is in its place. */
  readonly where: string;
  /** The columns that have to be set for it. */
  readonly of: string;
  /** SQLite computes a generated column of NEW from those columns alone that the trigger reads: so it reads all. */
  readonly load: string;
}

const displaced = (sql: Sqlite.Database, table: string, index: Index): Displaced => {
  const columns = columnsOf(sql, table);
  const parts = partsOf(sql, index.name);
  const named = parts.flatMap(({ name }) => columns.find((column) => column.name === name) ?? []);
  if (!index.partial && named.length === parts.length) {
    const where = parts.map(({ collation }, i) => {
      const column = named[i] as Column;
      return `${quote(column.name)} COLLATE ${quote(collation)} = ${newValue(column)}`;
    });
    const of = named.some(({ generated }) => generated) ? '' : ` OF ${named.map(({ name }) => quote(name)).join(', ')}`;
    const load = `SELECT ${columns.map(({ name }) => `NEW.${quote(name)}`).join(', ')}; `;
    return { when: '', where: where.join(' AND '), of, load: of === '' ? load : '' };
  }
  const text = readIndexText(
    sql.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(index.name) as string,
  );
  // Here the names of the columns mean the new row, so that an expression can stand as it was written.
  const scope = `(SELECT ${columns.map((column) => `${newValue(column)} AS ${quote(column.name)}`).join(', ')}) AS ${quote(table)}`;
  const where = text.parts.map(
    (part, i) => `(${part}) COLLATE ${quote(parts[i]?.collation ?? 'BINARY')} = (SELECT ${part} FROM ${scope})`,
  );
  if (text.where !== null) where.unshift(`(${text.where})`);
  return {
    when: text.where === null ? '' : ` WHEN (SELECT ${text.where} FROM ${scope})`,
    where: where.join(' AND '),
    of: '',
    // All are in the scope.
    load: '',
  };
};

/** REPLACE puts the default in the place of a NULL that is not allowed. */
const newValue = ({ name, notNull, default: text }: Column): string =>
  notNull && text !== null && isLiteral(text) ? `coalesce(NEW.${quote(name)}, ${text})` : `NEW.${quote(name)}`;
