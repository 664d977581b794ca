/** Which columns the fields of a row fill. */
import type { ColumnShape } from '../../databases/database.ts';
import { fold } from '../../databases/names.ts';
import { badInput } from '../../errors.ts';
import { rowidColumn } from './columns.ts';
import { show } from './show.ts';

/** The columns that `into` names, or all. @throws badInput */
export const fieldsInto = (columns: readonly ColumnShape[], into: readonly string[] | null): readonly number[] => {
  if (into === null) return [...columns.keys()];
  return indexesOf(columns, into, (i, message) => badInput(`input.into.${i}`, message), 'input.into');
};

/** The columns that a header names. @throws badInput for the source */
export const fieldsNamed = (columns: readonly ColumnShape[], names: readonly string[], where: string, field: string) =>
  indexesOf(columns, names, (i, message) => badInput(field, `${where}: ${message}, in position ${i + 1}`), field);

const indexesOf = (
  columns: readonly ColumnShape[],
  names: readonly string[],
  refused: (i: number, message: string) => Error,
  field: string,
): readonly number[] => {
  const places = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const indexes: number[] = [];
  for (const [i, name] of names.entries()) {
    const index = places.get(fold(name));
    if (index === undefined) throw refused(i, `${show(name)} is not a column of the table`);
    if (indexes.includes(index)) throw refused(i, `column ${show(name)} is named twice`);
    indexes.push(index);
  }
  const given = new Set(indexes);
  const rowid = rowidColumn(columns);
  const isRequired = (column: ColumnShape) =>
    (!column.nullable || (column.primaryKey && column !== rowid)) && column.default === null;
  const missing = columns.find((column, i) => !given.has(i) && isRequired(column));
  if (missing === undefined) return indexes;
  throw badInput(field, `column ${show(missing.name)} is not named, but is NOT NULL and has no default`);
};
