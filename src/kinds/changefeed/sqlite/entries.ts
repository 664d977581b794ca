/** Reads the entries of the log, and converts them to messages. docs/changefeed-format.md describes these. */

import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { type HeldColumns, heldColumns } from '../../../databases/sqlite/feed/held-columns.ts';
import type { ColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { afterColumn, beforeColumn, feedNames } from '../../../databases/sqlite/feed/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { type FeedMessage, formatFeedCursor, type Operation } from '../message.ts';
import type { Bounds } from '../port.ts';
import type { SqlValue } from './exact.ts';

/** One log entry, with its values in the order of the column map. */
export interface Entry {
  readonly seq: number;
  /** `W`: the current row. `D`: no row has this key. `R`: nothing older will follow. */
  readonly op: 'W' | 'D' | 'R';
  /** In milliseconds, never less than the time of the previous entry. */
  readonly at: number;
  readonly columnMap: ColumnMap | null;
  /** The columns that the entry holds. */
  readonly held: HeldColumns['columns'];
  /** `I`: the row was inserted; `U`: it was updated; `D`: it was deleted. Null for an entry of an older version. */
  readonly how: 'I' | 'U' | 'D' | null;
  /** The last entry of the group that was committed together, as text; null if groups are not recorded. */
  readonly transaction: string | null;
  readonly after: readonly SqlValue[];
  readonly before: readonly SqlValue[] | null;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** More entries are pending than were requested. */
  readonly isFull: boolean;
}

/** @param at the time of the previous entry: times never go back, whatever a writer's clock says */
export type ReadPage = (after: number, at: number, upTo: number, bounds: Bounds) => Page;

/** Valid as long as the column maps stay the same. */
export const pageReader = (sql: Sqlite.Database, owner: Owner, columnMaps: readonly ColumnMap[]): ReadPage => {
  const byId = new Map(columnMaps.map((columnMap) => [columnMap.id, columnMap]));
  const width = Math.max(1, ...columnMaps.map(({ columns }) => columns.length));
  const diff = columnMaps.some((columnMap) => columnMap.diff);
  const positions = Array.from({ length: width }, (_, position) => position);
  const columns = [...positions.map(afterColumn), ...(diff ? positions.map(beforeColumn) : [])];
  const select = sql
    .prepare(
      `SELECT seq, shape, op, at, size, text, how,
         (SELECT min(last) FROM ${quote(feedNames(owner).groups)} WHERE last >= seq), ${columns.join(', ')}
       FROM ${quote(feedNames(owner).log)}
       WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    )
    .raw()
    .safeIntegers();
  const known = new Map<string, HeldColumns['columns']>();
  const heldIn = (columnMap: ColumnMap, text: string | null) => {
    const id = `${columnMap.id} ${text ?? ''}`;
    const held = known.get(id) ?? heldColumns(columnMap, text).columns;
    known.set(id, held);
    return held;
  };
  const entryOf = (row: readonly SqlValue[], lastAt: number): Entry => {
    const [seq, columnMapId, op, at, , text, how, group] = row;
    const columnMap = byId.get(Number(columnMapId)) ?? null;
    const held = columnMap === null ? [] : heldIn(columnMap, text as string | null);
    const after = row.slice(FIXED, FIXED + width);
    // A row that did not exist before has NULL in its key.
    const values = diff ? row.slice(FIXED + width) : null;
    const before = values !== null && columnMap?.key.some((position) => values[position] !== null) ? values : null;
    return {
      seq: Number(seq),
      op: op as Entry['op'],
      at: Math.max(lastAt, Number(at)),
      columnMap,
      held,
      how: how as Entry['how'],
      transaction: transactionOf(group),
      after,
      before,
    };
  };
  return (after, at, upTo, bounds) => {
    const entries: Entry[] = [];
    let first: number | undefined;
    let lastAt = at;
    for (const row of select.iterate(after, upTo, bounds.rows + 1) as Iterable<SqlValue[]>) {
      const size = Number(row[SIZE]);
      first ??= size;
      // The size without the first entry, which is included whatever its size.
      const bytes = size - first;
      if (entries.length > 0 && (entries.length >= bounds.rows || bytes > bounds.bytes)) {
        return { entries, isFull: true };
      }
      const entry = entryOf(row, lastAt);
      lastAt = entry.at;
      entries.push(entry);
    }
    return { entries, isFull: false };
  };
};

const FIXED = 8;
const SIZE = 4;

const transactionOf = (last: SqlValue | undefined): string | null =>
  typeof last === 'bigint' ? formatFeedCursor(Number(last)) : null;

export const messageOf = (entry: Entry): FeedMessage => {
  const { seq, op, at, columnMap, held, after, before, transaction } = entry;
  if (op === 'R' || columnMap === null) return { seq, resolved: at };
  const { key, table, columns } = columnMap;
  const nameAt = (position: number) => held.find(([, at]) => at === position)?.[0] ?? columns[position] ?? '';
  const rowOf = (values: readonly SqlValue[]) =>
    Object.fromEntries(held.map(([column, position]) => [column, jsonOf(values[position] ?? null)]));
  return {
    seq,
    table,
    key: key.map((position) => jsonOf(after[position] ?? null)),
    after: op === 'D' ? null : rowOf(after),
    before: before === null ? null : rowOf(before),
    deleted: op === 'D',
    updated: at,
    operation: operationOf(entry),
    transaction,
    keyColumns: key.map(nameAt),
  };
};

/** An INSERT OR REPLACE under an existing key is known to be an update if the previous values are logged. */
const operationOf = ({ how, before }: Entry): Operation | null => {
  if (how === null) return null;
  if (how === 'D') return 'DELETE';
  return how === 'I' && before === null ? 'INSERT' : 'UPDATE';
};

/**
 * The value in a message: a string for values that no JSON number represents, integers beyond 2^53 - 1 and infinity.
 * Blobs are base64.
 */
export const jsonOf = (value: SqlValue): string | number | null => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value.toString('base64');
};
