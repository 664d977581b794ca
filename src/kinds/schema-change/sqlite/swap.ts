/**
 * Gives the tables their new definitions, in one transaction under the write lock. The last changes of writers are
 * applied to the copies, which then take over the names; the old tables get hidden names, and are removed in small
 * steps afterwards. Triggers, views and foreign keys refer to tables by name, and so stay unchanged.
 */
import type Sqlite from 'better-sqlite3';
import { findObject, hasSequences, triggersOn } from '../../../databases/sqlite/catalogue.ts';
import { dropFeedTriggers, recreateAllTriggers, watchedBy } from '../../../databases/sqlite/feed/recreate-triggers.ts';
import { isReserved, quote } from '../../../databases/sqlite/names.ts';
import { objectsOf, ownerOf } from '../../../databases/sqlite/own-names.ts';
import { hide, type Renaming, rename } from '../../../databases/sqlite/rename.ts';
import { type Use, usesOf } from '../../../databases/sqlite/shadow-catalogue.ts';
import { withName } from '../../../databases/sqlite/sql-text.ts';
import { withoutConstraints } from '../../../databases/sqlite/table-text.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { type Copy, hiddenCopy } from './copy.ts';
import { ownNameOf } from './names.ts';
import type { Plan } from './plan.ts';
import type { Planned } from './planner.ts';

/**
 * Runs inside a transaction, with foreign keys off.
 * @throws Error if the resulting catalogue differs from the plan: roll back
 */
export const swapIn = (sql: Sqlite.Database, { plan, copies }: Planned, owner: Owner): void => {
  const uses = usesOfTables(sql, plan, 'name');
  const feeds = plan.tables.map(({ name }) => watchedBy(sql, name));
  for (const { name } of plan.tables) dropTriggersOfJobs(sql, name, owner);
  // What checks foreign keys is also on their parents.
  for (const { type, name } of objectsOf(sql, ownNameOf(owner))) {
    if (type === 'trigger') sql.exec(`DROP TRIGGER ${quote(name)}`);
  }
  for (const { names } of copies) {
    for (const table of [names.log, names.cursor, names.mark]) sql.exec(`DROP TABLE IF EXISTS ${quote(table)}`);
  }
  const renamed = plan.tables.filter(({ name, to }) => name !== to);
  // A trigger that refers to a table by its old name would prevent SQLite from loading the catalogue.
  for (const { name } of renamed) dropFeedTriggers(sql, name);
  // A new name may be the old one of another table, so all old names are given up first.
  const inPlace = renamed
    .filter(({ isCopied }) => !isCopied)
    .map(({ name, after }, i) => ({ name, sql: after.sql, between: `${ownNameOf(owner)}_renamed_${i}` }));
  rename(
    sql,
    [
      ...copies.flatMap(renamedOriginals),
      ...inPlace.map((table) => ({ from: table.name, sql: withName(table.sql, table.between) })),
      ...inPlace.map((table) => ({ from: table.between, sql: table.sql })),
      ...copies.flatMap(renamedCopies),
    ],
    [],
    plan.texts,
  );
  for (const copy of copies) keepCounting(sql, copy);
  for (const copy of copies) removeStatistics(sql, copy);
  for (const { name, to } of renamed) renameStatistics(sql, name, to);
  for (const [i, { to }] of plan.tables.entries()) recreateAllTriggers(sql, feeds[i] ?? [], to);
  checkUses(uses, usesOfTables(sql, plan, 'to'));
};

/** The old table and its indexes, under hidden names, without foreign keys, checks and AUTOINCREMENT. */
const renamedOriginals = ({ table: { before, name }, names }: Copy): readonly Renaming[] => {
  const [table = '', ...indexes] = hide(
    withoutConstraints(before.sql, () => false),
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
const keepCounting = (sql: Sqlite.Database, { table: { to }, names }: Copy) => {
  if (!hasSequences(sql)) return;
  sql.prepare('UPDATE sqlite_sequence SET name = ? WHERE name = ?').run(to, names.old);
};

/** Removes statistics as DROP INDEX does. Those of other indexes stay. */
const removeStatistics = (sql: Sqlite.Database, { table: { before, after }, names }: Copy) => {
  const dropped = before.indexes.filter(({ name }) => after.indexes.every((index) => index.name !== name));
  for (const statistics of statisticsIn(sql)) {
    const remove = sql.prepare(`DELETE FROM ${statistics} WHERE tbl = ? OR idx = ?`);
    remove.run(names.copy, null);
    for (const { name } of dropped) remove.run(null, name);
  }
};

/** SQLite would leave them to the next table of the old name. */
const renameStatistics = (sql: Sqlite.Database, from: string, to: string) => {
  for (const statistics of statisticsIn(sql)) {
    sql.prepare(`UPDATE ${statistics} SET tbl = ? WHERE tbl = ?`).run(to, from);
  }
};

const statisticsIn = (sql: Sqlite.Database): readonly string[] =>
  ['sqlite_stat1', 'sqlite_stat4'].filter((name) => findObject(sql, 'table', name) !== undefined);

/** By the table's old name and verb. */
const usesOfTables = (sql: Sqlite.Database, { tables }: Plan, side: 'name' | 'to'): ReadonlyMap<string, Use> =>
  new Map(
    tables.flatMap((table) =>
      [...usesOf(sql, [{ type: 'table', name: table[side] }]).values()].map((use, i) => [`${table.name} ${i}`, use]),
    ),
  );

/** Checks that the tables support the statements that they supported before. */
const checkUses = (before: ReadonlyMap<string, Use>, after: ReadonlyMap<string, Use>) => {
  for (const [key, { object, error }] of after) {
    if (error === null || before.get(key)?.error !== null) continue;
    throw new Error(`table ${object.name} would no longer work: ${error}`);
  }
};
