/**
 * Checks the statements of a database: each is a single statement that creates a table, an index, a trigger or a view.
 * SQLite itself reports what they create, in a database without rows.
 */
import Sqlite from 'better-sqlite3';
import { cutText, messageOf } from '../../errors.ts';
import { readObjects } from './catalogue.ts';
import { fold, isReserved, quote } from './names.ts';
import { headOf, type ObjectType } from './sql-text.ts';

export interface Declared {
  readonly type: ObjectType;
  readonly name: string;
  /** The table of an index or a trigger; otherwise the object's own name. */
  readonly table: string;
  readonly sql: string;
}

/** Explains what is wrong with a statement. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/**
 * The objects that statements create, tables first.
 * @throws StatementError naming the first statement that is not allowed
 */
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
        // A statement that is followed by another one is rejected here.
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

/** The statements of a catalogue, without the objects of SQLite and of jobs. */
export const statementsOf = (sql: Sqlite.Database): readonly string[] =>
  readObjects(sql).flatMap((object) => (object.sql === null || isReserved(object.name) ? [] : [object.sql]));

/**
 * The objects that belong to some tables: the tables themselves, their indexes and triggers, and each view that needs
 * one of them and otherwise only objects in `there`; also the triggers of such views.
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

/** The views that can be read if these tables exist. */
const readable = (views: readonly Declared[], tables: readonly string[]): ReadonlySet<string> =>
  inProbe((sql) => {
    // A conflict with an existing object of the same name is reported elsewhere.
    for (const table of tables) isMade(sql, table);
    for (const { sql: statement } of views) isMade(sql, statement);
    return new Set(views.map(({ name }) => name).filter((name) => isMade(sql, `SELECT 1 FROM ${quote(name)}`)));
  });

/** Prepares the statement, executes it unless it returns rows, and returns whether that succeeded. */
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
