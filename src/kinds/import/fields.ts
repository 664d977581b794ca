/** Maps the fields of a row to columns. */
import type { ColumnShape } from '../../databases/database.ts';
import { show } from '../../databases/show.ts';
import { fold } from '../../databases/sqlite/names.ts';
import { badInput } from '../../errors.ts';
import { rowidColumn } from './columns.ts';
import type { TableColumn } from './table.ts';

/** The columns that `into` names, or all columns. @throws badInput */
export const fieldsInto = (columns: readonly TableColumn[], into: readonly string[] | null): readonly number[] => {
  if (into === null) return [...columns.keys()].filter((i) => columns[i]?.generated !== true);
  return indexesOf(columns, into, (i, message) => badInput(`input.into.${i}`, message), 'input.into');
};

/** The columns that a header names. @throws badInput for the source */
export const fieldsNamed = (columns: readonly TableColumn[], names: readonly string[], where: string, field: string) =>
  indexesOf(columns, names, (i, message) => badInput(field, `${where}: ${message}, in position ${i + 1}`), field);

/** A column that must be filled and is not. */
export const missingIn = (columns: readonly TableColumn[], filled: ReadonlySet<number>): TableColumn | undefined => {
  const rowid = rowidColumn(columns);
  const isRequired = (column: ColumnShape) =>
    (!column.nullable || (column.primaryKey && column !== rowid)) && column.default === null;
  return columns.find((column, i) => !filled.has(i) && !column.generated && isRequired(column));
};

const indexesOf = (
  columns: readonly TableColumn[],
  names: readonly string[],
  refused: (i: number, message: string) => Error,
  field: string,
): readonly number[] => {
  const environment = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const indexes: number[] = [];
  for (const [i, name] of names.entries()) {
    const index = environment.get(fold(name));
    if (index === undefined) throw refused(i, `${show(name)} is not a column of the table`);
    if (columns[index]?.generated) throw refused(i, `column ${show(name)} is generated: nothing can fill it`);
    if (indexes.includes(index)) throw refused(i, `column ${show(name)} is named twice`);
    indexes.push(index);
  }
  const missing = missingIn(columns, new Set(indexes));
  if (missing === undefined) return indexes;
  throw badInput(field, `column ${show(missing.name)} is not named, but is NOT NULL and has no default`);
};
