/** Values of statements: literals, parameters, times. */

import { arrayOf } from './arrays.ts';
import type { ColumnType, ParameterType, Value } from './columns.ts';
import { type State, sqlError } from './errors.ts';
import type { Literal } from './reader.ts';

/** The parameters of a statement. */
export interface Parameters {
  /** The value of $n, of which a type is expected. @throws 42P02 if there is none */
  get(number: number, type: ColumnType, at: number | undefined): Value;
  /** The items of $n, which is an array, or a text such as {1,2}; null: it is NULL. */
  list(number: number, type: ColumnType, at: number | undefined): readonly Value[] | null;
  /** The values only fit their types: a statement is described, and not executed. */
  readonly areSamples?: boolean;
}

export const parametersOf = (values: readonly unknown[]): Parameters => {
  const valueAt = (number: number, at: number | undefined): unknown => {
    if (number < 1 || number > values.length)
      throw sqlError('undefinedParameter', `there is no parameter $${number}`, at);
    return values[number - 1] ?? null;
  };
  const isValue = (value: unknown): value is Value =>
    value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  const refuse = (number: number, value: unknown, type: ParameterType, at: number | undefined): never => {
    throw sqlError('invalidText', `parameter $${number} ${JSON.stringify(value).slice(0, 100)} must be a ${type}`, at);
  };
  return {
    get: (number, type, at) => {
      const value = valueAt(number, at);
      return isValue(value) ? value : refuse(number, value, type, at);
    },
    list: (number, type, at) => {
      const value = valueAt(number, at);
      if (value === null) return null;
      if (typeof value === 'string') return arrayOf(value, at);
      return Array.isArray(value) && value.every(isValue) ? value : refuse(number, value, `${type}[]`, at);
    },
  };
};

/** Notes the parameters of a statement and their types, and answers with values that fit. */
export const parameterTypes = (): Parameters & { readonly types: Map<number, ParameterType> } => {
  const types = new Map<number, ParameterType>();
  return {
    types,
    areSamples: true,
    get: (number, type) => {
      types.set(number, types.get(number) ?? type);
      return SAMPLES[type];
    },
    list: (number, type) => {
      types.set(number, types.get(number) ?? `${type}[]`);
      return [];
    },
  };
};
const SAMPLES: Readonly<Record<ColumnType, Value>> = {
  int8: '1',
  int4: 1,
  oid: 1,
  // A text that is a status too.
  text: 'running',
  json: '{}',
  timestamptz: 0,
  float8: 0,
  bool: true,
};

/** A literal as a text. @throws 22023 for a null */
export const textValue = (literal: Literal, parameters: Parameters): string => {
  if (literal.is !== 'parameter') return literal.value;
  const value = parameters.get(literal.number, 'text', literal.at);
  if (value === null) throw sqlError('invalidValue', `parameter $${literal.number} is null`, literal.at);
  return String(value);
};

const LARGEST_ID = Number.MAX_SAFE_INTEGER;

/** The id of a job or schedule. @throws 22P02 for what is not a number, 42704 for one that no id can be */
export const idValue = (literal: Literal, parameters: Parameters, noun: 'job' | 'schedule' = 'job'): string => {
  const value = literal.is === 'parameter' ? parameters.get(literal.number, 'int8', literal.at) : literal.value;
  const id = wholeOf(value, literal.at);
  if (id >= 1n && id <= BigInt(LARGEST_ID)) return String(id);
  throw sqlError('undefinedObject', `${noun} with ID ${id} does not exist`, literal.at);
};

/** A whole number of 64 bits. */
export const wholeOf = (value: Value, at: number | undefined): bigint => {
  const text = String(value).trim();
  if (value === null || !/^[+-]?\d{1,30}$/.test(text)) {
    throw sqlError('invalidText', `invalid input syntax for type bigint: ${JSON.stringify(text.slice(0, 100))}`, at);
  }
  const whole = BigInt(text.replace(/^\+/, ''));
  if (BigInt.asIntN(64, whole) === whole) return whole;
  throw sqlError('outOfRange', `value "${text}" is out of range for type bigint`, at);
};

export const numberOf = (value: Value, at: number | undefined): number => {
  const text = String(value).trim();
  const number = Number(text);
  if (value !== null && typeof value !== 'boolean' && text !== '' && Number.isFinite(number)) return number;
  throw sqlError(
    'invalidText',
    `invalid input syntax for type double precision: ${JSON.stringify(text.slice(0, 100))}`,
    at,
  );
};

/** A time in milliseconds, and whether it is later than that by less than one. */
export interface Time {
  readonly ms: number;
  readonly isLater: boolean;
}

const TIME =
  /^(\d{4,6})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/** A time as PostgreSQL and ISO 8601 write it; without a zone it is UTC. A number is one of milliseconds, from a parameter. */
export const timeOf = (value: Value, at: number | undefined): Time => {
  if (typeof value === 'number') return { ms: value, isLater: false };
  const text = String(value).trim();
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = TIME.exec(text) ?? [];
  const fail = (state: State, words: string): never => {
    throw sqlError(state, `${words}: ${JSON.stringify(text.slice(0, 100))}`, at);
  };
  if (year === undefined) return fail('invalidText', 'invalid input syntax for type timestamp with time zone');
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (!isDay || Number(month) > 12 || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) {
    return fail('invalidText', 'date/time field value out of range');
  }
  const padded = fraction.padEnd(9, '0');
  const ms = date + Number(padded.slice(0, 3)) - offsetMs(zone);
  if (!Number.isSafeInteger(ms)) return fail('invalidText', 'date/time field value out of range');
  return { ms, isLater: Number(padded.slice(3)) > 0 };
};

const offsetMs = (zone: string): number => {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

const UNITS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  sec: 1_000,
  minute: 60_000,
  min: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** The length of an interval such as '1 day 02:30:00'. Months and years have no length of their own. */
export const intervalMs = (value: Value, at: number | undefined): number => {
  const text = String(value).trim();
  let left = text;
  let ms = 0;
  const fail = (): never => {
    const hint = /\b(mon|year|y)/i.test(text) ? ': use days, since months and years differ in length' : '';
    throw sqlError(
      'invalidText',
      `invalid input syntax for type interval: ${JSON.stringify(text.slice(0, 100))}${hint}`,
      at,
    );
  };
  if (text === '' || text.length > 100) return fail();
  while (left !== '') {
    const part = /^([+-]?\d+(?:\.\d+)?)\s*([a-z]+)\s*/i.exec(left);
    const clock = /^(-?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?\s*/.exec(left);
    if (part !== null) {
      const unit =
        UNITS[(part[2] ?? '').toLowerCase().replace(/s$/, '')] ?? UNITS[SHORT[(part[2] ?? '').toLowerCase()] ?? ''];
      if (unit === undefined) return fail();
      ms += Number(part[1]) * unit;
      left = left.slice(part[0].length);
    } else if (clock !== null) {
      const [whole, sign, hours, minutes, seconds = '0'] = clock;
      ms += (sign === '-' ? -1 : 1) * (Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000);
      left = left.slice(whole.length);
    } else return fail();
  }
  return Math.round(ms);
};
const SHORT: Readonly<Record<string, string>> = {
  ms: 'millisecond',
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
};
