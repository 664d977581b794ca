import type Sqlite from 'better-sqlite3';
import { readShapes } from './log.ts';
import { recreateTriggers } from './recreate-triggers.ts';
import { TableError } from './table.ts';

/**
 * Makes the triggers of all feeds that watch a table anew, for what it is now, in the transaction that changes it: so no
 * write is missed, and none fails. Those of a feed that cannot watch it any more stay: the feed finds out.
 */
export const recreateAllTriggers = (sql: Sqlite.Database, table: string): void => {
  for (const [jobId, environment] of feedsOf(sql, table)) {
    const shapes = readShapes(sql, jobId);
    for (const place of environment) {
      const shape = shapes.findLast((known) => known.place === place);
      if (shape === undefined) continue;
      sql.exec('SAVEPOINT _signalbox_remake');
      try {
        recreateTriggers(sql, jobId, shape);
      } catch (error) {
        if (!(error instanceof TableError)) throw error;
        sql.exec('ROLLBACK TO _signalbox_remake');
      } finally {
        if (sql.inTransaction) sql.exec('RELEASE _signalbox_remake');
      }
    }
  }
};

/** The feeds, and the places that the table has among theirs. */
const feedsOf = (sql: Sqlite.Database, table: string): ReadonlyMap<string, ReadonlySet<number>> => {
  const names = sql
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE")
    .pluck()
    .all(table) as string[];
  const feeds = new Map<string, Set<number>>();
  for (const name of names) {
    const [, jobId, place] = /^_signalbox_feed_(\d+)_(\d+)_/.exec(name) ?? [];
    if (jobId !== undefined) feeds.set(jobId, (feeds.get(jobId) ?? new Set()).add(Number(place)));
  }
  return feeds;
};
