/**
 * The values of one JSON object, whose keys name columns. Numbers keep the digits with which they are written:
 * lossless-json parses an object with a number that JSON.parse would change. Objects and arrays become JSON text. An
 * object in which a key occurs twice is a bad row, since only one of its values could be kept.
 */
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { INVALID_UTF8 } from './csv-block.ts';
import type { KeyRules } from './fields.ts';
import type { Cell } from './rows.ts';

export interface JsonRow {
  readonly cells: readonly Cell[];
  /** The columns that the cells fill. */
  readonly fields: readonly number[];
}
export interface JsonFault {
  readonly reason: string;
}

export const NOT_AN_OBJECT = 'not a JSON object';

/** The values of an object, as JSON text; null if that is not valid UTF-8. */
export const readObject = (text: string | null, keys: KeyRules): JsonRow | JsonFault => {
  if (text === null) return { reason: INVALID_UTF8 };
  const object = parseObject(text);
  if (object === null) return { reason: NOT_AN_OBJECT };
  const twice = duplicateIn(text, object);
  if (twice !== null) return { reason: `key ${JSON.stringify(twice)} occurs twice` };
  const shape = keys.shapeOf(Object.keys(object));
  if ('reason' in shape) return shape;
  const { fields, names, untyped } = shape;
  const escapes = text.includes('\\u');
  const cells: Cell[] = new Array(fields.length);
  for (let i = 0; i < fields.length; i++) {
    const name = names[i] ?? '';
    const cell = cellOf(object[name], untyped[i] ?? false);
    if (cell === undefined) return { reason: `key ${JSON.stringify(name)} is nested too deep` };
    if (escapes && typeof cell === 'string' && (cell.includes('\0') || !cell.isWellFormed())) {
      return { reason: `key ${JSON.stringify(name)} holds a NUL character or half a surrogate pair` };
    }
    cells[i] = cell;
  }
  return { cells, fields };
};

type JsonObject = Readonly<Record<string, unknown>>;

/*
 * Matches a number that JSON.parse does not return as it is written: 16 digits or more, an exponent, a trailing zero or
 * many leading ones, or -0. JSON punctuation surrounds it; a match inside a string only costs time.
 */
const CHANGED = /[:,[]\s*(?:-0|-?(?:[\d.]{16,}|\d+\.\d*0|0\.0{6}\d*|\d[\d.]*[eE][+-]?\d+))\s*[,}\]]/;

const parseObject = (line: string): JsonObject | null => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return CHANGED.test(line) ? parseLossless(line) : (value as JsonObject);
  } catch {
    return null;
  }
};

const parseLossless = (line: string): JsonObject =>
  parse(line, null, {
    parseNumber: (digits) => new LosslessNumber(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  }) as JsonObject;

/** Every key of a text is followed by a colon: if there are as many as keys, no key was lost. */
const duplicateIn = (text: string, object: JsonObject): string | null => {
  if (colonsIn(text) === keysIn(object)) return null;
  let found: string | null = null;
  try {
    parse(text, null, {
      parseNumber: (digits) => digits,
      onDuplicateKey: ({ key, newValue }) => {
        found ??= key;
        return newValue;
      },
    });
  } catch {
    // It is nested too deep.
  }
  return found;
};

const COLON = /"\s*:/g;

const colonsIn = (text: string): number => {
  let count = 0;
  COLON.lastIndex = 0;
  while (COLON.test(text)) count++;
  return count;
};

const keysIn = (object: object): number => {
  const open: unknown[] = [object];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null || isLosslessNumber(value)) continue;
    const values: unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (!Array.isArray(value)) count += values.length;
    for (const one of values) if (typeof one === 'object' && one !== null) open.push(one);
  }
  return count;
};

/** `untyped`: the column stores any type unchanged; any other column converts text that looks like a number. */
const cellOf = (value: unknown, untyped: boolean): Cell | undefined => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return untyped ? BigInt(value) : value;
  if (typeof value === 'number') return untyped ? numberOf(String(value)) : String(value);
  if (isLosslessNumber(value)) return untyped ? numberOf(value.value) : value.value;
  try {
    return stringify(value);
  } catch {
    return undefined;
  }
};

const MOST = 2n ** 63n;

const numberOf = (digits: string): number | bigint => {
  if (!/^-?\d+$/.test(digits)) return Number(digits);
  const whole = BigInt(digits);
  return whole >= -MOST && whole < MOST ? whole : Number(digits);
};
