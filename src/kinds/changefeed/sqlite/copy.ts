/**
 * Copies rows that have to be emitted in their current state: rows older than the triggers, and rows with a logged
 * change that lacks a column which the table has now. They are copied into the log in batches under the write lock, and
 * so take their place among the changes in commit order: an older state of a row is never emitted after a newer one.
 */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import type { ColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import { readWatchedTable, type WatchedTable } from '../../../databases/sqlite/feed/table.ts';
import { logSize, rowBytes } from '../../../databases/sqlite/feed/triggers.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { FeedCheckpoint, PendingCopy } from '../details.ts';
import type { SqlValue } from './entries.ts';
import type { Feed } from './feed.ts';

/** A pending copy, with its position. */
export type Copy = TableCopy | EntriesCopy;

type TableCopy = Extract<PendingCopy, { what: 'table' }> & {
  /** Rows with NULL in their key come after the others, in rowid order. */
  readonly part: 'keyed' | 'null';
  /** The key of the last copied row, as `encodeKey` writes it. */
  readonly after: readonly StoredValue[] | null;
};

type EntriesCopy = Extract<PendingCopy, { what: 'entries' }> & { readonly from: number; readonly to: number };

/** An SQLite value, represented exactly in JSON. */
type StoredValue = string | null | { readonly int: string } | { readonly real: string } | { readonly blob: string };

/** Copies about `rows` rows of the first pending copy. Runs inside a transaction. */
export const copyRows = (
  { target: { sql }, work, columnMaps }: Feed,
  checkpoint: FeedCheckpoint,
  rows: number,
): FeedCheckpoint => {
  const [copy, ...rest] = checkpoint.copy as readonly Copy[];
  const columnMap = columnMaps.find(({ place }) => place === copy?.place);
  if (copy === undefined || columnMap === undefined) return { ...checkpoint, copy: rest };
  const owner = work.claim;
  const before = newest(sql, owner);
  const next =
    copy.what === 'table'
      ? copyTable(sql, owner, columnMap, copy, rows)
      : copyOfEntries(sql, owner, columnMap, copy, rows);
  const scanned = checkpoint.scanned + newest(sql, owner) - before;
  // The fraction counts the rows of one table.
  return next === null ? { ...checkpoint, copy: rest, scanned: 0 } : { ...checkpoint, copy: [next, ...rest], scanned };
};

/** Estimates the number of rows of a table, as far as it can be counted quickly. */
export const roughCount = (sql: Sqlite.Database, table: string): number =>
  sql
    .prepare(`SELECT count(*) FROM (SELECT 1 FROM ${quote(table)} LIMIT 2000000)`)
    .pluck()
    .get() as number;

const newest = (sql: Sqlite.Database, owner: Owner) =>
  sql
    .prepare(`SELECT max(seq) FROM ${quote(feedNames(owner).log)}`)
    .pluck()
    .get() as number;

/** The statement that inserts into the log the rows that `tail` selects, in its order. */
const insertInto = (owner: Owner, columnMap: ColumnMap, table: WatchedTable, tail: string, how: 'I' | 'U'): string => {
  const names = feedNames(owner);
  const columns = columnMap.columns.map((_, position) => afterColumn(position)).join(', ');
  const values = columnMap.columns.map(quote).join(', ');
  return `INSERT INTO ${quote(names.log)} (shape, op, at, size, how, ${columns})
    SELECT ${columnMap.id}, 'W', ${Date.now()}, ${logSize(names)} + sum(_signalbox_bytes) OVER (ROWS UNBOUNDED PRECEDING), '${how}', ${values}
    FROM (SELECT ${rowBytes(table)} AS _signalbox_bytes, ${values} FROM ${quote(table.name)} ${tail})`;
};

const copyTable = (
  sql: Sqlite.Database,
  owner: Owner,
  columnMap: ColumnMap,
  copy: TableCopy,
  rows: number,
): TableCopy | null => {
  const table = readWatchedTable(sql, columnMap.table);
  const qualified = quote(table.name);
  const key = table.key.map(({ name }) => `${qualified}.${quote(name)}`);
  const rowid = table.rowid === null ? null : `${qualified}.${quote(table.rowid)}`;
  const isNull = table.key.filter(({ nullable }) => nullable).map(({ name }) => `${qualified}.${quote(name)} IS NULL`);
  const isKeyed = copy.part === 'keyed';
  const order = isKeyed ? key : [rowid ?? ''];
  const conditions = [
    ...(isNull.length === 0 ? [] : [`${isKeyed ? 'NOT ' : ''}(${isNull.join(' OR ')})`]),
    ...(copy.after === null ? [] : [`(${order.join(', ')}) > (${order.map(() => '?').join(', ')})`]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const tail = `${where} ORDER BY ${order.join(', ')} LIMIT ${rows}`;
  const after = copy.after === null ? [] : decodeKey(copy.after);
  const { changes } = sql.prepare(insertInto(owner, columnMap, table, tail, copy.isAgain ? 'U' : 'I')).run(...after);
  if (changes === rows) {
    const last = sql
      .prepare(
        `SELECT ${order.join(', ')} FROM ${qualified} ${where} ORDER BY ${order.join(', ')} LIMIT 1 OFFSET ${rows - 1}`,
      )
      .raw()
      .safeIntegers()
      .get(...after) as SqlValue[];
    return { ...copy, after: encodeKey(last) };
  }
  return isKeyed && isNull.length > 0 && rowid !== null ? { ...copy, part: 'null', after: null } : null;
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

const encodeKey = (key: readonly SqlValue[]): readonly StoredValue[] =>
  key.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'bigint') return { int: String(value) };
    return typeof value === 'number' ? { real: String(value) } : { blob: value.toString('hex') };
  });

const decodeKey = (key: readonly StoredValue[]): readonly SqlValue[] =>
  key.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if ('int' in value) return BigInt(value.int);
    return 'real' in value ? Number(value.real) : Buffer.from(value.blob, 'hex');
  });
