/**
 * The stored form of a value: one from which the value as it was written can be read back. A value that has none does
 * not fit its column. The check is made before SQLite sees the value, since affinities change values without an error.
 */
import { affinityOf } from '../catalogue.ts';
import { isDate, isTime, isTimestamp } from './dates.ts';
import { type Decimal, doubleOf, fractionDigits, isSame, readDecimal, wholeDigits, wholeOf } from './decimal.ts';
import { type DeclaredType, readType } from './declared-type.ts';

/** A value as it was read: text of a file, or a number or boolean of a format that has them. */
export type GivenValue = string | number | bigint | boolean;
/** A value as it is bound. */
export type BoundValue = string | number | bigint | Uint8Array;

/** The reason why a value does not fit, for people. */
export class Misfit {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Returns the value to bind, or why it does not fit. NULL always fits a type. */
export type StoredForm = (value: GivenValue) => BoundValue | Misfit;

export interface ColumnForm {
  /** The type as it was declared to people. */
  readonly declared: string;
  /** The type of the column in SQLite; see `sqliteTypeOf`. */
  readonly sqliteType: string;
  readonly isStrict: boolean;
  /** How text stands for bytes. */
  readonly bytes?: BytesForm;
}

/** Hexadecimal digits, base64, or the text itself as UTF-8. `\x` always introduces hexadecimal digits. */
export type BytesForm = 'HEX' | 'BASE64' | 'TEXT';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Returns null if every text is stored unchanged, so that nothing has to be checked. */
export const storedForm = ({ declared, sqliteType, isStrict, bytes = 'TEXT' }: ColumnForm): StoredForm | null => {
  const type = readType(declared);
  const keepsText = /TEXT|BLOB/.test(affinityOf(sqliteType, isStrict));
  if (type === null) return keepsText ? null : sameText(declared);
  if (type.family === 'any') return null;
  if (type.family === 'text' && type.length === undefined && keepsText) return null;
  const form = FORMS[type.family](type, declared, bytes);
  return keepsText || !STORED_AS_TEXT.has(type.family) ? form : both(form, sameText(declared));
};

/** Dates and times are text as well, but never look like a number. */
const STORED_AS_TEXT: ReadonlySet<string> = new Set(['text', 'uuid', 'json', 'bits']);

type Maker = (type: DeclaredType, declared: string, bytes: BytesForm) => StoredForm;

const integer: Maker = ({ min = INT64_MIN, max = INT64_MAX }, declared) => {
  const isWide = min <= -(2n ** 53n);
  return (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    const text = typeof value === 'string' ? value : String(value);
    if (isWide && isShortInteger(text)) return value as BoundValue;
    const decimal = readDecimal(text);
    if (decimal === null) return new Misfit('not an integer');
    const whole = wholeOf(decimal);
    if (whole === null && decimal.exponent < 0) return new Misfit('not a whole number');
    if (whole === null || whole < min || whole > max) return new Misfit(`out of the range of ${declared}`);
    return whole;
  };
};

const real: Maker = (_, declared) => (value) => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  const text = String(value);
  if (isShortDecimal(text)) return Number(text);
  const decimal = readDecimal(text);
  if (decimal === null) return INFINITIES.get(text.trim().toLowerCase()) ?? new Misfit('not a number');
  return doubleOf(decimal, text) ?? new Misfit(`${declared} would change it to another number`);
};

const INFINITIES: ReadonlyMap<string, number> = new Map([
  ...['infinity', '+infinity', 'inf', '+inf'].map((name) => [name, Number.POSITIVE_INFINITY] as const),
  ...['-infinity', '-inf'].map((name) => [name, Number.NEGATIVE_INFINITY] as const),
]);

const decimal: Maker =
  ({ precision, scale = 0 }, declared) =>
  (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    const text = String(value);
    if (precision === undefined && isShortInteger(text)) return text;
    const read = readDecimal(text);
    if (read === null) return new Misfit('not a number');
    if (precision !== undefined) {
      if (fractionDigits(read) > scale) return new Misfit(`more than ${scale} digits after the point of ${declared}`);
      if (wholeDigits(read) > precision - scale) {
        return new Misfit(`more than ${precision - scale} digits before the point of ${declared}`);
      }
    }
    return (
      numberOf(read, text) ??
      new Misfit(`SQLite does not keep all digits of this ${declared}: declare the column as TEXT`)
    );
  };

/** An integer of 64 bits or a double of the same value; null if there is none. */
const numberOf = (read: Decimal, text: string): bigint | number | null => {
  const whole = wholeOf(read);
  if (whole !== null && whole >= INT64_MIN && whole <= INT64_MAX) return whole;
  const double = doubleOf(read, text);
  // SQLite stores the double; its shortest form is what a reader sees.
  return double !== null && isSame(readDecimal(String(double)) ?? read, read) ? double : null;
};

