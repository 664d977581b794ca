/** Infers columns from a sample: the narrowest type that every value of the sample fits without a change. */
import type { TableColumn } from './details.ts';
import type { Cell } from './rows.ts';

const INTEGER = /^-?(0|[1-9]\d{0,17})$/;
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;
const BOOLEAN = /^(true|false)$/i;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** A double keeps so many digits of any number. */
const MAX_DIGITS = 15;

type Inferred = 'INTEGER' | 'REAL' | 'BOOLEAN' | 'DATE' | 'TIMESTAMP' | 'UUID' | 'TEXT';

/** A double keeps other numbers only if it has no shorter form, as those have that a program has written. */
const isReal = (text: string): boolean => {
  if (!NUMBER.test(text)) return false;
  const [value, digits] = [Number(text), digitsOf(text)];
  if (!Number.isFinite(value) || (value === 0 && digits !== '')) return false;
  return digits.length <= MAX_DIGITS || digits === digitsOf(String(value));
};

/** The digits from the first to the last that is not zero. */
const digitsOf = (number: string) => number.replace(/[eE].*$|\D/g, '').replace(/^0+|0+$/g, '');

const TYPES: readonly (readonly [Inferred, (text: string) => boolean])[] = [
  ['INTEGER', (text) => INTEGER.test(text)],
  ['REAL', isReal],
  ['BOOLEAN', (text) => BOOLEAN.test(text)],
  ['DATE', (text) => DATE.test(text)],
  ['TIMESTAMP', (text) => TIMESTAMP.test(text)],
  ['UUID', (text) => UUID.test(text)],
];

/** TEXT for no values, and for numbers with leading zeros: postal codes and the like. */
export const inferType = (values: readonly string[]): Inferred =>
  values.length === 0 ? 'TEXT' : (TYPES.find(([, fits]) => values.every(fits))?.[0] ?? 'TEXT');

/** The columns of a new table for these rows. */
export const inferColumns = (names: readonly string[], rows: readonly (readonly Cell[])[]): readonly TableColumn[] =>
  uniqueNames(names).map((name, i) => {
    const cells = rows.map((row) => row[i] ?? null);
    const values = cells.flatMap((cell) => (cell === null ? [] : [String(cell)]));
    return { name, type: inferType(values), nullable: true, primaryKey: false, default: null };
  });

/** Names without blanks or repetitions: `column3`, `name_2`. */
const uniqueNames = (names: readonly string[]): readonly string[] => {
  const used = new Set<string>();
  return names.map((name, i) => {
    const plain = name.replace(/\p{Cc}/gu, ' ').trim();
    const base = plain === '' || /^(sqlite_|_signalbox_)/i.test(plain) ? `column${i + 1}` : plain;
    let unique = base;
    for (let count = 2; used.has(unique.toLowerCase()); count += 1) unique = `${base}_${count}`;
    used.add(unique.toLowerCase());
    return unique;
  });
};
