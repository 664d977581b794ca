/**
 * Inspects a watched table, and recreates its triggers for its current columns and indexes. Both run inside a
 * transaction.
 */

import type Sqlite from 'better-sqlite3';
import type { Owner } from '../../../jobs/kind.ts';
import { show } from '../../show.ts';
import { findObject, readTable, triggersOn } from '../catalogue.ts';
import { fold, isReserved, quote } from '../names.ts';
import { ownerOf, ownName } from '../own-names.ts';
import type { RowView } from './late.ts';
import { type ColumnMap, completeLog, describe, readColumnMaps, watchTable } from './log.ts';
import { feedNames, newRowName, TRIGGER_EVENTS, type TriggerEvent, triggerName } from './names.ts';
import { readWatchedTable, TableError } from './table.ts';
import { droppable, type Trigger, triggersOf, viewOf } from './triggers.ts';

/**
 * `lost`: the triggers do not watch the table any more, for the reason in the message. `replaced`: there is a table of
 * this name that can be watched again. `dropped`: there is none.
 */
export type Inspected = { readonly state: 'same' | 'changed' } | Lost;

export interface Lost {
  readonly state: 'lost';
  readonly cause: 'replaced' | 'dropped' | 'unsuitable';
  readonly message: string;
}

/** SQLite drops a table's triggers with the table, and moves them along when the table is renamed. */
export const inspectWatched = (sql: Sqlite.Database, owner: Owner, columnMap: ColumnMap): Inspected => {
  const { place, table: name } = columnMap;
  const on = (event: TriggerEvent) => findObject(sql, 'trigger', triggerName(owner, place, event))?.table;
  const needed: readonly TriggerEvent[] =
    columnMap.text !== null || columnMap.diff || columnMap.uniques.length > 0
      ? ['bi', 'bu', 'ai', 'au', 'ad']
      : ['ai', 'au', 'ad'];
  const tables = needed.map(on);
  const shown = show(name);
  const lost = (message: string): Lost => {
    const isThere = readTable(sql, name) !== undefined;
    return { state: 'lost', cause: isThere ? 'replaced' : 'dropped', message };
  };
  if (tables.every((found) => found === undefined)) {
    return lost(`table ${shown} was dropped or recreated by another program`);
  }
  const renamed = tables.find((found) => found !== undefined && fold(found) !== fold(name));
  if (renamed !== undefined) return lost(`table ${shown} was renamed to ${show(renamed)}`);
  if (tables.includes(undefined)) return lost(`a trigger of the feed on table ${shown} was dropped`);
  try {
    const { id: _, ...known } = columnMap;
    const table = readWatchedTable(sql, name);
    const now = describe(table, place, columnMap.diff);
    const same =
      JSON.stringify(now) === JSON.stringify(known) &&
      isInPlace(sql, owner, columnMap) &&
      hasIndexes(sql, owner, columnMap.id, droppable(table).length) &&
      hasTriggers(sql, triggersOf({ owner, place, columnMapId: columnMap.id, diff: columnMap.diff }, table)) &&
      hasView(sql, viewOf({ owner, place }, table)) &&
      isNewest(sql, triggerName(owner, place, 'ai'), name);
    return { state: same ? 'same' : 'changed' };
  } catch (error) {
    if (error instanceof TableError) return { state: 'lost', cause: 'unsuitable', message: error.message };
    throw error;
  }
};

/** Whether the catalogue has the table where the triggers look for it: VACUUM may move it. */
const isInPlace = (sql: Sqlite.Database, owner: Owner, { id, table }: ColumnMap): boolean =>
  sql
    .prepare(
      `SELECT 1 FROM ${quote(feedNames(owner).columnMaps)} m JOIN sqlite_master s ON s.rowid = m.object
       WHERE m.id = ? AND s.type = 'table' AND s.name = ?`,
    )
    .get(id, table) !== undefined;

