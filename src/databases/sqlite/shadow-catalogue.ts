/**
 * An in-memory database with the catalogue of another database and no rows. SQLite itself tries each change there, so
 * that its effect on the catalogue is known before the target is touched.
 */
import Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import { type Column, columnsOf, readObjects } from './catalogue.ts';
import { type CatalogueObject, keyOf } from './catalogue-object.ts';
import { isReserved, quote } from './names.ts';
import { createSubstituted, type Substitutions, setAsideBroken, withFunctions } from './substitutions.ts';

/**
 * The catalogue in creation order, without the objects of SQLite and of jobs. Indexes of constraints are part of their
 * table.
 */
export const readCatalogue = (sql: Sqlite.Database): readonly CatalogueObject[] =>
  readObjects(sql)
    .filter(({ name, table }) => !isReserved(name) && !isReserved(table))
    .flatMap(({ sql: text, ...object }) => {
      if (text === null) return [];
      const stated = { ...object, sql: text };
      return [/^CREATE VIRTUAL /i.test(text) ? standInFor(sql, stated) : stated];
    });

/** A table with the same columns and nothing else. */
export const standInFor = (
  sql: Sqlite.Database,
  { name, table }: Pick<CatalogueObject, 'name' | 'table'>,
): CatalogueObject => {
  const columns = columnNames(sql, name).map((column) => quote(column));
  const statement = `CREATE TABLE ${quote(name)} (${columns.length === 0 ? '_' : columns.join(', ')})`;
  return { type: 'table', name, table, sql: statement, standIn: true };
};

const columnNames = (
  sql: Sqlite.Database,
  table: string,
  isWanted: (column: Column) => boolean = () => true,
): readonly string[] => {
  try {
    return columnsOf(sql, table)
      .filter(isWanted)
      .map(({ name }) => name);
  } catch {
    // A virtual table whose module is not loaded, or a view that is broken.
    return [];
  }
};

export interface ShadowCatalogue {
  readonly sql: Sqlite.Database;
  /** The objects that could not be created, or that SQLite cannot parse, with the reason. They are not in `sql`. */
  readonly missing: ReadonlyMap<string, string>;
  [Symbol.dispose](): void;
}

const ORDER = ['table', 'index', 'view', 'trigger'] as const;

/** @param real provides the columns of tables that cannot be created here */
export const openShadowCatalogue = (
  objects: readonly CatalogueObject[],
  real: Sqlite.Database,
  substitutions: Substitutions,
): ShadowCatalogue => {
  const sql = new Sqlite(':memory:');
  const missing = new Map<string, string>();
  try {
    // Nothing of the user's is executed here, and a function that stands in for a missing one is never trusted.
    sql.pragma('trusted_schema = ON');
    sql.pragma('legacy_alter_table = OFF');
    sql.pragma('foreign_keys = ON');
    const inOrder = ORDER.flatMap((type) => objects.filter((one) => one.type === type));
    for (const object of inOrder) {
      const reason = createSubstituted(sql, object, substitutions);
      if (reason === null) continue;
      missing.set(keyOf(object), reason);
      if (object.type === 'table') sql.prepare(standInFor(real, object).sql).run();
    }
    setAsideBroken(sql, inOrder, missing, substitutions);
  } catch (error) {
    sql.close();
    throw error;
  }
  return { sql, missing, [Symbol.dispose]: () => sql.close() };
};

/**
 * The current objects of a shadow catalogue, in place of the original ones. Objects that could not be created in it are
 * returned unchanged.
 */
export const objectsIn = (
  { sql, missing }: ShadowCatalogue,
  objects: readonly CatalogueObject[],
): readonly CatalogueObject[] => {
  const now = new Map(readCatalogue(sql).map((object) => [keyOf(object), object]));
  const kept = objects.flatMap((object) => {
    const key = keyOf(object);
    const found = missing.has(key) || object.standIn ? object : now.get(key);
    now.delete(key);
    return found ?? [];
  });
  return [...kept, ...now.values()];
};

/** Whether a table or a view supports a statement: SQLite's reason for not preparing it, or null. */
export interface Use {
  readonly object: Pick<CatalogueObject, 'type' | 'name'>;
  readonly error: string | null;
}

/** By object and verb. */
export const usesOf = (
  sql: Sqlite.Database,
  objects: readonly Pick<CatalogueObject, 'type' | 'name'>[],
): ReadonlyMap<string, Use> => usesBy(sql, objects, (statement) => errorOf(sql, statement));

/** As if no function were missing, so that nothing hides another error. Objects that are set aside support nothing. */
export const usesIn = (
  { sql, missing }: ShadowCatalogue,
  objects: readonly Pick<CatalogueObject, 'type' | 'name'>[],
): ReadonlyMap<string, Use> =>
  usesBy(
    sql,
    objects.filter((object) => !missing.has(keyOf(object))),
    (statement) => withFunctions(sql, () => sql.prepare(statement)),
  );

const usesBy = (
  sql: Sqlite.Database,
  objects: readonly Pick<CatalogueObject, 'type' | 'name'>[],
  errorIn: (statement: string) => string | null,
): ReadonlyMap<string, Use> =>
  new Map(
    objects
      .filter(({ type }) => type === 'table' || type === 'view')
      .flatMap((object) =>
        Object.entries(statementsOn(sql, object.name)).map(([verb, statement]): [string, Use] => [
          `${keyOf(object)} ${verb}`,
          { object, error: errorIn(statement) },
        ]),
      ),
  );

/** To prepare these, SQLite compiles every trigger and every foreign key. */
const statementsOn = (sql: Sqlite.Database, object: string): Readonly<Record<string, string>> => {
  const name = quote(object);
  const set = columnNames(sql, object, ({ generated }) => !generated).map(
    (column) => `${quote(column)} = ${quote(column)}`,
  );
  return {
    select: `SELECT * FROM ${name}`,
    insert: `INSERT INTO ${name} DEFAULT VALUES`,
    delete: `DELETE FROM ${name}`,
    ...(set.length === 0 ? {} : { update: `UPDATE ${name} SET ${set.join(', ')}` }),
  };
};

const errorOf = (sql: Sqlite.Database, statement: string): string | null => {
  try {
    sql.prepare(statement);
    return null;
  } catch (error) {
    return messageOf(error);
  }
};
