/** Maps the fields of a CSV row, and the keys of a JSON object, to columns. */
import { show } from '../../databases/show.ts';
import { badInput } from '../../errors.ts';
import type { TableColumn } from './details.ts';
import type { FieldMapping, StoredMapping } from './field-mapping.ts';
import type { ColumnRules } from './port.ts';

/** The columns that `into` names, or all columns. @throws badInput */
export const fieldsInto = (
  columns: readonly TableColumn[],
  into: readonly string[] | null,
  rules: ColumnRules,
): readonly number[] => {
  if (into === null) return allFields(columns);
  return indexesOf(columns, into, rules, (i, message) => badInput(`input.into.${i}`, message), 'input.into');
};

export interface MappedFields {
  readonly fields: readonly number[];
  readonly mapping?: StoredMapping;
}

/**
 * The columns that a header names. Generated columns, and names that are empty at the end, are ignored.
 * @throws badInput for the source
 */
export const fieldsNamed = (
  columns: readonly TableColumn[],
  names: readonly string[],
  rules: ColumnRules,
  where: string,
  field: string,
): MappedFields => {
  const generated = new Set(columns.filter(({ generated }) => generated).map(({ name }) => rules.fold(name)));
  const empty = trailingBlanks(names);
  const take = [...names.keys()].filter((i) => !empty.includes(i) && !generated.has(rules.fold(names[i] ?? '')));
  const fields = indexesOf(
    columns,
    take.map((i) => names[i] ?? ''),
    rules,
    (i, message) => badInput(field, `${where}: ${message}, in position ${(take[i] ?? 0) + 1}`),
    field,
  );
  if (take.length === names.length) return { fields };
  return { fields, mapping: { width: names.length, take, empty, dates: take.map(() => null) } };
};

/** The positions of names that are empty at the end of a header: each line ends in delimiters. */
const trailingBlanks = (names: readonly string[]): readonly number[] => {
  const named = names.findLastIndex((name) => name.trim() !== '');
  return [...names.keys()].filter((i) => i > named && named !== -1);
};

/**
 * The columns that `fields` of the input maps. Fields that it does not map are ignored.
 * @param header the names of the fields; null if the source has none
 * @param width the number of fields of a row
 * @throws badInput naming the mapping
 */
export const fieldsMapped = (
  columns: readonly TableColumn[],
  mappings: readonly FieldMapping[],
  header: readonly string[] | null,
  width: number,
  rules: ColumnRules,
  where: string,
): MappedFields => {
  const positions = (name: string) => (header ?? []).flatMap((other, i) => (other === name ? [i] : []));
  const take = mappings.map(({ from }, i) => {
    const path = `input.fields.${i}.from`;
    if (from.position !== undefined) {
      if (from.position <= width) return from.position - 1;
      throw badInput(`${path}.position`, `${where} has ${width} fields: there is none in position ${from.position}`);
    }
    const name = from.name ?? '';
    if (header === null) throw badInput(`${path}.name`, 'from.name needs a header: use position');
    const [found, second] = positions(name);
    if (found === undefined) throw badInput(`${path}.name`, `${where}: the header has no field ${show(name)}`);
    if (second === undefined) return found;
    throw badInput(`${path}.name`, `${where}: the header has ${show(name)} more than once: use position`);
  });
  const names = mappings.map(({ column }) => column);
  const errorAt = (i: number, message: string) => badInput(`input.fields.${i}.column`, message);
  const fields = indexesOf(columns, names, rules, errorAt, 'input.fields');
  const dates = mappings.map(({ dateFormat }) => dateFormat);
  return { fields, mapping: { width, take, empty: [], dates } };
};

/**
 * The columns of an existing table, as `requiredIn` expects them: only the key of a new table can be omitted because it
 * is a key. A key column of an existing table is nullable or not, like any other column.
 */
export const withoutKey = (columns: readonly TableColumn[]): readonly TableColumn[] =>
  columns.map((column) => ({ ...column, primaryKey: false }));

const allFields = (columns: readonly TableColumn[]): readonly number[] =>
  [...columns.keys()].filter((i) => columns[i]?.generated !== true);

