/**
 * Whether a value is still what it was when a column has another type. SQLite decides what is stored, by the affinity of
 * the new type, as with an INSERT … SELECT by hand; it keeps what does not fit as it is, or makes something near of it.
 * Here that is a failure instead. See docs/decisions/0021.
 */
import { type Affinity, affinityOf } from '../../databases/sqlite/catalogue.ts';

/**
 * Whether a value that is stored under one type can be read under the other, and is allowed there. Two names of a STRICT
 * table are two types; elsewhere it is the affinity that counts.
 */
export const isSameType = (one: string, other: string, strict: boolean): boolean =>
  strict
    ? one.toUpperCase().replace(/^INT$/, 'INTEGER') === other.toUpperCase().replace(/^INT$/, 'INTEGER')
    : affinityOf(one, false) === affinityOf(other, false);

/** SQL that is true of a value that did not fit: `old` as it was, `now` as it is stored. */
export const misfit = (old: string, now: string, affinity: Affinity): string =>
  `(typeof(${old}) <> typeof(${now}) OR typeof(${old}) NOT IN ${TYPES[affinity]}) AND ${old} IS NOT NULL AND NOT (${fits(old, now, affinity)})`;

const TYPES: Readonly<Record<Affinity, string>> = {
  INTEGER: "('integer')",
  REAL: "('real')",
  NUMERIC: "('integer', 'real')",
  TEXT: "('text')",
  // It takes any value as it is.
  BLOB: "('integer', 'real', 'text', 'blob')",
};

const fits = (old: string, now: string, affinity: Affinity): string => {
  if (affinity === 'BLOB') return `${now} IS ${old}`;
  const isOfType = `typeof(${now}) IN ${TYPES[affinity]}`;
  const isSame =
    affinity === 'TEXT'
      ? // Fifteen digits of a REAL are written down.
        `(typeof(${old}) = 'integer' OR CAST(${now} AS REAL) = ${old})`
      : `CASE typeof(${old}) WHEN 'text' THEN ${isNumberKept(old, now)} ELSE ${now} = ${old} END`;
  return `${isOfType} AND ${isSame}`;
};

/**
 * Of a number that is written out: fifteen digits fit into a REAL, more of them where SQLite would write it the same
 * again, and any whole number of 64 bits that stays exactly what it is.
 */
const isNumberKept = (old: string, now: string): string => {
  const exponent = `instr(upper(${old}), 'E')`;
  const mantissa = `CASE WHEN ${exponent} > 0 THEN substr(${old}, 1, ${exponent} - 1) ELSE ${old} END`;
  const digits = `trim(replace(${mantissa}, '.', ''), ' +-0' || char(9, 10, 11, 12, 13))`;
  // Beyond 64 bits a CAST gives the last number that they hold, and -2^63 is a REAL too: there it says nothing.
  const isTold = `(typeof(${now}) = 'integer' OR CAST(${old} AS INTEGER) > -9223372036854775808)`;
  const isWhole = `${old} NOT GLOB '*[.eE]*' AND CAST(${old} AS INTEGER) = ${now} AND ${isTold}`;
  return `(length(${digits}) <= 15 AND abs(${now}) <= 1.7976931348623157e308 OR CAST(${now} AS TEXT) = ${old} OR ${isWhole})`;
};
