/** Plans a restore and checks that it is possible: when the job is created, and again before the backup is used. */
import Sqlite from 'better-sqlite3';
import type { Manifest } from '../../../backup-format/manifest.ts';
import { show } from '../../../databases/show.ts';
import { nameConflict } from '../../../databases/sqlite/catalogue.ts';
import { checkCopyable } from '../../../databases/sqlite/copy.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import {
  belongingTo,
  type Declared,
  declare,
  StatementError,
  statementsOf,
} from '../../../databases/sqlite/statements-check.ts';
import { NameConflictError, PlanError, type Wanted } from '../port.ts';

export interface Plan {
  /** In the order of the manifest. */
  readonly tables: readonly PlannedTable[];
  /** Created after all tables. Views come first, since a trigger may belong to one. */
  readonly others: readonly Declared[];
  /** A warning for each trigger and view that is left out. */
  readonly leftOut: readonly string[];
}

interface PlannedTable {
  readonly name: string;
  readonly sql: string;
  readonly indexes: readonly Declared[];
  /** The number in the manifest. */
  readonly rows: number;
}

/**
 * @param target null for a new database
 * @param restoresTriggers whether triggers and views are restored: their SQL runs when others write and read
 * @throws PlanError
 */
export const planOf = (
  manifest: Manifest,
  { tables, isAll }: Pick<Wanted, 'tables' | 'isAll'>,
  target: Sqlite.Database | null,
  restoresTriggers: boolean,
): Plan => {
  const declared = declareAll(manifest);
  const existing = target === null ? [] : statementsOf(target).filter((statement) => /^CREATE TABLE /.test(statement));
  const chosen = isAll ? declared : belongingTo(declared, tables, existing);
  const planned = chosen
    .filter(({ type }) => type === 'table')
    .map(({ name, sql }) => ({
      name,
      sql,
      indexes: chosen.filter(({ type, table }) => type === 'index' && fold(table) === fold(name)),
      rows: manifest.tables.find((table) => table.name === name)?.rows ?? 0,
    }));
  if (target !== null) checkTables(planned);
  const others = ['view', 'trigger'].flatMap((type) => chosen.filter((one) => one.type === type));
  for (const { type, name, sql } of others) {
    // Wherever the name is, and however it is quoted: SQLite also takes a string for a name.
    if (/_signalbox_/i.test(sql)) throw new PlanError(`the backup has a ${type} ${show(name)} that names _signalbox_…`);
  }
  if (restoresTriggers) return { tables: planned, others, leftOut: [] };
  const why = 'the creator of the job is not an admin and does not have the privilege TRIGGERS';
  const leftOut = others.map(({ type, name }) => `${type} ${show(name)} was left out: ${why}`);
  return { tables: planned, others: [], leftOut };
};

/** @throws NameConflictError, or Error if the target has another encoding */
export const checkTarget = (target: Sqlite.Database, database: string, manifest: Manifest, plan: Plan): void => {
  const encoding = target.pragma('encoding', { simple: true }) as string;
  if (encoding !== manifest.encoding) {
    throw new Error(`database ${show(database)} is in ${encoding}, and the backup in ${manifest.encoding}`);
  }
  checkNames(target, database, plan);
};

/** @throws NameConflictError */
export const checkNames = (target: Sqlite.Database, database: string, { tables, others }: Plan): void => {
  const needed = [...tables.flatMap(({ name, indexes }) => [{ name, type: 'table' as const }, ...indexes]), ...others];
  for (const { name, type } of needed) {
    const found = nameConflict(target, name, type);
    if (found === null) continue;
    throw new NameConflictError(`database ${show(database)} has ${found} named ${show(name)} already`);
  }
};

const declareAll = (manifest: Manifest): readonly Declared[] => {
  try {
    const declared = declare(manifest.statements);
    const names = declared.filter(({ type }) => type === 'table').map(({ name }) => name);
    const listed = manifest.tables.map(({ name }) => name);
    if (names.length === listed.length && names.every((name) => listed.includes(name))) return declared;
    throw new PlanError('the manifest of the backup is invalid: its statements create other tables than it lists');
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new PlanError(`the manifest of the backup is invalid: ${error.message}`);
  }
};

/** Copying requires that the rows of each table can be identified. */
const checkTables = (tables: readonly PlannedTable[]) => {
  const sql = new Sqlite(':memory:');
  try {
    for (const { sql: statement, name } of tables) {
      sql.exec(statement);
      try {
        checkCopyable(sql, name);
      } catch (error) {
        throw new PlanError(`${(error as Error).message}, so it can be restored only into a new database`);
      }
    }
  } finally {
    sql.close();
  }
};
