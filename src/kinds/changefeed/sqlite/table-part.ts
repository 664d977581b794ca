/** Rows that are pending to be copied into the log, and what all ways of copying them need. */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import type { ColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import type { WatchedTable } from '../../../databases/sqlite/feed/table.ts';
import { logSize, rowBytes } from '../../../databases/sqlite/feed/triggers.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { PendingCopy } from '../details.ts';
import { decodeKey, encodeKey, type SqlValue, type StoredValue } from './exact.ts';

/** A pending copy, with its position. */
export type Copy = TableCopy | EntriesCopy | GoneCopy;

export type TableCopy = Extract<PendingCopy, { what: 'table' }> & {
  /** Rows with NULL in their key come after the others, in rowid order. */
  readonly part: 'keyed' | 'null';
  /** The key of the last copied row, as `encodeKey` writes it. */
  readonly after: readonly StoredValue[] | null;
};

type EntriesCopy = Extract<PendingCopy, { what: 'entries' }> & { readonly from: number; readonly to: number };

/** `after`: the id of the last key that was looked for. */
export type GoneCopy = Extract<PendingCopy, { what: 'gone' }> & { readonly after: string | null };

/** The copies that send the difference after a table was replaced. */
export const differenceOf = (place: number): readonly Copy[] => [
  { what: 'gone', place, after: null },
  { what: 'table', place, part: 'keyed', after: null, rows: 0, isAgain: true, compare: 'difference' },
];

/** Where the next rows of a table are. */
export interface TablePart {
  /** The columns of the order. */
  readonly order: readonly string[];
  /** A WHERE clause, or nothing. */
  readonly where: string;
  readonly parameters: readonly SqlValue[];
  /** The position after these rows. @param last the values of `order` in the last one; null if no more follow */
  next(last: readonly SqlValue[] | null): TableCopy | null;
}

export const nextPart = (table: WatchedTable, copy: TableCopy): TablePart => {
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
  return {
    order,
    where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`,
    parameters: copy.after === null ? [] : decodeKey(copy.after),
    next: (last) => {
      if (last !== null) return { ...copy, after: encodeKey(last) };
      return isKeyed && isNull.length > 0 && rowid !== null ? { ...copy, part: 'null', after: null } : null;
    },
  };
};

export const newest = (sql: Sqlite.Database, owner: Owner): number =>
  sql
    .prepare(`SELECT max(seq) FROM ${quote(feedNames(owner).log)}`)
    .pluck()
    .get() as number;

/** The statement that inserts into the log the rows that `tail` selects, in its order. */
export const insertInto = (
  owner: Owner,
  columnMap: ColumnMap,
  table: WatchedTable,
  tail: string,
  how: 'I' | 'U',
): string => {
  const names = feedNames(owner);
  const columns = columnMap.columns.map((_, position) => afterColumn(position)).join(', ');
  const values = columnMap.columns.map(quote).join(', ');
  return `INSERT INTO ${quote(names.log)} (shape, op, at, size, how, ${columns})
    SELECT ${columnMap.id}, 'W', ${Date.now()}, ${logSize(names)} + sum(_signalbox_bytes) OVER (ROWS UNBOUNDED PRECEDING), '${how}', ${values}
    FROM (SELECT ${rowBytes(table)} AS _signalbox_bytes, ${values} FROM ${quote(table.name)} ${tail})`;
};
