/** Which columns the keys of objects name. */
import type { ColumnShape } from '../../databases/database.ts';
import { fold } from '../../databases/names.ts';
import { missingIn } from './fields.ts';
import { show } from './show.ts';

/** Objects with the same keys, in whatever order. */
interface Shape {
  /** The columns, in their order: the same array for the same columns. */
  readonly fields: readonly number[];
  /** For each of them the key, and whether the column keeps the type of what it is given. */
  readonly names: readonly string[];
  readonly typed: readonly boolean[];
}

export interface KeyRules {
  /** All columns, for a row that has none of its own. */
  readonly all: readonly number[];
  shapeOf(keys: readonly string[]): Shape | { readonly reason: string };
}

// Objects that all have other keys must not fill the memory.
const MAX_SHAPES = 256;

export const keyRules = (columns: readonly ColumnShape[]): KeyRules => {
  const places = new Map(columns.map(({ name }, i) => [fold(name), i]));
  const known = new Map<string, Shape>();
  const fieldsOf = new Map<string, readonly number[]>();
  let lastKeys: readonly string[] = [];
  let last: Shape | null = null;

  const make = (keys: readonly string[]): Shape | { readonly reason: string } => {
    const named = new Map<number, string>();
    for (const key of keys) {
      const place = places.get(fold(key));
      if (place === undefined) return { reason: `key ${show(key)} is not a column of the table` };
      if (named.has(place)) return { reason: `column ${show(key)} is named twice` };
      named.set(place, key);
    }
    if (named.size === 0) return { reason: 'an object without keys' };
    const sorted = [...named].sort(([a], [b]) => a - b);
    const missing = missingIn(columns, new Set(named.keys()));
    if (missing !== undefined) {
      return { reason: `no key for column ${show(missing.name)}, which is NOT NULL and has no default` };
    }
    const id = sorted.map(([place]) => place).join();
    const fields = fieldsOf.get(id) ?? sorted.map(([place]) => place);
    fieldsOf.set(id, fields);
    return {
      fields,
      names: sorted.map(([, name]) => name),
      typed: fields.map((place) => /^(any)?$/i.test(columns[place]?.type ?? '')),
    };
  };

  return {
    all: [...columns.keys()],
    shapeOf: (keys) => {
      if (last !== null && keys.length === lastKeys.length && keys.every((key, i) => key === lastKeys[i])) return last;
      const id = JSON.stringify(keys);
      const shape = known.get(id) ?? make(keys);
      if ('reason' in shape) return shape;
      if (known.size >= MAX_SHAPES) {
        known.clear();
        fieldsOf.clear();
      }
      known.set(id, shape);
      lastKeys = keys;
      last = shape;
      return shape;
    },
  };
};
