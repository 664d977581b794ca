/**
 * Follows a change of the catalogue. Inspects each watched table, and recreates its triggers if its columns, its key or
 * its unique indexes have changed.
 *
 * Between the change and this point, the old triggers were active. Entries that lack a column which their row had are
 * incomplete: those rows are emitted again in their current state. If there was a unique index that the triggers did
 * not know, they recorded the keys of the table: those that are gone now were displaced, and their deletions are logged.
 */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { heldColumns } from '../../../databases/sqlite/feed/held-columns.ts';
import {
  type ColumnMap,
  completeLog,
  missingTable,
  newestColumnMap,
  readColumnMaps,
  recordCatalogue,
} from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import { inspectWatched, type Lost, recreateTriggers } from '../../../databases/sqlite/feed/recreate-triggers.ts';
import { dropTriggers } from '../../../databases/sqlite/feed/remove.ts';
import { readWatchedTable, TableError } from '../../../databases/sqlite/feed/table.ts';
import { ENTRY_BYTES, logSize } from '../../../databases/sqlite/feed/triggers.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { PendingCopy, Steps } from '../details.ts';
import { ReplacedError } from '../port.ts';
import { change, droppedMessage, type Feed, reloadColumnMaps } from './feed.ts';
import type { Copy } from './table-part.ts';

export async function* followSchema(feed: Feed): Steps {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  let schemaVersion: number | null = null;
  let missing: string | null = null;
  const lost: Lost[] = [];
  let upTo = 0;
  yield* change(feed, 'inspecting the tables', (checkpoint) => {
    missing = missingTable(sql, owner);
    if (missing !== null) {
      // Without it, every write to a table with the triggers would fail.
      dropTriggers(sql, owner);
      return checkpoint;
    }
    completeLog(sql, owner);
    const { newest } = feed.readLogState();
    upTo = newest;
    const copies: Copy[] = [];
    const sentVersions: Record<string, number> = { ...checkpoint.sentVersions };
    // In that phase the feed has already dropped its own triggers.
    const places = checkpoint.phase === 'ending' ? [] : feed.work.details.tables.keys();
    for (const place of places) {
      const known = newestColumnMap(sql, owner, place);
      const inspected = inspectWatched(sql, owner, known);
      const recreated = inspected.state === 'changed' ? tryRecreate(sql, owner, known) : known;
      if (inspected.state === 'lost') {
        lost.push(inspected);
        continue;
      }
      if (typeof recreated === 'string') {
        lost.push({ state: 'lost', cause: 'unsuitable', message: recreated });
        continue;
      }
      logDisplaced(sql, owner, place);
      if (hasIncomplete(sql, owner, place, feed.newestSeen)) {
        copies.push({ what: 'entries', place, from: feed.newestSeen, to: newest });
      }
      recordCatalogue(sql, owner, recreated.id);
      if (isOtherShape(sql, owner, sentVersions[place], recreated) && feed.work.details.backfill) {
        copies.push({ what: 'table', place, part: 'keyed', after: null, rows: 0, isAgain: true });
      }
      sentVersions[place] = recreated.id;
    }
    schemaVersion = sql.pragma('schema_version', { simple: true }) as number;
    const isSentAgain = ({ what, place }: PendingCopy) =>
      what === 'table' && copies.some((copy) => copy.what === 'table' && copy.place === place);
    const pending = checkpoint.copy.filter((copy) => !isSentAgain(copy));
    return { ...checkpoint, copy: [...pending, ...copies], sentVersions };
  });
  if (missing !== null) throw new ReplacedError(droppedMessage(missing, feed.work.details.database));
  feed.schemaVersion = schemaVersion;
  feed.lost = lostOf(feed, lost, upTo);
  reloadColumnMaps(feed);
}

/** Some programs drop a table and rename another to its name without a transaction, or create it again. */
const RETURN_MS = 10_000;

/** What the feed has to act on first: a table that can be watched again, or one that cannot. */
const lostOf = (feed: Feed, lost: readonly Lost[], upTo: number): Feed['lost'] => {
  const isDropped = lost.some(({ cause }) => cause === 'dropped');
  feed.droppedAt = isDropped ? (feed.droppedAt ?? performance.now()) : null;
  const first = lost.find(({ cause }) => cause === 'replaced') ?? lost[0];
  if (first === undefined) return null;
  const { droppedAt } = feed;
  return {
    message: first.message,
    upTo,
    isReplaced: first.cause === 'replaced',
    get mayReturn() {
      return feed.sent !== null && droppedAt !== null && performance.now() < droppedAt + RETURN_MS;
    },
  };
};

/** Whether the table was declared otherwise in the version in which its rows were sent. */
const isOtherShape = (sql: Sqlite.Database, owner: Owner, sent: number | undefined, now: ColumnMap): boolean =>
  sent !== undefined && readColumnMaps(sql, owner).find(({ id }) => id === sent)?.text !== now.text;

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

/** Whether a row was written after a log entry with columns that its entry does not hold. */
const hasIncomplete = (sql: Sqlite.Database, owner: Owner, place: number, after: number): boolean => {
  const { log } = feedNames(owner);
  const find = sql
    .prepare(`SELECT DISTINCT text FROM ${quote(log)} WHERE seq > ? AND op = 'W' AND shape = ? AND text IS NOT NULL`)
    .pluck();
  return readColumnMaps(sql, owner)
    .filter((columnMap) => columnMap.place === place)
    .some((columnMap) =>
      (find.all(after, columnMap.id) as string[]).some((text) => !heldColumns(columnMap, text).isComplete),
    );
};

/** Logs the deletion of the rows that are gone: of those whose keys the triggers recorded, and of those written since. */
const logDisplaced = (sql: Sqlite.Database, owner: Owner, place: number): void => {
  const names = feedNames(owner);
  const [log, keys] = [quote(names.log), quote(names.keys)];
  const isRecorded = sql.prepare(`SELECT 1 FROM ${keys} WHERE _signalbox_map = ? LIMIT 1`);
  for (const { id, key, ...columnMap } of readColumnMaps(sql, owner)) {
    if (columnMap.place !== place || isRecorded.get(id) === undefined) continue;
    const table = readWatchedTable(sql, columnMap.table);
    const columns = key.map(afterColumn);
    const isRow = table.key
      .map(({ name }, part) => `t.${quote(name)} IS k.${columns[part]} COLLATE BINARY`)
      .join(' AND ');
    sql
      .prepare(
        `INSERT INTO ${log} (shape, op, at, size, how, ${columns.join(', ')})
         SELECT @id, 'D', @at, ${logSize(names)} + ${ENTRY_BYTES} * row_number() OVER (), 'D', ${columns.join(', ')}
         FROM (SELECT ${columns.join(', ')} FROM ${keys} WHERE _signalbox_map = @id
           UNION SELECT ${columns.join(', ')} FROM ${log} WHERE shape = @id AND op = 'W') k
         WHERE NOT EXISTS (SELECT 1 FROM ${quote(table.name)} t WHERE ${isRow})`,
      )
      .run({ id, at: Date.now() });
    sql.prepare(`DELETE FROM ${keys} WHERE _signalbox_map = ?`).run(id);
  }
};
