/** The statements that copy a table. Keys are passed from table to table inside SQLite and never leave it. */
import { quote } from '../../../databases/sqlite/names.ts';
import { inOrder, isAfter, isKey, isUpTo, keyColumns, noted } from './key-sql.ts';
import { isLossy } from './lossless-conversion.ts';
import type { CopyNames } from './names.ts';
import type { KeyPart, TablePlan } from './table-plan.ts';
import type { UniqueEntries } from './unique-entries.ts';

/** Selects rows: those under one noted key, or those after the copied ones, up to the end of the batch. */
export type Rows = { readonly note: true } | { readonly isBegun: boolean; readonly isBounded: boolean };

export interface CopySql {
  /** The last of a limited number of notes after `@last`, and their count. */
  readonly notes: string;
  /** Of the notes after `@last`, up to `@end`, one for each key. */
  readonly distinct: string;
  readonly dropNotes: string;
  readonly isNoted: string;
  /** Deletes from the copy the row that note `@seq` refers to. */
  readonly removeFromCopy: string;
  /** Records the end of the batch of `@rows` rows, unless the batch reaches the end of the table. */
  bound(isBegun: boolean): string;
  readonly dropBound: string;
  /** The next batch begins where the last one ended. */
  readonly advance: readonly string[];
  /** Inserts into the copy; with `isPartial`, skips rows that the copying in key order has yet to reach. */
  insert(rows: Rows, isPartial?: boolean): string;
  /** Records the entries of the same rows in unique indexes. */
  record(rows: Rows, isPartial?: boolean): readonly string[];
  /** The keys and values of rows that have no lossless conversion to the column's new type. */
  lossyValues(rows: Rows): readonly LossyValues[];
  /** The key of one row and its values in these columns, truncated. */
  show(rows: 'note' | 'end', columns: readonly string[]): string;
}

export interface LossyValues {
  readonly column: string;
  readonly type: string;
  readonly select: string;
}

export const copySql = (
  { name, key, columns }: TablePlan,
  names: CopyNames,
  entries: readonly UniqueEntries[],
): CopySql => {
  const [table, copy, log, cursor] = [name, names.copy, names.log, names.cursor].map(quote) as [
    string,
    string,
    string,
    string,
  ];
  const note = `${log} WHERE seq = @seq`;
  const [begin, end] = [`${cursor} WHERE side = 0`, `${cursor} WHERE side = 1`];
  const filled = fields(key, columns);
  const [into, from] = [
    filled.map(({ to }) => quote(to)).join(', '),
    filled.map((field) => quote(field.from)).join(', '),
  ];
  const keys = keyColumns(key, 'from');

  const which = (rows: Rows): string => {
    if ('note' in rows) return isKey(key, 'from', note);
    const bounds = [
      ...(rows.isBegun ? [isAfter(key, 'from', begin)] : []),
      ...(rows.isBounded ? [isUpTo(key, 'from', end)] : []),
    ];
    return bounds.length === 0 ? 'TRUE' : bounds.join(' AND ');
  };

  const reached = (rows: Rows, isPartial: boolean) =>
    `${which(rows)}${isPartial ? ` AND ${isUpTo(key, 'from', begin)}` : ''}`;

  return {
    notes: `SELECT max(seq) AS "end", count(*) AS count FROM (SELECT seq FROM ${log} WHERE seq > @last ORDER BY seq LIMIT @limit)`,
    distinct: `SELECT max(seq) FROM ${log} WHERE seq > @last AND seq <= @end GROUP BY ${noted(key).join(', ')}`,
    dropNotes: `DELETE FROM ${log} WHERE seq <= @last`,
    isNoted: `SELECT 1 FROM ${log} LIMIT 1`,
    removeFromCopy: `DELETE FROM ${copy} WHERE ${isKey(key, 'to', note)}`,
    bound: (isBegun) =>
      `INSERT INTO ${cursor} SELECT 1, ${keys.join(', ')} FROM ${table} WHERE ${which({ isBegun, isBounded: false })}
       ORDER BY ${inOrder(key, 'from')} LIMIT 1 OFFSET @rows - 1`,
    dropBound: `DELETE FROM ${end}`,
    advance: [`DELETE FROM ${begin}`, `UPDATE ${cursor} SET side = 0`],
    // A constraint of the table may specify ON CONFLICT REPLACE, but no row may be replaced silently.
    insert: (rows, isPartial = false) =>
      `INSERT OR ABORT INTO ${copy} (${into}) SELECT ${from} FROM ${table} WHERE ${reached(rows, isPartial)}
       ORDER BY ${inOrder(key, 'from')}`,
    record: (rows, isPartial = false) => entries.map(({ record }) => record(reached(rows, isPartial))),
    lossyValues: (rows) =>
      columns.flatMap(({ name: column, from: old, converts }) => {
        if (old === null || converts === null) return [];
        const found = `SELECT ${keys.map((one, i) => `${one} AS k${i}`).join(', ')}, ${quote(old)} AS v FROM ${table} WHERE ${which(rows)}`;
        const isSame = key.map((part, i) => `h.${quote(part.to)}${collate(part)} = o.k${i}`).join(' AND ');
        const select = `SELECT ${noted(key)
          .map((k) => `o.${k}`)
          .join(', ')}, ${shown('o.v')} FROM (${found}) AS o JOIN ${copy} AS h ON ${isSame}
          WHERE ${isLossy('o.v', `h.${quote(column)}`, converts)} LIMIT 1`;
        return [{ column: old, type: converts, select }];
      }),
    show: (rows, wanted) =>
      `SELECT ${[...keys, ...wanted.map((column) => shown(quote(column)))].join(', ')} FROM ${table}
       WHERE ${isKey(key, 'from', rows === 'note' ? note : end)}`,
  };
};

interface Field {
  readonly from: string;
  readonly to: string;
}

/** The columns that an INSERT fills: those that are not generated, and the rowid if no column is an alias of it. */
const fields = (key: readonly KeyPart[], columns: TablePlan['columns']): readonly Field[] => {
  const kept = columns.flatMap(({ name, from, generated }) => (generated || from === null ? [] : [{ from, to: name }]));
  const isNamed = kept.some(({ from }) => from === key[0]?.from);
  return isNamed ? kept : [...key.map(({ from, to }) => ({ from, to })), ...kept];
};

const collate = ({ collation }: KeyPart): string => (collation === null ? '' : ` COLLATE ${quote(collation)}`);

/** Truncates a value to the length that a message can hold. */
const shown = (value: string): string =>
  `CASE typeof(${value}) WHEN 'text' THEN substr(${value}, 1, 200)
     WHEN 'blob' THEN 'x''' || hex(substr(${value}, 1, 20)) || '''' ELSE ${value} END`;
