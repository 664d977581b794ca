/** Turns the values of Parquet into those that are stored, exactly: numbers with all digits, times as ISO 8601. */
import { isUtf8 } from 'node:buffer';
import type { SchemaElement } from 'hyparquet';
import type { Cell } from './rows.ts';

/** As they are stored in the file: nothing is converted but compression and encoding. */
export type RawValue = number | bigint | boolean | Uint8Array | null | undefined;

interface Target {
  /** The column stores any type unchanged. */
  readonly untyped: boolean;
  /** The column stores bytes. */
  readonly isBytes: boolean;
}

export interface ValueReader {
  /** Returns undefined for a value that cannot be represented. */
  readonly read: (value: Exclude<RawValue, null | undefined>) => Cell | undefined;
  /** What such a value is. */
  readonly reason: string;
}

type Kind =
  | { readonly kind: 'number' | 'float16' | 'text' | 'bytes' | 'plain' | 'uuid' | 'date' | 'int96' | 'boolean' }
  | { readonly kind: 'unsigned'; readonly bits: number }
  | { readonly kind: 'decimal'; readonly scale: number; readonly precision: number }
  | { readonly kind: 'time' | 'timestamp'; readonly digits: number; readonly isUtc: boolean };

const DIGITS = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;

/** Null for a type that cannot be imported. */
const kindOf = ({ type, logical_type: logical, converted_type: converted, ...element }: SchemaElement): Kind | null => {
  const { precision = 0, scale = 0 } = element;
  switch (logical?.type) {
    case 'DECIMAL':
      return { kind: 'decimal', scale: logical.scale, precision: logical.precision };
    case 'DATE':
      return { kind: 'date' };
    case 'TIME':
      return { kind: 'time', digits: DIGITS[logical.unit], isUtc: false };
    case 'TIMESTAMP':
      return { kind: 'timestamp', digits: DIGITS[logical.unit], isUtc: logical.isAdjustedToUTC };
    case 'INTEGER':
      return logical.isSigned ? { kind: 'number' } : { kind: 'unsigned', bits: logical.bitWidth };
    case 'STRING':
    case 'JSON':
    case 'ENUM':
      return { kind: 'text' };
    case 'UUID':
      return { kind: 'uuid' };
    case 'FLOAT16':
      return { kind: 'float16' };
    case undefined:
    case 'NULL':
      break;
    case 'BSON':
      return { kind: 'bytes' };
    default:
      return null;
  }
  switch (converted) {
    case 'DECIMAL':
      return { kind: 'decimal', scale, precision };
    case 'DATE':
      return { kind: 'date' };
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return { kind: 'time', digits: converted === 'TIME_MILLIS' ? 3 : 6, isUtc: false };
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS':
      return { kind: 'timestamp', digits: converted === 'TIMESTAMP_MILLIS' ? 3 : 6, isUtc: true };
    case 'UINT_8':
    case 'UINT_16':
    case 'UINT_32':
    case 'UINT_64':
      return { kind: 'unsigned', bits: Number(converted.slice(5)) };
    case 'UTF8':
    case 'ENUM':
    case 'JSON':
      return { kind: 'text' };
    case 'BSON':
      return { kind: 'bytes' };
    case undefined:
    case 'INT_8':
    case 'INT_16':
    case 'INT_32':
    case 'INT_64':
      break;
    default:
      return null;
  }
  if (type === 'BOOLEAN') return { kind: 'boolean' };
  if (type === 'BYTE_ARRAY') return { kind: 'plain' };
  if (type === 'FIXED_LEN_BYTE_ARRAY') return { kind: 'bytes' };
  return { kind: type === 'INT96' ? 'int96' : 'number' };
};

/** The type of a column that stores the values of an element; null for a type that cannot be imported. */
export const columnTypeOf = (element: SchemaElement): string | null => {
  const found = kindOf(element);
  if (found === null) return null;
  switch (found.kind) {
    case 'number':
      return element.type === 'INT32' || element.type === 'INT64' ? 'BIGINT' : 'REAL';
    case 'unsigned':
      return found.bits === 64 ? 'NUMERIC(20,0)' : 'BIGINT';
    case 'decimal':
      // A double keeps 15 digits of any number.
      return found.precision > 15 ? 'TEXT' : `DECIMAL(${found.precision},${found.scale})`;
    case 'timestamp':
    case 'int96':
      return found.kind === 'timestamp' && found.isUtc ? 'TIMESTAMPTZ' : 'TIMESTAMP';
    default:
      return TYPES[found.kind];
  }
};

const TYPES = {
  float16: 'REAL',
  text: 'TEXT',
  plain: 'TEXT',
  bytes: 'BYTEA',
  uuid: 'UUID',
  date: 'DATE',
  time: 'TIME',
  boolean: 'BOOLEAN',
} as const;

