/** Converts the cells of rows to the values that are bound to an INSERT, each in the form in which its column stores it. */
import type { ColumnShape } from '../../../databases/database.ts';
import { Misfit, type StoredForm, storedForm } from '../../../databases/sqlite/types/stored-value.ts';
import type { BytesForms } from '../details.ts';
import type { Cell } from '../rows.ts';

export type Row = readonly Cell[];

/** A value of a row that its column cannot store. */
export class ColumnMisfit {
  readonly index: number;
  readonly reason: string;
  constructor(index: number, reason: string) {
    this.index = index;
    this.reason = reason;
  }
}

/** Returns a function that flattens rows into bound values, each in the form in which its column stores it. */
export const valuesOf = (forms: readonly (StoredForm | null)[]) => {
  const width = forms.length;
  return (rows: readonly Row[], from: number, to: number): readonly unknown[] | ColumnMisfit => {
    const values = new Array<unknown>((to - from) * width);
    let index = 0;
    for (let at = from; at < to; at++) {
      const row = rows[at] ?? [];
      for (let i = 0; i < width; i++) {
        const cell = row[i] ?? null;
        const form = forms[i] ?? null;
        if (cell === null || (form === null && typeof cell !== 'boolean')) values[index] = cell;
        else {
          const value = form === null ? String(cell) : form(cell);
          if (value instanceof Misfit) return new ColumnMisfit(i, value.reason);
          values[index] = value;
        }
        index++;
      }
    }
    return values;
  };
};

/**
 * The stored form of each column of a table.
 * @param sqliteTypes the types with which the table declares the columns in SQLite
 */
export const formsOf = (
  columns: readonly ColumnShape[],
  sqliteTypes: readonly string[],
  isStrict: boolean,
  bytes: BytesForms = {},
): readonly (StoredForm | null)[] =>
  columns.map(({ type }, i) =>
    storedForm({ declared: type, sqliteType: sqliteTypes[i] ?? type, isStrict, bytes: bytes[i] ?? 'TEXT' }),
  );
