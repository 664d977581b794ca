/**
 * Checks whether a value keeps its meaning when its column gets another type. SQLite decides what is stored, by the
 * affinity of the new type, as in a manual INSERT … SELECT; it stores a value that cannot be converted as it is, or
 * approximates it. Here, both are failures. See docs/decisions/0021.
 */
import { type Affinity, affinityOf } from '../../../databases/sqlite/catalogue.ts';

/**
 * Whether a value stored under one type can be read under the other and is allowed there. In a STRICT table, two type
 * names are two types; elsewhere the affinity decides.
 */
export const isSameType = (one: string, other: string, strict: boolean): boolean =>
  strict
    ? one.toUpperCase().replace(/^INT$/, 'INTEGER') === other.toUpperCase().replace(/^INT$/, 'INTEGER')
    : affinityOf(one, false) === affinityOf(other, false);

/** SQL that is true of a value whose conversion lost information: `old` is the original value, `now` the stored one. */
export const isLossy = (old: string, now: string, affinity: Affinity): string =>
  `(typeof(${old}) <> typeof(${now}) OR typeof(${old}) NOT IN ${TYPES[affinity]}) AND ${old} IS NOT NULL AND NOT (${isLossless(old, now, affinity)})`;

const TYPES: Readonly<Record<Affinity, string>> = {
  INTEGER: "('integer')",
  REAL: "('real')",
  NUMERIC: "('integer', 'real')",
  TEXT: "('text')",
  // BLOB affinity accepts any value unchanged.
  BLOB: "('integer', 'real', 'text', 'blob')",
};

const isLossless = (old: string, now: string, affinity: Affinity): string => {
  if (affinity === 'BLOB') return `${now} IS ${old}`;
  const isOfType = `typeof(${now}) IN ${TYPES[affinity]}`;
  const isSame =
    affinity === 'TEXT'
      ? // The text form of a REAL has fifteen digits.
        `(typeof(${old}) = 'integer' OR CAST(${now} AS REAL) = ${old})`
      : `CASE typeof(${old}) WHEN 'text' THEN ${isNumberKept(old, now)} ELSE ${now} = ${old} END`;
  return `${isOfType} AND ${isSame}`;
};

/**
 * For a number written as text. A REAL holds fifteen digits, and more if SQLite would print the same text again.
 * Any 64-bit integer that stays exact is also kept.
 */
const isNumberKept = (old: string, now: string): string => {
  const exponent = `instr(upper(${old}), 'E')`;
  const mantissa = `CASE WHEN ${exponent} > 0 THEN substr(${old}, 1, ${exponent} - 1) ELSE ${old} END`;
  const digits = `trim(replace(${mantissa}, '.', ''), ' +-0' || char(9, 10, 11, 12, 13))`;
  // Beyond 64 bits, CAST returns the largest or smallest integer, and -2^63 is a REAL too, so there the comparison
  // proves nothing.
  const isComparable = `(typeof(${now}) = 'integer' OR CAST(${old} AS INTEGER) > -9223372036854775808)`;
  const isWhole = `${old} NOT GLOB '*[.eE]*' AND CAST(${old} AS INTEGER) = ${now} AND ${isComparable}`;
  return `(length(${digits}) <= 15 AND abs(${now}) <= 1.7976931348623157e308 OR CAST(${now} AS TEXT) = ${old} OR ${isWhole})`;
};
