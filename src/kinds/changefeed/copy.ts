/**
 * Copies rows that have to be emitted in their current state: rows older than the triggers, and rows with a logged
 * change that lacks a column which the table has now. They are copied into the log in batches under the write lock, and
 * so take their place among the changes in commit order: an older state of a row is never emitted after a newer one.
 */

import type Sqlite from 'better-sqlite3';
import type { Shape } from '../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../databases/sqlite/feed/names.ts';
import { readWatchedTable, type WatchedTable } from '../../databases/sqlite/feed/table.ts';
import { logSize, rowNow } from '../../databases/sqlite/feed/triggers.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Owner } from '../../jobs/kind.ts';
import type { Copy, State } from './details.ts';
import type { Feed } from './feed.ts';
import { decodeKey, encodeKey, type SqlValue } from './value.ts';

type TableCopy = Extract<Copy, { what: 'table' }>;
type EntriesCopy = Extract<Copy, { what: 'entries' }>;

/** Copies about `rows` rows of the first pending copy. Runs inside a transaction. */
export const copyRows = ({ target: { sql }, work, shapes }: Feed, state: State, rows: number): State => {
  const [copy, ...rest] = state.copy;
  const shape = shapes.find(({ place }) => place === copy?.place);
  if (copy === undefined || shape === undefined) return { ...state, copy: rest };
  const owner = work.claim;
  const from = newest(sql, owner);
  const next =
    copy.what === 'table' ? copyTable(sql, owner, shape, copy, rows) : copyOfEntries(sql, owner, shape, copy, rows);
  const scanned = state.scanned + newest(sql, owner) - from;
  // The fraction counts the rows of one table.
  return next === null ? { ...state, copy: rest, scanned: 0 } : { ...state, copy: [next, ...rest], scanned };
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

/** Selects rows according to `tail` and inserts them in that order. */
const into = (owner: Owner, shape: Shape, table: WatchedTable, tail: string): string => {
  const names = feedNames(owner);
  const columns = shape.columns.map((_, place) => afterColumn(place)).join(', ');
  const { from, values, bytes } = rowNow(table);
  return `INSERT INTO ${quote(names.log)} (shape, op, at, size, ${columns})
    SELECT ${shape.id}, 'W', ${Date.now()}, ${logSize(names)} + sum(_signalbox_bytes) OVER (ROWS UNBOUNDED PRECEDING), ${values}
    FROM (SELECT ${bytes} AS _signalbox_bytes, ${values} FROM ${from} ${tail})`;
};

const copyTable = (
  sql: Sqlite.Database,
  owner: Owner,
  shape: Shape,
  copy: TableCopy,
  rows: number,
): TableCopy | null => {
  const table = readWatchedTable(sql, shape.table);
  const its = quote(table.name);
  const key = table.key.map(({ name }) => `${its}.${quote(name)}`);
  const rowid = table.rowid === null ? null : `${its}.${quote(table.rowid)}`;
  const isNull = table.key.filter(({ nullable }) => nullable).map(({ name }) => `${its}.${quote(name)} IS NULL`);
  const keyed = copy.part === 'keyed';
  const order = keyed ? key : [rowid ?? ''];
  const conditions = [
    ...(isNull.length === 0 ? [] : [`${keyed ? 'NOT ' : ''}(${isNull.join(' OR ')})`]),
    ...(copy.after === null ? [] : [`(${order.join(', ')}) > (${order.map(() => '?').join(', ')})`]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const tail = `${where} ORDER BY ${order.join(', ')} LIMIT ${rows}`;
  const given = copy.after === null ? [] : decodeKey(copy.after);
  const { changes } = sql.prepare(into(owner, shape, table, tail)).run(...given);
  if (changes === rows) {
    const last = sql
      .prepare(
        `SELECT ${order.join(', ')} FROM ${its} ${where} ORDER BY ${order.join(', ')} LIMIT 1 OFFSET ${rows - 1}`,
      )
      .raw()
      .safeIntegers()
      .get(...given) as SqlValue[];
    return { ...copy, after: encodeKey(last) };
  }
  return keyed && isNull.length > 0 && rowid !== null ? { ...copy, part: 'null', after: null } : null;
};

const copyOfEntries = (
  sql: Sqlite.Database,
  owner: Owner,
  shape: Shape,
  copy: EntriesCopy,
  rows: number,
): EntriesCopy | null => {
  const table = readWatchedTable(sql, shape.table);
  const log = quote(feedNames(owner).log);
  const shapes = quote(feedNames(owner).shapes);
  const keys = shape.key.map(afterColumn);
  const select = sql
    .prepare(
      `SELECT seq, ${keys.join(', ')} FROM ${log} WHERE seq > ? AND seq <= ? AND op = 'W' AND shape IN
       (SELECT id FROM ${shapes} WHERE json_extract(shape, '$.place') = ?) ORDER BY seq LIMIT ?`,
    )
    .raw()
    .safeIntegers();
  const found = select.all(copy.from, copy.to, shape.place, rows) as SqlValue[][];
  const isKey = table.key.map(({ name }) => `${quote(table.name)}.${quote(name)} IS ?`).join(' AND ');
  const insert = sql.prepare(into(owner, shape, table, `WHERE ${isKey}`));
  const told = new Set<string>();
  for (const [, ...key] of found) {
    const id = JSON.stringify(encodeKey(key));
    if (!told.has(id)) insert.run(...key);
    told.add(id);
  }
  const last = found.at(-1)?.[0];
  return found.length < rows || last === undefined ? null : { ...copy, from: Number(last) };
};
