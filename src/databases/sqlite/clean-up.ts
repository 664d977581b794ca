/**
 * Removes the objects that jobs keep in a database: of an ended job, its tables and triggers, then its record; of a
 * store, its table of records once it is empty. Objects of another store are never touched. Large tables are emptied a
 * few rows at a time, so that writers do not wait long. Everything can be stopped and repeated.
 */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Environment, Owner, Work } from '../../jobs/kind.ts';
import { createSizer } from '../batch-sizer.ts';
import type { OwnedThings } from '../database.ts';
import { keptFile } from '../kept.ts';
import { readObjects } from './catalogue.ts';
import { failureOf } from './errors.ts';
import { hasFence, removeFence } from './fence.ts';
import { unfenced } from './fenced.ts';
import { keepTables } from './keep.ts';
import { quote } from './names.ts';
import { openDatabase, type Target } from './open.ts';
import { isTable, objectsOf, ownedIn, ownerOf, recordsTable } from './own-names.ts';
import { fileOf } from './place.ts';

const LOCK_WAIT_MS = 1_000;
const BATCH_MS = 20;

/**
 * Removes the objects that an ended job has in its database under the name `own`, and its record. If the database
 * itself was removed, nothing is left to do.
 * @param when `ended`: tables that users may still read are moved to a file first; `removed`: that file is removed too
 * @throws Transient when the database stays locked for long
 */
export const cleanUp = async (
  { details: { database }, claim }: Pick<Work<{ readonly database: string }, unknown>, 'details' | 'claim'>,
  environment: Environment,
  own: string,
  when: 'ended' | 'removed',
): Promise<void> => {
  const databaseFile = fileOf(environment);
  const kept = keptFile(environment, claim.jobId);
  if (databaseFile !== null && existsSync(databaseFile)) {
    await withTarget(databaseFile, database, async (target) => {
      const left = objectsOf(target.sql, own);
      if (when === 'ended') await keep(target, left, kept);
      await remove(target, claim, left);
    });
  }
  if (when === 'removed') await rm(kept, { force: true });
};

/** Lists the objects of jobs in a database, by owner. */
export const listOwned = async (file: string, database: string): Promise<readonly OwnedThings[]> => {
  if (!existsSync(file)) return [];
  return withTarget(file, database, async ({ sql }) => ownedIn(sql), true);
};

/**
 * Removes objects of a job from a database.
 * @param keptDir where tables that users may still read are moved to; null: they are removed too
 */
export const removeOwned = (
  file: string,
  database: string,
  { owner, objects }: OwnedThings,
  keptDir: string | null,
): Promise<void> =>
  withTarget(file, database, async (target) => {
    if (keptDir !== null) await keep(target, objects, keptFile({ keptDir }, owner.jobId));
    await remove(target, owner, objects);
  });

/** Drops a store's table of records if it is empty. */
export const dropRecords = async (file: string, database: string, storeId: string | null): Promise<void> => {
  if (!existsSync(file)) return;
  const table = recordsTable({ storeId });
  await withTarget(file, database, async (target) => {
    if (!isTable(target.sql, table)) return;
    await change(target, () => {
      if (!isTable(target.sql, table)) return;
      if (target.sql.prepare(`SELECT 1 FROM ${quote(table)}`).get() === undefined) {
        target.sql.exec(`DROP TABLE ${quote(table)}`);
      }
    });
  });
};

/** What `dropBroken` found. */
export interface Broken {
  /** Whether jobs have triggers in the database. */
  readonly hasTriggers: boolean;
  /** The triggers that were dropped. */
  readonly dropped: readonly string[];
}

/**
 * Drops the triggers of those jobs of a store of which a trigger refers to a table or view that another program has
 * dropped: every write to the tables with these triggers fails. The jobs notice that when they next run.
 */
