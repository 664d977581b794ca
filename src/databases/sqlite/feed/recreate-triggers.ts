/** What became of a watched table, and its triggers made anew for what it is now. Both inside a transaction. */
import type Sqlite from 'better-sqlite3';
import { findObject } from '../catalogue.ts';
import { fold, isReserved, quote } from '../names.ts';
import { describe, type Shape, watchTable } from './log.ts';
import { TRIGGER_EVENTS, type TriggerEvent, triggerName } from './names.ts';
import { readWatchedTable, TableError } from './table.ts';
import { type Trigger, triggersOf } from './triggers.ts';

/** `gone`: what is to be said of it. */
export type Look = { readonly now: 'same' | 'changed' } | { readonly now: 'gone'; readonly said: string };

/** SQLite drops a table's triggers with it, and takes them along when it is renamed. */
export const lookAt = (sql: Sqlite.Database, jobId: string, shape: Shape): Look => {
  const { place, table: name } = shape;
  const find = sql.prepare("SELECT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND name = ?").pluck();
  const on = (event: TriggerEvent) => find.get(triggerName(jobId, place, event)) as string | undefined;
  const needed: readonly TriggerEvent[] =
    shape.diff || shape.uniques.length > 0 ? ['bi', 'bu', 'ai', 'au', 'ad'] : ['ai', 'au', 'ad'];
  const tables = needed.map(on);
  const shown = JSON.stringify(name);
  if (tables.every((found) => found === undefined)) {
    return { now: 'gone', said: `table ${shown} was dropped or made anew by somebody else` };
  }
  const renamed = tables.find((found) => found !== undefined && fold(found) !== fold(name));
  if (renamed !== undefined) return { now: 'gone', said: `table ${shown} was renamed to ${JSON.stringify(renamed)}` };
  if (tables.includes(undefined)) return { now: 'gone', said: `a trigger of the feed on table ${shown} was dropped` };
  try {
    const { id: _, ...known } = shape;
    const table = readWatchedTable(sql, name);
    const now = describe(table, place, shape.diff);
    const same =
      JSON.stringify(now) === JSON.stringify(known) &&
      hasTriggers(sql, triggersOf({ jobId, place, shape: shape.id, diff: shape.diff }, table)) &&
      isNewest(sql, triggerName(jobId, place, 'ai'), name);
    return { now: same ? 'same' : 'changed' };
  } catch (error) {
    if (error instanceof TableError) return { now: 'gone', said: error.message };
    throw error;
  }
};

/** Whether they are as this version makes them: an older one made others. */
const hasTriggers = (sql: Sqlite.Database, triggers: readonly Trigger[]): boolean =>
  triggers.every((trigger) => findObject(sql, 'trigger', trigger.name)?.sql === trigger.sql);

/**
 * SQLite fires the newest trigger first. One of somebody else's that fails then, under OR FAIL, which keeps the row all
 * the same, would keep the feed's from firing.
 */
const isNewest = (sql: Sqlite.Database, own: string, table: string): boolean => {
  const newer = sql
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE
       AND rowid > (SELECT rowid FROM sqlite_schema WHERE type = 'trigger' AND name = ?)`,
    )
    .pluck()
    .all(table, own) as string[];
  return newer.every(isReserved);
};

/** @throws TableRefused when the table cannot be watched any more */
export const recreateTriggers = (sql: Sqlite.Database, jobId: string, shape: Shape): Shape => {
  for (const event of TRIGGER_EVENTS)
    sql.exec(`DROP TRIGGER IF EXISTS ${quote(triggerName(jobId, shape.place, event))}`);
  return watchTable(sql, { jobId, place: shape.place, diff: shape.diff }, shape.table);
};
