/** Plans a restore and checks that it is possible: when the job is created, and again before the backup is used. */
import Sqlite from 'better-sqlite3';
import type { Manifest } from '../../../backup-format/manifest.ts';
import { show } from '../../../databases/show.ts';
import { hasModule, nameConflict, readObjects } from '../../../databases/sqlite/catalogue.ts';
import { checkCopyable } from '../../../databases/sqlite/copy.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import { hide } from '../../../databases/sqlite/rename.ts';
import {
  belongingTo,
  type Declared,
  declare,
  lackingOf,
  StatementError,
} from '../../../databases/sqlite/statements-check.ts';
import { NameConflictError, PlanError, type Wanted } from '../port.ts';
import { type Naming, notRenamable, type Renamed, renamed, type TableNames } from './other-names.ts';

export interface Plan {
  /** In the order of the manifest. */
  readonly tables: readonly PlannedTable[];
  /** Listed after the tables that hold their content. */
  readonly virtual: readonly Renamed[];
  /** The rows of the virtual tables, as far as they are known. */
  readonly virtualRows: number;
  /** Created after all tables. Views come first, since a trigger may belong to one. */
  readonly others: readonly Renamed[];
  /** The objects that are left out, such as `trigger t`. */
  readonly leftOut: readonly string[];
  /** A warning for each of them, and for each virtual table that may not work. */
  readonly warnings: readonly string[];
}

export const NO_PLAN: Plan = { tables: [], virtual: [], virtualRows: 0, others: [], leftOut: [], warnings: [] };

interface PlannedTable {
  /** Its name in the backup, and the one that it gets. */
  readonly from: string;
  readonly name: string;
  readonly sql: string;
  readonly indexes: readonly Renamed[];
  /** The number in the manifest; null if it was not counted. */
  readonly rows: number | null;
  /** It holds the content of a virtual table, whose rows are counted instead. */
  readonly isShadow: boolean;
}

/**
 * @param target null for a new database
 * @param restoresTriggers whether triggers and views are restored: their SQL runs when others write and read
 * @throws PlanError
 */
export const planOf = (
  manifest: Manifest,
  wanted: Pick<Wanted, 'tables' | 'isAll' | 'as'>,
  target: Sqlite.Database | null,
  restoresTriggers: boolean,
): Plan => {
  const declared = declareAll(manifest);
  const existing = target === null ? [] : namesIn(target);
  const chosen = wanted.isAll ? declared : belongingTo(declared, withShadows(manifest, wanted.tables), existing);
  for (const { type, name, sql, module } of chosen) {
    if (type !== 'view' && type !== 'trigger' && module === null) continue;
    // Wherever the name is, and however it is quoted: SQLite also takes a string for a name.
    if (/_signalbox_/i.test(sql)) throw new PlanError(`the backup has a ${type} ${show(name)} that names _signalbox_…`);
  }
  checkModules(chosen, wanted.isAll);
  const left = leftOutOf(manifest, { declared, chosen, existing, isAll: wanted.isAll, restoresTriggers });
  const stays = chosen.filter((one) => !left.out.has(one));
  const naming: Naming = {
    all: declared,
    names: tableNames(manifest, wanted),
    isTaken: (name, type) => target !== null && nameConflict(target, name, type) !== null,
  };
  checkDistinct(stays, naming.names);
  const out = notRenamable(stays, naming);
  const kept = renamed(
    stays.filter((one) => !out.has(one)),
    naming,
  );
  const tables = kept.filter(({ type, module }) => type === 'table' && module === null).map(planner(manifest, kept));
  if (target !== null) checkTables(tables);
  const virtual = kept.filter(({ module }) => module !== null);
  return {
    tables,
    virtual,
    virtualRows: virtual.reduce((sum, { from }) => sum + (rowsOf(manifest, from) ?? 0), 0),
    others: ['view', 'trigger'].flatMap((type) => kept.filter((one) => one.type === type)),
    leftOut: [...left.out, ...out.keys()].map(({ type, name }) => `${type} ${name}`),
    warnings: [
      ...left.warnings,
      ...[...out].map(([{ type, name }, reason]) => `${type} ${show(name)} was left out: ${reason}`),
    ],
  };
};

const namesIn = (sql: Sqlite.Database): readonly string[] =>
  readObjects(sql).flatMap(({ type, name }) => (type === 'table' || type === 'view' ? [name] : []));

/** Some tables, and those in which they keep their content. */
const withShadows = ({ tables }: Manifest, names: readonly string[]): readonly string[] => {
  const wanted = new Set(names.map(fold));
  return [
    ...names,
    ...tables.flatMap(({ name, shadowOf }) => (shadowOf !== null && wanted.has(fold(shadowOf)) ? [name] : [])),
  ];
};

