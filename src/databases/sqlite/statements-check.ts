/**
 * The statements of a database, checked: each is one, and makes a table, an index, a trigger or a view. SQLite itself
 * says what they make, in a database without rows.
 */
import Sqlite from 'better-sqlite3';
import { cutText, messageOf } from '../../errors.ts';
import { readObjects } from './catalogue.ts';
import { fold, isReserved, quote } from './names.ts';
import { headOf, type ObjectType } from './sql-text.ts';

export interface Declared {
  readonly type: ObjectType;
  readonly name: string;
  /** Of an index or a trigger, what it is of; else its own name. */
  readonly table: string;
  readonly sql: string;
}

/** What is wrong with a statement, in words for people. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/** What statements make, tables first. @throws StatementRefused naming the first that is not to be carried out */
export const declare = (statements: readonly string[]): readonly Declared[] =>
  inProbe((sql) => {
    const heads = statements.map((statement) => {
      const head = headOf(statement);
      if (head === null) throw refused(statement, 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW');
      if (isReserved(head.name)) throw refused(statement, 'has a name that is reserved');
      return { ...head, statement };
    });
    const inOrder = ORDER.flatMap((type) => heads.filter((head) => head.type === type));
    return inOrder.map(({ type, name, statement }) => {
      try {
        // One that ends before the text does, so that another follows, is refused here.
        sql.prepare(statement).run();
      } catch (error) {
        throw refused(statement, `cannot be carried out: ${messageOf(error)}`);
      }
      const find = sql.prepare('SELECT tbl_name FROM sqlite_schema WHERE type = ? AND name = ?').pluck();
      const table = find.get(type, name) as string | undefined;
      if (table === undefined) throw refused(statement, `does not make the ${type} ${quote(name)}`);
      return { type, name, table, sql: statement };
    });
  });

/** What a catalogue has, without what SQLite and jobs keep for themselves. */
export const statementsOf = (sql: Sqlite.Database): readonly string[] =>
  readObjects(sql).flatMap((object) => (object.sql === null || isReserved(object.name) ? [] : [object.sql]));

/**
 * What belongs to some tables: themselves, their indexes and triggers, and each view that needs one of them, and no
 * other but those that are `there` already; with the triggers of such views.
 */
export const belongingTo = (
  all: readonly Declared[],
  tables: readonly string[],
  there: readonly string[] = [],
): readonly Declared[] => {
  const wanted = new Set(tables.map(fold));
  const declared = all.filter(({ type, name }) => type === 'table' && wanted.has(fold(name)));
  const views = all.filter(({ type }) => type === 'view');
  const without = readable(views, there);
  const read = readable(views, [...there, ...declared.map(({ sql }) => sql)]);
  for (const view of read) if (!without.has(view)) wanted.add(fold(view));
  return all.filter(({ type, name, table }) => wanted.has(fold(type === 'view' ? name : table)));
};

const ORDER: readonly ObjectType[] = ['table', 'index', 'view', 'trigger'];

/** The views that can be read where there are these tables. */
const readable = (views: readonly Declared[], tables: readonly string[]): ReadonlySet<string> =>
  inProbe((sql) => {
    // One that is there already under the same name is refused elsewhere.
    for (const table of tables) isMade(sql, table);
    for (const { sql: statement } of views) isMade(sql, statement);
    return new Set(views.map(({ name }) => name).filter((name) => isMade(sql, `SELECT 1 FROM ${quote(name)}`)));
  });

/** Whether it can be carried out; it is. */
const isMade = (sql: Sqlite.Database, statement: string): boolean => {
  try {
    const prepared = sql.prepare(statement);
    if (!prepared.reader) prepared.run();
    return true;
  } catch {
    return false;
  }
};

const inProbe = <T>(use: (sql: Sqlite.Database) => T): T => {
  const sql = new Sqlite(':memory:');
  try {
    sql.pragma('trusted_schema = OFF');
    return use(sql);
  } finally {
    sql.close();
  }
};

const refused = (statement: string, message: string) =>
  new StatementError(`the statement ${JSON.stringify(cutText(statement, 100))} ${message}`);
