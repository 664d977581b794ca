/**
 * Lists, structs and maps of Parquet as JSON text, whose numbers have all digits. The library assembles lists as arrays
 * and structs as objects. It is not shown that a group is a map, because it would make objects of keys that are bytes.
 */
import type { SchemaElement, SchemaTree } from 'hyparquet';
import { LosslessNumber, stringify } from 'lossless-json';
import { columnTypeOf, type RawValue, type ValueReader, valueReader } from './parquet-values.ts';

/** Returns a value for `stringify`. @throws UNREADABLE */
type Read = (value: unknown) => unknown;

const UNREADABLE = new Error('a value has no form in JSON');

export const isNested = ({ element, children }: SchemaTree): boolean =>
  children.length > 0 || element.repetition_type === 'REPEATED';

/** Null if a part has a type that cannot be imported. */
export const nestedReader = (tree: SchemaTree): ValueReader | null => {
  const read = readerOf(tree);
  if (read === null) return null;
  return {
    read: (value) => {
      try {
        return stringify(read(value));
      } catch (error) {
        if (error === UNREADABLE) return undefined;
        throw error;
      }
    },
    reason: 'bytes that are no text, a time out of range, or a key of a map twice',
  };
};

/** Whether the library sees a map in a group. */
export const isMap = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === 'MAP' || converted === 'MAP_KEY_VALUE' || logical?.type === 'MAP';

const readerOf = (tree: SchemaTree): Read | null => {
  const one = readerOfOne(tree);
  return one !== null && tree.element.repetition_type === 'REPEATED' ? arrayOf(one) : one;
};

const arrayOf =
  (one: Read): Read =>
  (value) =>
    ((value ?? []) as readonly unknown[]).map(one);

const orNull =
  (read: Read): Read =>
  (value) =>
    value === null || value === undefined ? null : read(value);

const readerOfOne = (tree: SchemaTree): Read | null => {
  const { element, children } = tree;
  const [child] = children;
  if (child === undefined) return leafReader(element);
  if (isMap(element)) return mapReader(child);
  if (isList(tree)) {
    const [item = child] = child.children;
    const one = readerOfOne(item);
    // The library has no array for an item that is repeated itself.
    const isRepeated = item !== child && item.element.repetition_type === 'REPEATED';
    return one === null || isRepeated ? null : orNull(arrayOf(one));
  }
  return element.logical_type === undefined || element.logical_type.type === 'LIST' ? structReader(children) : null;
};

/** As the library decides it. */
const isList = ({ element, children: [child, ...others] }: SchemaTree): boolean =>
  element.converted_type === 'LIST' &&
  others.length === 0 &&
  child !== undefined &&
  child.children.length <= 1 &&
  child.element.repetition_type === 'REPEATED';

const structReader = (children: readonly SchemaTree[]): Read | null => {
  const readers: (readonly [string, Read])[] = [];
  for (const child of children) {
    const read = readerOf(child);
    const { name } = child.element;
    if (read === null || name === '__proto__') return null;
    readers.push([name, read]);
  }
  return orNull((value) => {
    const fields = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(readers.map(([name, read]) => [name, read(fields[name])]));
  });
};

/** Entries become an object: keys are texts, numbers or times. */
const mapReader = ({ element, children: [key, value] }: SchemaTree): Read | null => {
  const readKey = key === undefined || isNested(key) ? null : leafReader(key.element);
  const readValue = value === undefined ? () => null : readerOf(value);
  if (key === undefined || readKey === null || readValue === null) return null;
  return orNull((map) => {
    const entries = ((map as Readonly<Record<string, unknown>>)[element.name] ?? []) as readonly Readonly<
      Record<string, unknown>
    >[];
    const found = new Map<string, unknown>();
    for (const entry of entries) {
      const name = String(readKey(entry[key.element.name]));
      if (found.has(name)) throw UNREADABLE;
      found.set(name, value === undefined ? null : readValue(entry[value.element.name]));
    }
    return Object.fromEntries(found);
  });
};

const leafReader = (element: SchemaElement): Read | null => {
  const reader = valueReader(element, { untyped: true, isBytes: false });
  if (reader === null) return null;
  const isNumber = /^(BIGINT|NUMERIC|DECIMAL)/.test(columnTypeOf(element) ?? '') || isDecimal(element);
  return orNull((value) => {
    if (typeof value === 'boolean') return value;
    const cell = reader.read(value as Exclude<RawValue, null | undefined>);
    if (cell === undefined) throw UNREADABLE;
    return isNumber && typeof cell === 'string' ? new LosslessNumber(cell) : cell;
  });
};

const isDecimal = ({ logical_type: logical, converted_type: converted }: SchemaElement): boolean =>
  logical?.type === 'DECIMAL' || converted === 'DECIMAL';
