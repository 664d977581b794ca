/**
 * Gives the tables their new definitions, in one transaction under the write lock. The last changes of writers are
 * applied to the copies, which then take over the names; the old tables get hidden names, and are removed in small
 * steps afterwards. Triggers, views and foreign keys refer to tables by name, and so stay unchanged.
 */
import type Sqlite from 'better-sqlite3';
import { findObject, hasSequences, triggersOn } from '../../../databases/sqlite/catalogue.ts';
import { recreateAllTriggers } from '../../../databases/sqlite/feed/recreate-triggers.ts';
import { isReserved, quote } from '../../../databases/sqlite/names.ts';
import { ownerOf } from '../../../databases/sqlite/own-names.ts';
import { hide, type Renaming, rename, rewrite } from '../../../databases/sqlite/rename.ts';
import { withoutConstraints } from '../../../databases/sqlite/table-text.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { type Copy, hiddenCopy } from './copy.ts';
import type { Plan } from './plan.ts';
import type { Planned } from './planner.ts';
import { type Use, usesOf } from './shadow-catalogue.ts';

/**
 * Runs inside a transaction, with foreign keys off.
 * @throws Error if the resulting catalogue differs from the plan: roll back
 */
export const swapIn = (sql: Sqlite.Database, { plan, copies }: Planned, owner: Owner): void => {
  const uses = usesOfTables(sql, plan);
  for (const { name } of plan.tables) dropTriggersOfJobs(sql, name, owner);
  for (const { names } of copies) {
    for (const table of [names.log, names.cursor, names.mark]) sql.exec(`DROP TABLE IF EXISTS ${quote(table)}`);
  }
  rename(sql, [...copies.flatMap(renamedOriginals), ...copies.flatMap(renamedCopies)]);
  for (const copy of copies) keepCounting(sql, copy);
  rewrite(sql, plan.texts);
  for (const copy of copies) removeStatistics(sql, copy);
  for (const { name } of plan.tables) recreateAllTriggers(sql, name);
  checkUses(uses, usesOfTables(sql, plan));
};

/** The old table and its indexes, under hidden names, without foreign keys and AUTOINCREMENT. */
const renamedOriginals = ({ table: { before, name }, names }: Copy): readonly Renaming[] => {
  const [table = '', ...indexes] = hide(
    withoutConstraints(before.sql),
    before.indexes.map(({ sql }) => sql),
    names.old,
  ).statements;
  return [
    { from: name, sql: table },
    ...before.indexes.map((index, i) => ({ from: index.name, sql: indexes[i] ?? '', table: names.old })),
  ];
};

/** The copy and its indexes, under their final declarations. */
const renamedCopies = ({ table, names }: Copy): readonly Renaming[] =>
  hiddenCopy(table, names).names.map((renaming) =>
    renaming.table === undefined ? { ...renaming, sql: table.after.sql } : renaming,
  );

/**
 * Drops the triggers of this job, which are no longer needed, and those of ended jobs that could not be reverted.
 * @throws Error for triggers of another job store, whose jobs do not know this one
 */
const dropTriggersOfJobs = (sql: Sqlite.Database, table: string, { storeId }: Owner) => {
  for (const { name } of triggersOn(sql, table)) {
    if (!isReserved(name)) continue;
    const owner = ownerOf(name);
    // Changefeeds continue: their triggers are recreated.
    if (owner?.kind === 'feed') continue;
    if (owner !== null && owner.storeId !== null && owner.storeId !== storeId) {
      throw new Error(`table ${table} is used by job ${owner.jobId} of another job store (trigger ${name})`);
    }
    sql.exec(`DROP TRIGGER ${quote(name)}`);
  }
};

/** AUTOINCREMENT also refers to the table by name, and the old table no longer counts. */
const keepCounting = (sql: Sqlite.Database, { table: { name }, names }: Copy) => {
  if (!hasSequences(sql)) return;
  sql.prepare('UPDATE sqlite_sequence SET name = ? WHERE name = ?').run(name, names.old);
};

/** Removes statistics as DROP INDEX does. Those of other indexes stay. */
const removeStatistics = (sql: Sqlite.Database, { table: { before, after }, names }: Copy) => {
  const dropped = before.indexes.filter(({ name }) => after.indexes.every((index) => index.name !== name));
  for (const statistics of ['sqlite_stat1', 'sqlite_stat4'].filter(
    (name) => findObject(sql, 'table', name) !== undefined,
  )) {
    const remove = sql.prepare(`DELETE FROM ${statistics} WHERE tbl = ? OR idx = ?`);
    remove.run(names.copy, null);
    for (const { name } of dropped) remove.run(null, name);
  }
};

const usesOfTables = (sql: Sqlite.Database, { tables }: Plan): ReadonlyMap<string, Use> =>
  usesOf(
    sql,
    tables.map(({ name }) => ({ type: 'table', name })),
  );

/** Checks that the tables support the statements that they supported before. */
const checkUses = (before: ReadonlyMap<string, Use>, after: ReadonlyMap<string, Use>) => {
  for (const [key, { object, error }] of after) {
    if (error === null || before.get(key)?.error !== null) continue;
    throw new Error(`table ${object.name} would no longer work: ${error}`);
  }
};