/** Includes the tables in which renamed virtual tables keep their content. */
const tableNames = (manifest: Manifest, { as }: Pick<Wanted, 'as'>): TableNames =>
  new Map(
    as.flatMap(({ table, to }) => [
      [table, to] as const,
      ...manifest.tables
        .filter(({ shadowOf }) => shadowOf !== null && fold(shadowOf) === fold(table))
        .map(({ name }) => [name, `${to}${name.slice(table.length)}`] as const),
    ]),
  );

/** Checks that no new name is that of another restored object. @throws NameConflictError */
const checkDistinct = (objects: readonly Declared[], names: TableNames) => {
  for (const to of names.values()) {
    const other = objects.find(({ type, name }) => type !== 'trigger' && !names.has(name) && fold(name) === fold(to));
    if (other === undefined) continue;
    throw new NameConflictError(`the restore has another ${other.type} named ${show(other.name)}`, to);
  }
};

const rowsOf = ({ tables }: Manifest, name: string): number | null =>
  tables.find((table) => table.name === name)?.rows ?? null;

const planner =
  (manifest: Manifest, kept: readonly Renamed[]) =>
  ({ from, name, sql }: Renamed): PlannedTable => ({
    from,
    name,
    sql,
    indexes: kept.filter(({ type, table }) => type === 'index' && fold(table) === fold(name)),
    rows: rowsOf(manifest, from),
    isShadow: manifest.tables.some((table) => table.name === from && table.shadowOf !== null),
  });

/** The modules that come with SQLite and read nothing but tables of the same database. */
const HARMLESS = /^(fts[345]|fts4aux|fts5vocab|rtree|rtree_i32|geopoly)$/;

interface Choice {
  readonly declared: readonly Declared[];
  readonly chosen: readonly Declared[];
  /** The names of tables and views in the target. */
  readonly existing: readonly string[];
  readonly isAll: boolean;
  readonly restoresTriggers: boolean;
}

const leftOutOf = (manifest: Manifest, choice: Choice) => {
  const { declared, chosen, existing, isAll, restoresTriggers } = choice;
  const out = new Set<Declared>();
  const warnings: string[] = [];
  const why = 'the creator of the job is not an admin and does not have the privilege TRIGGERS';
  for (const one of restoresTriggers ? [] : chosen) {
    const { type, name, module } = one;
    if (type !== 'view' && type !== 'trigger' && (module === null || HARMLESS.test(module))) continue;
    out.add(one);
    warnings.push(`${module === null ? type : 'virtual table'} ${show(name)} was left out: ${why}`);
  }
  // A whole database is restored as it was, with what did not work before.
  const lacking = isAll && !manifest.isPartial ? [] : lackingOf(chosen, declared, existing);
  for (const { declared: one, lacks } of lacking.filter((found) => !out.has(found.declared))) {
    if (one.type === 'trigger') {
      out.add(one);
      warnings.push(`trigger ${show(one.name)} was left out: it needs ${show(lacks)}, which is not restored`);
    } else {
      warnings.push(`virtual table ${show(one.name)} reads from ${show(lacks)}, which is not restored`);
    }
  }
  return { out, warnings };
};

/** Which tables belong to a virtual table is known only to its module. */
const checkModules = (chosen: readonly Declared[], isAll: boolean) => {
  const sql = new Sqlite(':memory:');
  try {
    const unknown = chosen.find(({ module }) => module !== null && !hasModule(sql, module));
    if (unknown === undefined || isAll) return;
    throw new PlanError(
      `${show(unknown.name)} is a virtual table of module ${show(unknown.module ?? '')}, which this server does not ` +
        'have: omit tables to restore the whole backup',
    );
  } finally {
    sql.close();
  }
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
export const checkNames = (target: Sqlite.Database, database: string, plan: Plan): void => {
  const tables = plan.tables.flatMap(({ name, indexes }) => [{ name, type: 'table' as const }, ...indexes]);
  for (const { name, type } of [...tables, ...plan.virtual, ...plan.others]) {
    const found = nameConflict(target, name, type);
    if (found === null) continue;
    throw new NameConflictError(`database ${show(database)} has ${found} named ${show(name)} already`, name);
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

/** Copying requires that each table can be created here, and that its rows can be identified. */
const checkTables = (tables: readonly PlannedTable[]) => {
  const sql = new Sqlite(':memory:');
  try {
    for (const { sql: statement, name, indexes } of tables) {
      try {
        const texts = indexes.map((index) => index.sql);
        const hidden = hide(statement, texts, 'hidden');
        for (const text of hidden.statements) sql.prepare(text).run();
        checkCopyable(sql, 'hidden', name);
        sql.exec('DROP TABLE hidden');
      } catch (error) {
        const { message } = error as Error;
        const subject = message.startsWith('table ') ? message : `table ${show(name)} cannot be created: ${message}`;
        throw new PlanError(`${subject}, so it can be restored only into a new database`);
      }
    }
  } finally {
    sql.close();
  }
};