const indexesOf = (
  columns: readonly TableColumn[],
  names: readonly string[],
  { fold, requiredIn }: ColumnRules,
  errorAt: (i: number, message: string) => Error,
  field: string,
): readonly number[] => {
  const indexOf = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const indexes: number[] = [];
  for (const [i, name] of names.entries()) {
    const index = indexOf.get(fold(name));
    if (index === undefined) throw errorAt(i, `${show(name)} is not a column of the table`);
    if (columns[index]?.generated) throw errorAt(i, `column ${show(name)} is generated: nothing can fill it`);
    if (indexes.includes(index)) throw errorAt(i, `column ${show(name)} is named twice`);
    indexes.push(index);
  }
  const missing = requiredIn(columns).find((index) => !indexes.includes(index));
  if (missing === undefined) return indexes;
  const name = show(columns[missing]?.name ?? null);
  throw badInput(field, `column ${name} is not named, but is NOT NULL and has no default`);
};

/** Objects with the same keys, in any order. */
interface Shape {
  /** The columns, in table order. Equal lists of columns share one array. */
  readonly fields: readonly number[];
  /** For each column, its key, and whether the column stores any type unchanged. */
  readonly names: readonly string[];
  readonly untyped: readonly boolean[];
}

export interface KeyRules {
  /** All columns that can be filled. */
  readonly all: readonly number[];
  shapeOf(keys: readonly string[]): Shape | { readonly reason: string };
}

// Bounds the memory when every object has different keys.
const MAX_SHAPES = 256;

export interface KeyOptions {
  /** The column that a key fills; null if keys are called like their columns. */
  readonly columnOf: Readonly<Record<string, string>> | null;
  /** Keys that name no column are ignored. */
  readonly ignoresUnknown: boolean;
}

export const keyRules = (columns: readonly TableColumn[], rules: ColumnRules, options: KeyOptions): KeyRules => {
  const shapes = new Map<string, Shape>();
  const fieldsOf = new Map<string, readonly number[]>();
  const columnsOf = columnFinder(columns, rules, options);
  let lastKeys: readonly string[] = [];
  let last: Shape | null = null;

  const shapeFor = (keyOf: ReadonlyMap<number, string>): Shape => {
    const sorted = [...keyOf].sort(([a], [b]) => a - b);
    const id = sorted.map(([index]) => index).join();
    const fields = fieldsOf.get(id) ?? sorted.map(([index]) => index);
    fieldsOf.set(id, fields);
    const untyped = fields.map((index) => rules.isUntyped(columns[index]?.type ?? ''));
    return { fields, names: sorted.map(([, name]) => name), untyped };
  };

  return {
    all: allFields(columns),
    shapeOf: (keys) => {
      if (last !== null && keys.length === lastKeys.length && keys.every((key, i) => key === lastKeys[i])) return last;
      const id = JSON.stringify(keys);
      const known = shapes.get(id);
      if (known === undefined && shapes.size >= MAX_SHAPES) {
        shapes.clear();
        fieldsOf.clear();
      }
      const found = known === undefined ? columnsOf(keys) : new Map();
      if ('reason' in found) return found;
      const shape = known ?? shapeFor(found);
      shapes.set(id, shape);
      lastKeys = keys;
      last = shape;
      return shape;
    },
  };
};

/** Returns a function that finds the columns of a list of keys, each with the key that names it. */
const columnFinder = (
  columns: readonly TableColumn[],
  { fold, requiredIn }: ColumnRules,
  { columnOf, ignoresUnknown }: KeyOptions,
) => {
  const indexOf = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const required = requiredIn(columns);
  return (keys: readonly string[]): ReadonlyMap<number, string> | { readonly reason: string } => {
    const keyOf = new Map<number, string>();
    for (const key of keys) {
      if (columnOf !== null && !Object.hasOwn(columnOf, key)) continue;
      const index = indexOf.get(fold(columnOf?.[key] ?? key));
      if (index === undefined && ignoresUnknown) continue;
      if (index === undefined) return { reason: `key ${show(key)} is not a column of the table` };
      if (columns[index]?.generated) return { reason: `column ${show(key)} is generated: nothing can fill it` };
      if (keyOf.has(index)) return { reason: `column ${show(key)} is named twice` };
      keyOf.set(index, key);
    }
    if (keys.length === 0) return { reason: 'an object without keys' };
    if (keyOf.size === 0) return { reason: 'an object without a key of a column' };
    const missing = required.find((index) => !keyOf.has(index));
    if (missing === undefined) return keyOf;
    const name = show(columns[missing]?.name ?? null);
    return { reason: `no key for column ${name}, which is NOT NULL and has no default` };
  };
};
