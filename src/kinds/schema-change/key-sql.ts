/** Conditions on the key of a row, which never leaves SQLite: what another table holds is compared with it there. */
import { quote } from '../../databases/sqlite/names.ts';
import type { KeyPart } from './plan.ts';

type Side = 'from' | 'to';

/** The names under which a key is noted: `k0`, `k1` and so on, as they are. */
export const noted = (key: readonly KeyPart[]): readonly string[] => key.map((_, i) => `k${i}`);

export const keyColumns = (key: readonly KeyPart[], side: Side, of = ''): readonly string[] =>
  key.map((part) => `${of}${quote(part[side])}`);

/** The row has the key that `source`, a FROM clause with its condition, has noted. */
export const isKey = (key: readonly KeyPart[], side: Side, source: string, of = ''): string =>
  key.map((part, i) => `${compared(part, side, of)} = (SELECT +k${i} FROM ${source})`).join(' AND ');

/** The row lies behind the noted one, in the order of the key. */
export const isBehind = (key: readonly KeyPart[], side: Side, source: string): string =>
  compare(key, side, source, false);

/** It lies before the noted one, or is that one. */
export const isUpTo = (key: readonly KeyPart[], side: Side, source: string): string => compare(key, side, source, true);

export const inOrder = (key: readonly KeyPart[], side: Side): string =>
  key.map((part) => `${compared(part, side)}${part.descending ? ' DESC' : ''}`).join(', ');

const compared = (part: KeyPart, side: Side, of = ''): string =>
  `${of}${quote(part[side])}${part.collation === null ? '' : ` COLLATE ${quote(part.collation)}`}`;

/** A comparison of whole keys finds its place in the index; it can be made where all parts go the same way. */
const compare = (key: readonly KeyPart[], side: Side, source: string, upTo: boolean): string => {
  const [first] = key;
  const isPlain = key.every(({ collation, descending }) => collation === null && descending === first?.descending);
  if (!isPlain) {
    const behind = behindPartByPart(key, side, source);
    return upTo ? `NOT (${behind})` : behind;
  }
  const operator = first?.descending ? (upTo ? '>=' : '<') : upTo ? '<=' : '>';
  const own = key.map((part) => compared(part, side)).join(', ');
  // The sign takes away what the column that it is noted in says of types: then the index can be used in full.
  const theirs = noted(key)
    .map((name) => `+${name}`)
    .join(', ');
  return `(${own}) ${operator} (SELECT ${theirs} FROM ${source})`;
};

const behindPartByPart = ([part, ...rest]: readonly KeyPart[], side: Side, source: string, i = 0): string => {
  if (part === undefined) return 'FALSE';
  const own = compared(part, side);
  const operator = part.descending ? '<' : '>';
  const their = `(SELECT +k${i} FROM ${source})`;
  if (rest.length === 0) return `${own} ${operator} ${their}`;
  const further = behindPartByPart(rest, side, source, i + 1);
  return `${own} ${operator}= ${their} AND (${own} ${operator} ${their} OR (${further}))`;
};
