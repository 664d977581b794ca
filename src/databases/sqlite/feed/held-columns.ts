/** Which columns of a row an entry of the log holds. */
import Sqlite from 'better-sqlite3';
import { readTable } from '../catalogue.ts';
import { fold } from '../names.ts';
import { headOf } from '../sql-text.ts';
import { readTableText } from '../table-text.ts';
import type { ColumnMap } from './log.ts';

export interface HeldColumns {
  /** The names that the columns had when the row was written, with their positions in the entry. */
  readonly columns: readonly (readonly [name: string, position: number])[];
  /** The row had no other columns. */
  readonly isComplete: boolean;
}

/**
 * @param text the table's CREATE TABLE when the entry was written; null if it was that of the column map. Values were
 *   read under the names of the column map, those of the key's columns by their positions in the key
 */
export const heldColumns = (columnMap: ColumnMap, text: string | null): HeldColumns => {
  const all = columnMap.columns.map((name, position) => [name, position] as const);
  if (text === null) return { columns: all, isComplete: true };
  const now = readText(text);
  if (now === null) return { columns: [], isComplete: false };
  const keyNames = columnMap.key.map((position) => fold(columnMap.columns[position] ?? ''));
  const isSameKey = now.key === null || JSON.stringify(now.key) === JSON.stringify(keyNames);
  const columns = now.columns.flatMap((name) => {
    const position = columnMap.columns.findIndex((known) => fold(known) === fold(name));
    return position === -1 || (!isSameKey && columnMap.key.includes(position)) ? [] : [[name, position] as const];
  });
  return { columns, isComplete: isSameKey && columns.length === now.columns.length };
};

/** Null if the text cannot be read; `key` is null if only the names of the columns can be read. */
const readText = (
  text: string,
): { readonly columns: readonly string[]; readonly key: readonly string[] | null } | null => {
  const probe = new Sqlite(':memory:');
  try {
    probe.exec(text);
    const table = readTable(probe, headOf(text)?.name ?? '');
    if (table !== undefined) {
      return { columns: table.columns.map(({ name }) => name), key: table.key.map(({ name }) => fold(name)) };
    }
  } catch {
    // It may need a function that only another program has.
  } finally {
    probe.close();
  }
  try {
    return { columns: readTableText(text).columns.map(({ name }) => name), key: null };
  } catch {
    return null;
  }
};
