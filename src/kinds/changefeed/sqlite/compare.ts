/** Compares a table with the rows that were sent, and logs the difference. */
import { quote } from '../../../databases/quote.ts';
import { addLogColumns, type ColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import { readWatchedTable } from '../../../databases/sqlite/feed/table.ts';
import { ENTRY_BYTES, logSize } from '../../../databases/sqlite/feed/triggers.ts';
import { jsonOf } from './entries.ts';
import type { SqlValue } from './exact.ts';
import { type Feed, reloadColumnMaps } from './feed.ts';
import { type GoneCopy, insertInto, newest, nextPart, type TableCopy } from './table-part.ts';

/** Compares about `rows` rows with what was sent. */
export const compareTable = (
  { target: { sql }, work, sent }: Feed,
  columnMap: ColumnMap,
  copy: TableCopy,
  rows: number,
): TableCopy | null => {
  const owner = work.claim;
  const table = readWatchedTable(sql, columnMap.table);
  const { order, where, parameters, next } = nextPart(table, copy);
  // By its rowid a row is found again even if its key is not valid text.
  const id = table.rowid === null ? order : [`${quote(table.name)}.${quote(table.rowid)}`];
  const values = columnMap.columns.map((name) => `${quote(table.name)}.${quote(name)}`);
  const found = sql
    .prepare(
      `SELECT ${[...order, ...id, ...values].join(', ')} FROM ${quote(table.name)} ${where}
       ORDER BY ${order.join(', ')} LIMIT ${rows}`,
    )
    .raw()
    .safeIntegers()
    .all(...parameters) as SqlValue[][];
  const isRow = `WHERE ${id.map((column) => `${column} IS ?`).join(' AND ')}`;
  const inserts = {
    none: sql.prepare(insertInto(owner, columnMap, table, isRow, 'I')),
    other: sql.prepare(insertInto(owner, columnMap, table, isRow, 'U')),
  };
  const seq = newest(sql, owner);
  for (const row of found) {
    const its = row.slice(order.length + id.length);
    const columns = columnMap.columns.map((name, i) => [name, its[i] ?? null] as const);
    const sentRow = { key: columnMap.key.map((position) => its[position] ?? null), columns };
    if (copy.compare === 'known') {
      sent?.recordKnown(columnMap.place, sentRow, seq);
      continue;
    }
    const state = sent?.find(columnMap.place, sentRow) ?? 'none';
    if (state !== 'same') inserts[state].run(...row.slice(order.length, order.length + id.length));
  }
  return next(found.length < rows ? null : (found.at(-1)?.slice(0, order.length) ?? null));
};

/** Logs the deletion of the rows that do not exist, of about `rows` that were sent. */
export const copyGone = (feed: Feed, columnMap: ColumnMap, copy: GoneCopy, rows: number): GoneCopy | null => {
  const { sql } = feed.target;
  const table = readWatchedTable(sql, columnMap.table);
  const key = table.key.map(({ name }) => quote(name));
  const select = sql
    .prepare(
      `SELECT ${key.join(', ')} FROM ${quote(table.name)} WHERE ${key.map((column) => `${column} IS ?`).join(' AND ')}`,
    )
    .raw()
    .safeIntegers();
  const keys = feed.sent?.keys(copy.place, copy.after, rows) ?? [];
  for (const { key: values } of keys) {
    const found = values.length === key.length ? (select.all(...values) as SqlValue[][]) : [];
    // Two keys that SQLite compares as equal, such as 1 and '1', can differ in messages.
    if (!found.some((other) => textOf(other) === textOf(values))) logGone(feed, columnMap, values);
  }
  const last = keys.at(-1);
  return keys.length < rows || last === undefined ? null : { ...copy, after: last.id };
};

const textOf = (key: readonly SqlValue[]): string => JSON.stringify(key.map(jsonOf));

const logGone = (feed: Feed, columnMap: ColumnMap, key: readonly SqlValue[]): void => {
  const { target, work } = feed;
  const names = feedNames(work.claim);
  const { id, key: positions } = key.length === columnMap.key.length ? columnMap : formerKeyMap(feed, columnMap, key);
  const columns = positions.map(afterColumn);
  target.sql
    .prepare(
      `INSERT INTO ${quote(names.log)} (shape, op, at, size, how, ${columns.join(', ')})
       VALUES (${id}, 'D', ${Date.now()}, ${logSize(names)} + ${ENTRY_BYTES}, 'D', ${columns.map(() => '?').join(', ')})`,
    )
    .run(...key);
};

/** A column map for rows whose key had another number of columns. Its id is negative, so it is never the newest. */
const formerKeyMap = (
  feed: Feed,
  { place, table }: ColumnMap,
  key: readonly SqlValue[],
): Pick<ColumnMap, 'id' | 'key'> => {
  const { target, work } = feed;
  const owner = work.claim;
  const id = -(place * MAX_KEY + key.length);
  const positions = key.map((_, position) => position);
  const known = target.sql.prepare(`SELECT 1 FROM ${quote(feedNames(owner).columnMaps)} WHERE id = ?`).get(id);
  if (known === undefined) {
    const columns = positions.map((position) => `key ${position + 1}`);
    const shape = { place, table, columns, key: positions, uniques: [], diff: false };
    addLogColumns(target.sql, owner, columns.length);
    target.sql
      .prepare(`INSERT INTO ${quote(feedNames(owner).columnMaps)} (id, shape) VALUES (?, ?)`)
      .run(id, JSON.stringify(shape));
    reloadColumnMaps(feed);
  }
  return { id, key: positions };
};

/** SQLite allows fewer columns in a table. */
const MAX_KEY = 100_000;