export const dropBroken = async (file: string, database: string, storeId: string): Promise<Broken> => {
  if (!existsSync(file)) return { hasTriggers: false, dropped: [] };
  const found = await withTarget(file, database, async ({ sql }) => brokenIn(sql, storeId), true);
  if (found.dropped.length === 0) return found;
  return withTarget(file, database, async (target) => {
    let dropped: readonly string[] = [];
    await change(target, () => {
      ({ dropped } = brokenIn(target.sql, storeId));
      drop(target, 'TRIGGER', dropped);
    });
    return { hasTriggers: found.hasTriggers, dropped };
  });
};

const brokenIn = (sql: Target['sql'], storeId: string): Broken => {
  const objects = readObjects(sql);
  const names = new Set(objects.map(({ name }) => name));
  const own = objects.filter(({ type, name }) => type === 'trigger' && ownerOf(name)?.storeId === storeId);
  const refersTo = (text: string) => [...text.matchAll(/"(_signalbox_\w+)"/g)].map(([, name = '']) => name);
  const isBroken = (text: string) => refersTo(text).some((name) => ownerOf(name) !== null && !names.has(name));
  const jobs = new Set(own.filter(({ sql: text }) => isBroken(text ?? '')).map(({ name }) => ownerOf(name)?.jobId));
  const dropped = own.map(({ name }) => name).filter((name) => jobs.has(ownerOf(name)?.jobId));
  return { hasTriggers: own.length > 0, dropped };
};

/** A connection that is opened or closed holds the lock for a moment. Writes wait for it by themselves. */
const READ_WAIT_MS = 500;

const withTarget = async <R>(
  file: string,
  database: string,
  use: (target: Target) => Promise<R>,
  readonly = false,
): Promise<R> => {
  try {
    const target = openDatabase(file, database, { lockWaitMs: readonly ? READ_WAIT_MS : 0, readonly });
    try {
      // Foreign key actions must not run for rows deleted from a renamed original.
      target.sql.pragma('foreign_keys = OFF');
      return await use(target);
    } finally {
      target.close();
    }
  } catch (error) {
    throw failureOf(error, database);
  }
};

const keep = ({ sql }: Target, objects: OwnedThings['objects'], file: string) =>
  keepTables(
    sql,
    objects.filter(({ isKept }) => isKept).map(({ name }) => name),
    file,
  );

const remove = async (target: Target, owner: Owner, left: OwnedThings['objects']) => {
  if (left.length === 0 && !hasFence(target.sql, owner)) return;
  // Triggers are dropped first: once the tables that they write to are gone, every write to their own table would fail.
  const triggers = left.filter(({ type }) => type === 'trigger').map(({ name }) => name);
  if (triggers.length > 0) await change(target, () => drop(target, 'TRIGGER', triggers));
  const tables = left.filter(({ type }) => type === 'table').map(({ name }) => name);
  for (const table of tables) await empty(target, table);
  await change(target, () => {
    drop(
      target,
      'VIEW',
      left.filter(({ type }) => type === 'view').map(({ name }) => name),
    );
    drop(target, 'TABLE', tables);
    removeFence(target.sql, owner);
  });
};

const drop = ({ sql }: Target, type: 'TABLE' | 'TRIGGER' | 'VIEW', names: readonly string[]) => {
  for (const name of names) sql.exec(`DROP ${type} IF EXISTS ${quote(name)}`);
};

/**
 * Dropping a large table is one statement that cannot be interrupted, so its rows are deleted first, a few at a time.
 */
const empty = async (target: Target, table: string) => {
  const removeRows = target.sql.prepare(`DELETE FROM ${quote(table)} LIMIT ?`);
  const sizer = createSizer({ first: 1_000 });
  for (let isMore = true; isMore; ) {
    const rows = sizer.sizeFor(BATCH_MS);
    let startedAt = 0;
    await change(target, () => {
      startedAt = performance.now();
      isMore = removeRows.run(rows).changes === rows;
    });
    sizer.done(rows, performance.now() - startedAt);
  }
};

/** One transaction. While another connection writes there, this thread answers other queries. */
const change = (target: Target, make: () => void) => unfenced(target, undefined, make, LOCK_WAIT_MS);
