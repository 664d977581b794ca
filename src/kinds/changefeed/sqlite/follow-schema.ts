/**
 * Follows a change of the catalogue. Inspects each watched table, and recreates its triggers if its columns, its key or
 * its unique indexes have changed.
 *
 * Between the change and this point, the old triggers were active. Their entries lack added columns: those rows are
 * emitted again in their current state. They also did not know a new unique index, so rows that a REPLACE displaced
 * through it were not logged. If anything was written in that time, the feed fails instead of losing changes silently.
 */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { show } from '../../../databases/show.ts';
import { type ColumnMap, readColumnMaps } from '../../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { inspectWatched, recreateTriggers } from '../../../databases/sqlite/feed/recreate-triggers.ts';
import { TableError } from '../../../databases/sqlite/feed/table.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { Steps } from '../details.ts';
import type { Copy } from './copy.ts';
import { change, type Feed, reloadColumnMaps } from './feed.ts';

export async function* followSchema(feed: Feed): Steps {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  let schemaVersion: number | null = null;
  let incomplete: string | null = null;
  let lost: Feed['lost'] = null;
  yield* change(feed, 'inspecting the tables', (checkpoint) => {
    const { newest } = feed.readLogState();
    const copies: Copy[] = [];
    // In that phase the feed has already dropped its own triggers.
    const places = checkpoint.phase === 'ending' ? [] : feed.work.details.tables.keys();
    for (const place of places) {
      const known = newestMap(sql, owner, place);
      const inspected = inspectWatched(sql, owner, known);
      if (inspected.state === 'lost') lost ??= { message: inspected.message, upTo: newest };
      if (inspected.state !== 'changed') continue;
      const recreated = tryRecreate(sql, owner, known);
      if (typeof recreated === 'string') {
        lost ??= { message: recreated, upTo: newest };
        continue;
      }
      if (!isWritten(sql, owner, place, feed.newestSeen)) continue;
      if (recreated.columns.some((column) => !known.columns.includes(column))) {
        copies.push({ what: 'entries', place, from: feed.newestSeen, to: newest });
      }
      if (recreated.uniques.some((unique) => !known.uniques.includes(unique))) incomplete ??= known.table;
    }
    schemaVersion = sql.pragma('schema_version', { simple: true }) as number;
    return { ...checkpoint, copy: [...checkpoint.copy, ...copies] };
  });
  feed.schemaVersion = schemaVersion;
  feed.lost = lost;
  reloadColumnMaps(feed);
  if (incomplete !== null) {
    throw new Error(
      `a unique index was created on table ${show(incomplete)} while rows were written to it: ` +
        'the deletion of a row that a REPLACE displaced through it may be missing',
    );
  }
}

const newestMap = (sql: Sqlite.Database, owner: Owner, place: number): ColumnMap => {
  const columnMap = readColumnMaps(sql, owner).findLast((known) => known.place === place);
  if (columnMap === undefined) throw new Error(`the column map of table ${place} of the feed is missing`);
  return columnMap;
};

/** The new column map, or the reason why the table can no longer be watched. */
const tryRecreate = (sql: Sqlite.Database, owner: Owner, columnMap: ColumnMap): ColumnMap | string => {
  sql.exec('SAVEPOINT _signalbox_recreate');
  try {
    return recreateTriggers(sql, owner, columnMap);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    sql.exec('ROLLBACK TO _signalbox_recreate');
    return error.message;
  } finally {
    if (sql.inTransaction) sql.exec('RELEASE _signalbox_recreate');
  }
};

/** Whether a row of the table was written after a log entry. */
const isWritten = (sql: Sqlite.Database, owner: Owner, place: number, after: number): boolean => {
  const { log, columnMaps } = feedNames(owner);
  const find = sql.prepare(
    `SELECT 1 FROM ${quote(log)} WHERE seq > ? AND op = 'W' AND shape IN
     (SELECT id FROM ${quote(columnMaps)} WHERE json_extract(shape, '$.place') = ?) LIMIT 1`,
  );
  return find.get(after, place) !== undefined;
};