const BOOLEANS: ReadonlyMap<string, 0 | 1> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((text) => [text, 1] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((text) => [text, 0] as const),
]);

const boolean: Maker = () => (value) =>
  BOOLEANS.get(String(value).trim().toLowerCase()) ?? new Misfit('not a boolean, such as true, t, yes or 1');

const text: Maker =
  ({ length }) =>
  (value) => {
    const written = String(value);
    if (length === undefined || written.length <= length) return written;
    // Characters, not UTF-16 code units.
    return [...written].length <= length ? written : new Misfit(`longer than ${length} characters`);
  };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const bytesOf = (value: string, form: BytesForm): Uint8Array | null => {
  const isHex = value.startsWith('\\x') || value.startsWith('\\X');
  if (isHex || form === 'HEX') {
    const digits = isHex ? value.slice(2) : value;
    return /^[0-9a-f]*$/i.test(digits) && digits.length % 2 === 0 ? Buffer.from(digits, 'hex') : null;
  }
  if (form === 'TEXT') return Buffer.from(value);
  const decoded = Buffer.from(value, 'base64');
  return value.length % 4 === 0 && BASE64.test(value) && decoded.toString('base64') === value ? decoded : null;
};

const bytes: Maker =
  ({ length }, _, form) =>
  (value) => {
    const decoded = bytesOf(String(value), form);
    if (decoded === null) return new Misfit(`not bytes as ${BYTES_NAMES[form]}`);
    if (length === undefined || decoded.length <= length) return decoded;
    return new Misfit(`longer than ${length} bytes`);
  };

const BYTES_NAMES: Readonly<Record<BytesForm, string>> = { HEX: 'hexadecimal digits', BASE64: 'base64', TEXT: 'text' };

const matching =
  (matches: (text: string) => boolean, what: string): Maker =>
  () =>
  (value) => {
    const written = String(value);
    return matches(written) ? written : new Misfit(`not ${what}`);
  };

const isUuid = (value: string): boolean => {
  const bare = value.startsWith('{') && value.endsWith('}') ? value.slice(1, -1) : value;
  return /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i.test(bare);
};

const isJson = (value: string): boolean => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};

const bits: Maker =
  ({ length }) =>
  (value) => {
    const written = String(value);
    if (!/^[01]*$/.test(written)) return new Misfit('not bits, such as 0101');
    if (length === undefined || written.length <= length) return written;
    return new Misfit(`longer than ${length} bits`);
  };

/** For a type that SQLite alone defines: the text has to be the same when it is read back. */
const sameText =
  (declared: string): StoredForm =>
  (value) => {
    if (typeof value !== 'string') return typeof value === 'boolean' ? (value ? 1 : 0) : value;
    const read = readDecimal(value);
    if (read === null) return value;
    const number = numberOf(read, value);
    if (number !== null && String(number) === value) return value;
    return new Misfit(`a column of type ${declared === '' ? 'none' : declared} would store it as a number`);
  };

const both =
  (first: StoredForm, second: StoredForm): StoredForm =>
  (value) => {
    const checked = first(value);
    return checked instanceof Misfit ? checked : second(value);
  };

const FORMS: Readonly<Record<DeclaredType['family'], Maker>> = {
  integer,
  real,
  decimal,
  boolean,
  text,
  bytes,
  blob: bytes,
  date: matching(isDate, 'a date as YYYY-MM-DD'),
  time: matching(isTime, 'a time as HH:MM:SS'),
  timestamp: matching(isTimestamp, 'a time as YYYY-MM-DD HH:MM:SS'),
  uuid: matching(isUuid, 'a UUID'),
  json: matching(isJson, 'JSON'),
  bits,
  any: text,
};

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** At most 18 digits, with a minus sign or without. This is nearly every integer, and much faster than a full reading. */
const isShortInteger = (text: string): boolean => {
  const from = text.charCodeAt(0) === MINUS ? 1 : 0;
  const { length } = text;
  if (length === from || length - from > 18) return false;
  for (let at = from; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < DIGIT_0 || code > DIGIT_9) return false;
  }
  return true;
};

/** At most 15 digits and one point. */
const isShortDecimal = (text: string): boolean => {
  const from = text.charCodeAt(0) === MINUS ? 1 : 0;
  const { length } = text;
  let digits = 0;
  for (let at = from; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= DIGIT_0 && code <= DIGIT_9) digits += 1;
    else if (code !== POINT) return false;
  }
  return digits > 0 && digits <= 15 && length - from - digits <= 1;
};

const MINUS = 45;
const POINT = 46;
