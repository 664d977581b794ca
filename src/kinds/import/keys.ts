/** Maps the keys of JSON objects to columns. */
import type { ColumnShape } from '../../databases/database.ts';
import { show } from '../../databases/show.ts';
import { fold } from '../../databases/sqlite/names.ts';
import { fieldsInto, missingIn } from './fields.ts';
import type { TableColumn } from './table.ts';

/** Objects with the same keys, in any order. */
interface Shape {
  /** The columns, in table order. Equal lists of columns share one array. */
  readonly fields: readonly number[];
  /** For each column, its key, and whether the column stores any type unchanged. */
  readonly names: readonly string[];
  readonly typed: readonly boolean[];
}

export interface KeyRules {
  /** All columns that can be filled. */
  readonly all: readonly number[];
  shapeOf(keys: readonly string[]): Shape | { readonly reason: string };
}

// Bounds the memory when every object has different keys.
const MAX_SHAPES = 256;

export const keyRules = (columns: readonly ColumnShape[]): KeyRules => {
  const shapes = new Map<string, Shape>();
  const fieldsOf = new Map<string, readonly number[]>();
  const environmentOf = placesIn(columns);
  let lastKeys: readonly string[] = [];
  let last: Shape | null = null;

  const make = (environment: ReadonlyMap<number, string>): Shape => {
    const sorted = [...environment].sort(([a], [b]) => a - b);
    const id = sorted.map(([place]) => place).join();
    const fields = fieldsOf.get(id) ?? sorted.map(([place]) => place);
    fieldsOf.set(id, fields);
    const typed = fields.map((place) => /^(any)?$/i.test(columns[place]?.type ?? ''));
    return { fields, names: sorted.map(([, name]) => name), typed };
  };

  return {
    all: fieldsInto(columns, null),
    shapeOf: (keys) => {
      if (last !== null && keys.length === lastKeys.length && keys.every((key, i) => key === lastKeys[i])) return last;
      const id = JSON.stringify(keys);
      const known = shapes.get(id);
      if (known === undefined && shapes.size >= MAX_SHAPES) {
        shapes.clear();
        fieldsOf.clear();
      }
      const environment = known === undefined ? environmentOf(keys) : null;
      if (environment !== null && 'reason' in environment) return environment;
      const shape = known ?? make(environment ?? new Map());
      shapes.set(id, shape);
      lastKeys = keys;
      last = shape;
      return shape;
    },
  };
};

type Environment = ReadonlyMap<number, string>;

/** Returns a function that finds the columns of a list of keys, each with the key that names it. */
const placesIn = (columns: readonly TableColumn[]) => {
  const environment = new Map(columns.map(({ name }, i) => [fold(name), i]));
  return (keys: readonly string[]): Environment | { readonly reason: string } => {
    const named = new Map<number, string>();
    for (const key of keys) {
      const place = environment.get(fold(key));
      if (place === undefined) return { reason: `key ${show(key)} is not a column of the table` };
      if (columns[place]?.generated) return { reason: `column ${show(key)} is generated: nothing can fill it` };
      if (named.has(place)) return { reason: `column ${show(key)} is named twice` };
      named.set(place, key);
    }
    if (named.size === 0) return { reason: 'an object without keys' };
    const missing = missingIn(columns, new Set(named.keys()));
    if (missing === undefined) return named;
    return { reason: `no key for column ${show(missing.name)}, which is NOT NULL and has no default` };
  };
};
