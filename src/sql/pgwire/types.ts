/** Types and values as the protocol writes them. */
import { arrayText } from '../arrays.ts';
import type { Column, ColumnType, ParameterType, Row, Value } from '../columns.ts';
import { sqlError } from '../errors.ts';
import { int16, int32, message, text, uint32, utf8 } from './frames.ts';

/** Object ids of types, and their lengths in bytes. */
const OIDS: Readonly<Record<ColumnType, readonly [oid: number, length: number]>> = {
  bool: [16, 1],
  int8: [20, 8],
  int4: [23, 4],
  text: [25, -1],
  oid: [26, 4],
  json: [114, -1],
  float8: [701, 8],
  timestamptz: [1184, 8],
};
/** Of arrays of these. */
const ARRAY_OIDS: Readonly<Record<ColumnType, number>> = {
  bool: 1000,
  int8: 1016,
  int4: 1007,
  text: 1009,
  oid: 1028,
  json: 199,
  float8: 1022,
  timestamptz: 1185,
};
export const oidOf = (type: ParameterType): number =>
  type.endsWith('[]') ? ARRAY_OIDS[type.slice(0, -2) as ColumnType] : OIDS[type as ColumnType][0];

/** 0: text, 1: binary. */
export type Format = 0 | 1;

/** One format for all, one for each, or none. @throws 08P01 */
export const formatOf = (formats: readonly number[], index: number): Format => {
  const format = formats.length === 1 ? formats[0] : (formats[index] ?? 0);
  if (format === 0 || format === 1) return format;
  throw sqlError('protocol', `invalid format code ${format}`);
};

export const rowDescription = (columns: readonly Column[], formats: readonly number[]): Buffer =>
  message(
    'T',
    int16(columns.length),
    ...columns.map(({ name, type }, index) => {
      const [oid, length] = OIDS[type];
      return Buffer.concat([
        text(name),
        int32(0),
        int16(0),
        int32(oid),
        int16(length),
        int32(-1),
        int16(formatOf(formats, index)),
      ]);
    }),
  );

export const dataRow = (row: Row, columns: readonly Column[], formats: readonly number[]): Buffer =>
  message(
    'D',
    int16(columns.length),
    ...columns.flatMap(({ type }, index) => {
      const value = row[index] ?? null;
      if (value === null) return [int32(-1)];
      const bytes = formatOf(formats, index) === 1 ? binary(value, type) : Buffer.from(textOf(value, type));
      return [int32(bytes.length), bytes];
    }),
  );

const textOf = (value: Value, type: ColumnType): string => {
  if (type === 'bool') return value === true ? 't' : 'f';
  if (type !== 'timestamptz') return String(value).replaceAll('\0', '');
  const iso = new Date(Number(value)).toISOString();
  const end = iso.length - 5;
  const fraction = iso.slice(end + 1, -1).replace(/0+$/, '');
  return `${iso.slice(0, end).replace('T', ' ')}${fraction === '' ? '' : `.${fraction}`}+00`;
};

/** Times count microseconds since 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

const binary = (value: Value, type: ColumnType): Buffer => {
  const bytes = Buffer.alloc(8);
  switch (type) {
    case 'bool':
      return Buffer.from([value === true ? 1 : 0]);
    case 'int8':
      bytes.writeBigInt64BE(BigInt(String(value)));
      return bytes;
    case 'int4':
      return int32(Number(value));
    case 'oid':
      return uint32(Number(value));
    case 'float8':
      bytes.writeDoubleBE(Number(value));
      return bytes;
    case 'timestamptz':
      bytes.writeBigInt64BE(BigInt(Number(value) - EPOCH_MS) * 1_000n);
      return bytes;
    default:
      return Buffer.from(String(value));
  }
};

/** A parameter. A text is read as its place in the statement needs it. @throws 22P03 for bytes that are no such value */
export const parameterOf = (bytes: Buffer, format: Format, oid: number): Value => {
  if (format === 0) return withoutNul(utf8(bytes));
  const need = (length: number) => {
    if (bytes.length !== length)
      throw sqlError('protocol', `incorrect binary data format in a parameter of type ${oid}`);
  };
  switch (oid) {
    case 16:
      need(1);
      return bytes[0] === 1;
    case 21:
      need(2);
      return String(bytes.readInt16BE());
    case 23:
    case 26:
      need(4);
      return String(oid === 23 ? bytes.readInt32BE() : bytes.readUInt32BE());
    case 20:
      need(8);
      return String(bytes.readBigInt64BE());
    case 700:
      need(4);
      return String(bytes.readFloatBE());
    case 701:
      need(8);
      return String(bytes.readDoubleBE());
    case 1114:
    case 1184:
      need(8);
      return timeText(bytes.readBigInt64BE());
    case 0:
    case 18:
    case 19:
    case 25:
    case 114:
    case 705:
    case 1042:
    case 1043:
      return withoutNul(utf8(bytes));
    default:
      if (ARRAYS.has(oid)) return arrayParameter(bytes);
      throw sqlError('notSupported', `a binary parameter of type ${oid} is not supported: send it as text`);
  }
};

/** The types of arrays. */
const ARRAYS = new Set([199, 1000, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1028, 1115, 1182, 1185]);

/** An array of one dimension, in PostgreSQL's text form: its dimensions, whether it has NULLs, the type, the items. */
const arrayParameter = (bytes: Buffer): string => {
  const wrong = (): never => {
    throw sqlError('protocol', 'incorrect binary data format in a parameter that is an array');
  };
  if (bytes.length < 12) wrong();
  const [dimensions, itemOid] = [bytes.readInt32BE(0), bytes.readUInt32BE(8)];
  if (dimensions === 0) return '{}';
  if (dimensions !== 1) throw sqlError('notSupported', 'an array of several dimensions is not supported');
  // PostgreSQL has no arrays of arrays.
  if (ARRAYS.has(itemOid)) wrong();
  if (bytes.length < 20) wrong();
  const items: Value[] = [];
  let at = 20;
  for (let left = bytes.readInt32BE(12); left > 0; left -= 1) {
    if (at + 4 > bytes.length) wrong();
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < -1 || at + length > bytes.length) wrong();
    items.push(length === -1 ? null : parameterOf(bytes.subarray(at, at + length), 1, itemOid));
    at += Math.max(0, length);
  }
  if (at !== bytes.length) wrong();
  return arrayText(items);
};

const withoutNul = (value: string): string => {
  if (value.includes('\0')) throw sqlError('invalidBytes', 'invalid byte sequence for encoding "UTF8": 0x00');
  return value;
};

const timeText = (micros: bigint): string => {
  const ms = EPOCH_MS + Number(micros / 1_000n);
  const rest = Number(micros % 1_000n);
  const whole = rest < 0 ? ms - 1 : ms;
  if (Math.abs(whole) > 8.64e15) throw sqlError('outOfRange', 'timestamp out of range');
  return `${new Date(whole).toISOString().slice(0, -1)}${String(rest < 0 ? rest + 1_000 : rest).padStart(3, '0')}Z`;
};