/** Whether the known indexes are recorded: another program may have dropped the table that holds them. */
const hasIndexes = (sql: Sqlite.Database, owner: Owner, columnMapId: number, indexes: number): boolean =>
  sql
    .prepare(`SELECT count(*) FROM ${quote(feedNames(owner).indexes)} WHERE shape = ?`)
    .pluck()
    .get(columnMapId) === indexes;

/** Whether the triggers are those of this version; an older version created others. */
const hasTriggers = (sql: Sqlite.Database, triggers: readonly Trigger[]): boolean =>
  triggers.every((trigger) => findObject(sql, 'trigger', trigger.name)?.sql === trigger.sql);

const hasView = (sql: Sqlite.Database, view: RowView | null): boolean =>
  view === null || findObject(sql, 'view', view.name)?.sql === view.sql;

/**
 * SQLite fires the newest trigger first. If a newer trigger of another program fails under OR FAIL, which keeps the
 * row, the feed's trigger would not fire.
 */
const isNewest = (sql: Sqlite.Database, own: string, table: string): boolean => {
  const triggers = triggersOn(sql, table);
  const newer = triggers.slice(triggers.findIndex(({ name }) => name === own) + 1);
  return newer.every(({ name }) => isReserved(name));
};

/** @throws TableError when the table can no longer be watched */
export const recreateTriggers = (sql: Sqlite.Database, owner: Owner, columnMap: ColumnMap): ColumnMap => {
  for (const event of TRIGGER_EVENTS)
    sql.exec(`DROP TRIGGER IF EXISTS ${quote(triggerName(owner, columnMap.place, event))}`);
  sql.exec(`DROP VIEW IF EXISTS ${quote(newRowName(owner, columnMap.place))}`);
  return watchTable(sql, { owner, place: columnMap.place, diff: columnMap.diff }, columnMap.table);
};

/** Runs inside a transaction. The triggers do not follow a table that is renamed in the catalogue. */
export const dropFeedTriggers = (sql: Sqlite.Database, table: string): void => {
  for (const { name } of triggersOn(sql, table)) {
    if (ownerOf(name)?.kind === 'feed') sql.exec(`DROP TRIGGER ${quote(name)}`);
  }
};

/**
 * Recreates the triggers of all feeds that watch a table, in the transaction that changes the table, so that no write
 * is missed and none fails. If a feed can no longer watch the table, its triggers stay, and the feed detects it.
 */
export const recreateAllTriggers = (sql: Sqlite.Database, feeds: readonly FeedOf[], table: string): void => {
  for (const { owner, places } of feeds) {
    completeLog(sql, owner);
    const columnMaps = readColumnMaps(sql, owner);
    for (const place of places) {
      const columnMap = columnMaps.findLast((known) => known.place === place);
      if (columnMap === undefined) continue;
      sql.exec('SAVEPOINT _signalbox_recreate');
      try {
        recreateTriggers(sql, owner, { ...columnMap, table });
      } catch (error) {
        if (!(error instanceof TableError)) throw error;
        sql.exec('ROLLBACK TO _signalbox_recreate');
      } finally {
        if (sql.inTransaction) sql.exec('RELEASE _signalbox_recreate');
      }
    }
  }
};

export interface FeedOf {
  readonly owner: Owner;
  /** The positions that the table has among the tables of the feed. */
  readonly places: Set<number>;
}

/** The feeds that watch a table. */
export const watchedBy = (sql: Sqlite.Database, table: string): readonly FeedOf[] => {
  const feeds = new Map<string, FeedOf>();
  for (const { name } of triggersOn(sql, table)) {
    const owner = ownerOf(name);
    if (owner?.kind !== 'feed') continue;
    const own = ownName('feed', owner);
    const feed = feeds.get(own) ?? { owner, places: new Set() };
    feeds.set(own, feed);
    feed.places.add(Number(/^_(\d+)_/.exec(name.slice(own.length))?.[1]));
  }
  return [...feeds.values()];
};
