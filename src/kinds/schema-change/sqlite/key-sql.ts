/**
 * Conditions on the key of a row. The key never leaves SQLite: it is compared there with the values in another table.
 */
import { quote } from '../../../databases/sqlite/names.ts';
import type { KeyPart } from './table-plan.ts';

type Side = 'from' | 'to';

/** The column names under which a key is noted: `k0`, `k1` and so on, unquoted. */
export const noted = (key: readonly KeyPart[]): readonly string[] => key.map((_, i) => `k${i}`);

export const keyColumns = (key: readonly KeyPart[], side: Side, of = ''): readonly string[] =>
  key.map((part) => `${of}${quote(part[side])}`);

/** True of the row with the key noted in `source`, a FROM clause with its condition. */
export const isKey = (key: readonly KeyPart[], side: Side, source: string, of = ''): string =>
  key.map((part, i) => `${compared(part, side, of)} = (SELECT +k${i} FROM ${source})`).join(' AND ');

/** True of the row with the key of the row that a trigger calls `OLD.` or `NEW.`. */
export const isKeyOf = (key: readonly KeyPart[], row: 'OLD.' | 'NEW.'): string =>
  key.map((part) => `${compared(part, 'from')} = ${row}${quote(part.from)}`).join(' AND ');

/** True of rows after the noted one, in key order. */
export const isAfter = (key: readonly KeyPart[], side: Side, source: string): string =>
  compare(key, side, source, false);

/** True of rows before the noted one, and of that row. */
export const isUpTo = (key: readonly KeyPart[], side: Side, source: string): string => compare(key, side, source, true);

export const inOrder = (key: readonly KeyPart[], side: Side): string =>
  key.map((part) => `${compared(part, side)}${part.descending ? ' DESC' : ''}`).join(', ');

const compared = (part: KeyPart, side: Side, of = ''): string =>
  `${of}${quote(part[side])}${part.collation === null ? '' : ` COLLATE ${quote(part.collation)}`}`;

/** A row-value comparison can use the index; it is only possible if all parts have the same direction. */
const compare = (key: readonly KeyPart[], side: Side, source: string, upTo: boolean): string => {
  const [first] = key;
  const isPlain = key.every(({ collation, descending }) => collation === null && descending === first?.descending);
  if (!isPlain) {
    const after = isAfterPartByPart(key, side, source);
    return upTo ? `NOT (${after})` : after;
  }
  const operator = first?.descending ? (upTo ? '>=' : '<') : upTo ? '<=' : '>';
  const own = key.map((part) => compared(part, side)).join(', ');
  // The unary plus removes the affinity of the noted column, so that the index can be used in full.
  const theirs = noted(key)
    .map((name) => `+${name}`)
    .join(', ');
  return `(${own}) ${operator} (SELECT ${theirs} FROM ${source})`;
};

const isAfterPartByPart = ([part, ...rest]: readonly KeyPart[], side: Side, source: string, i = 0): string => {
  if (part === undefined) return 'FALSE';
  const own = compared(part, side);
  const operator = part.descending ? '<' : '>';
  const their = `(SELECT +k${i} FROM ${source})`;
  if (rest.length === 0) return `${own} ${operator} ${their}`;
  const further = isAfterPartByPart(rest, side, source, i + 1);
  return `${own} ${operator}= ${their} AND (${own} ${operator} ${their} OR (${further}))`;
};
