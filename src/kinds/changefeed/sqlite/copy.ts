/**
 * Copies rows that have to be emitted in their current state: rows older than the triggers, and rows with a logged
 * change that lacks a column which the table has now. They are copied into the log in batches under the write lock, and
 * so take their place among the changes in commit order: an older state of a row is never emitted after a newer one.
 */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import type { ColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import { readWatchedTable } from '../../../databases/sqlite/feed/table.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { FeedCheckpoint } from '../details.ts';
import { compareTable, copyGone } from './compare.ts';
import { encodeKey, type SqlValue } from './exact.ts';
import type { Feed } from './feed.ts';
import { type Copy, insertInto, newest, nextPart, type TableCopy } from './table-part.ts';

type EntriesCopy = Extract<Copy, { what: 'entries' }>;

/** Copies about `rows` rows of the first pending copy. Runs inside a transaction. */
export const copyRows = (feed: Feed, checkpoint: FeedCheckpoint, rows: number): FeedCheckpoint => {
  const { target, work, columnMaps } = feed;
  const { sql } = target;
  const [copy, ...rest] = checkpoint.copy as readonly Copy[];
  const columnMap = columnMaps.find(({ place }) => place === copy?.place);
  if (copy === undefined || columnMap === undefined) return { ...checkpoint, copy: rest };
  const owner = work.claim;
  const before = newest(sql, owner);
  const next = copyNext(feed, columnMap, copy, rows);
  const now = newest(sql, owner);
  const scanned = checkpoint.scanned + now - before;
  if (next !== null) return { ...checkpoint, copy: [next, ...rest], scanned };
  // The rows that were copied are as old as what they follow: no time is resolved before they are delivered.
  const ends = rest.length === 0 && checkpoint.phase === 'follow' ? { scanEnd: now } : {};
  // The fraction counts the rows of one table.
  return { ...checkpoint, ...ends, copy: rest, scanned: 0 };
};

const copyNext = (feed: Feed, columnMap: ColumnMap, copy: Copy, rows: number): Copy | null => {
  const { target, work, sent } = feed;
  if (copy.what === 'entries') return copyOfEntries(target.sql, work.claim, columnMap, copy, rows);
  if (copy.what === 'gone') return copyGone(feed, columnMap, copy, rows);
  if (copy.compare !== undefined && sent !== null) return compareTable(feed, columnMap, copy, rows);
  return copyTable(target.sql, work.claim, columnMap, copy, rows);
};

/** Estimates the number of rows of a table, as far as it can be counted quickly. */
export const roughCount = (sql: Sqlite.Database, table: string): number =>
  sql
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM ${quote(table)} LIMIT 2000000)`)
    .pluck()
    .get() as number;

const copyTable = (
  sql: Sqlite.Database,
  owner: Owner,
  columnMap: ColumnMap,
  copy: TableCopy,
  rows: number,
): TableCopy | null => {
  const table = readWatchedTable(sql, columnMap.table);
  const { order, where, parameters, next } = nextPart(table, copy);
  const columns = order.join(', ');
  const tail = `${where} ORDER BY ${columns} LIMIT ${rows}`;
  const insert = sql.prepare(insertInto(owner, columnMap, table, tail, copy.isAgain ? 'U' : 'I'));
  if (insert.run(...parameters).changes < rows) return next(null);
  const last = sql
    .prepare(`SELECT ${columns} FROM ${quote(table.name)} ${where} ORDER BY ${columns} LIMIT 1 OFFSET ${rows - 1}`)
    .raw()
    .safeIntegers()
    .get(...parameters) as SqlValue[];
  return next(last);
};

const copyOfEntries = (
  sql: Sqlite.Database,
  owner: Owner,
  columnMap: ColumnMap,
  copy: EntriesCopy,
  rows: number,
): EntriesCopy | null => {
  const table = readWatchedTable(sql, columnMap.table);
  const log = quote(feedNames(owner).log);
  const columnMaps = quote(feedNames(owner).columnMaps);
  const keys = columnMap.key.map(afterColumn);
  const select = sql
    .prepare(
      `SELECT seq, ${keys.join(', ')} FROM ${log} WHERE seq > ? AND seq <= ? AND op = 'W' AND text IS NOT NULL AND shape IN
       (SELECT id FROM ${columnMaps} WHERE json_extract(shape, '$.place') = ?) ORDER BY seq LIMIT ?`,
    )
    .raw()
    .safeIntegers();
  const found = select.all(copy.from, copy.to, columnMap.place, rows) as SqlValue[][];
  const isKey = table.key.map(({ name }) => `${quote(table.name)}.${quote(name)} IS ?`).join(' AND ');
  const insert = sql.prepare(insertInto(owner, columnMap, table, `WHERE ${isKey}`, 'U'));
  const copied = new Set<string>();
  for (const [, ...key] of found) {
    const id = JSON.stringify(encodeKey(key));
    if (!copied.has(id)) insert.run(...key);
    copied.add(id);
  }
  const last = found.at(-1)?.[0];
  return found.length < rows || last === undefined ? null : { ...copy, from: Number(last) };
};