/** Null for a type that cannot be imported. */
export const valueReader = (element: SchemaElement, target: Target): ValueReader | null => {
  const read = readerOf(element, target);
  if (read === null) return null;
  const isText = element.type === 'BYTE_ARRAY' || element.type === 'FIXED_LEN_BYTE_ARRAY';
  return { read, reason: isText ? 'bytes that are no text: only BYTEA and BLOB store them' : 'a time out of range' };
};

const readerOf = (element: SchemaElement, { untyped, isBytes }: Target): ValueReader['read'] | null => {
  const found = kindOf(element);
  switch (found?.kind) {
    case undefined:
      return null;
    case 'boolean':
      return (value) => (untyped ? BigInt(value as boolean) : (value as boolean));
    case 'number':
      return (value) => numberCell(value as number | bigint, untyped);
    case 'unsigned':
      return (value) => numberCell(BigInt.asUintN(found.bits, BigInt(value as number | bigint)), untyped);
    case 'float16':
      return (value) => numberCell(halfFloat(Buffer.from(value as Uint8Array)), untyped);
    case 'decimal':
      return (value) => decimalText(unscaled(value), found.scale);
    case 'text':
      return (value) => textOf(value as Uint8Array);
    case 'plain':
    case 'bytes':
      // A column that does not store bytes can hold those of a text.
      return (value) => (isBytes ? hex(value as Uint8Array) : textOf(value as Uint8Array));
    case 'uuid':
      return (value) =>
        Buffer.from(value as Uint8Array)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    case 'date':
      return (value) => dateText(BigInt(value as number));
    case 'time':
      return (value) => timeText(BigInt(value as number | bigint), found.digits);
    case 'timestamp':
      return timestampReader(found.digits, found.isUtc ? 'Z' : '');
    case 'int96':
      return timestampReader(9, '');
  }
};

const MOST = 2n ** 63n;

const numberCell = (value: number | bigint, untyped: boolean): Cell => {
  if (typeof value === 'bigint') return untyped && value < MOST ? value : String(value);
  if (!Number.isFinite(value)) return String(value);
  return untyped ? value : String(value);
};

const halfFloat = (bytes: Buffer): number => {
  const bits = bytes.readUInt16LE(0);
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
};

const unscaled = (value: Exclude<RawValue, null | undefined>): bigint => {
  if (!(value instanceof Uint8Array)) return BigInt(value);
  return value.length === 0 ? 0n : BigInt.asIntN(8 * value.length, BigInt(`0x${Buffer.from(value).toString('hex')}`));
};

const decimalText = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

const textOf = (bytes: Uint8Array): string | undefined => {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text.includes('\0') ? undefined : text;
};

const hex = (bytes: Uint8Array): string => `\\x${Buffer.from(bytes).toString('hex')}`;

const DAY_MS = 86_400_000n;
/** From 0001-01-01 to 9999-12-31. */
const [FIRST_DAY, LAST_DAY] = [-719_162n, 2_932_896n];

const dateText = (day: bigint): string | undefined =>
  day < FIRST_DAY || day > LAST_DAY ? undefined : new Date(Number(day * DAY_MS)).toISOString().slice(0, 10);

const timeText = (value: bigint, digits: number): string | undefined => {
  const second = 10n ** BigInt(digits);
  const seconds = value / second;
  if (value < 0n || seconds >= 86_400n) return undefined;
  const two = (number: bigint) => String(number).padStart(2, '0');
  const time = `${two(seconds / 3_600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const fraction = String(value % second).padStart(digits, '0');
  return /^0*$/.test(fraction) ? time : `${time}.${fraction}`;
};

/** Most timestamps are safe integers, and many rows have one of the same day. */
const timestampReader = (digits: number, zone: string): ValueReader['read'] => {
  const second = 10 ** digits;
  const day = 86_400 * second;
  let [lastDay, lastDate] = [Number.NaN, ''];
  const two = (number: number) => (number < 10 ? `0${number}` : String(number));
  return (given) => {
    const value = Number(given);
    if (!Number.isSafeInteger(value)) return timestampText(BigInt(given as bigint), digits, zone);
    const inDay = ((value % day) + day) % day;
    const dayNumber = (value - inDay) / day;
    if (dayNumber !== lastDay) {
      const date = dateText(BigInt(dayNumber));
      if (date === undefined) return undefined;
      [lastDay, lastDate] = [dayNumber, date];
    }
    const seconds = Math.floor(inDay / second);
    const rest = inDay % second;
    const fraction = rest === 0 ? '' : `.${String(rest).padStart(digits, '0')}`;
    const time = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return `${lastDate}T${time}${fraction}${zone}`;
  };
};

const timestampText = (value: bigint, digits: number, zone: string): string | undefined => {
  const day = 86_400n * 10n ** BigInt(digits);
  const inDay = ((value % day) + day) % day;
  const date = dateText((value - inDay) / day);
  return date === undefined ? undefined : `${date}T${timeText(inDay, digits)}${zone}`;
};
