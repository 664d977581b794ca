/** Arrays as texts: `{a,"b c",NULL}`, as PostgreSQL writes those of one dimension. */
import type { Value } from './columns.ts';
import { sqlError } from './errors.ts';

const MOST_ITEMS = 10_000;

export const atMost = <T>(items: readonly T[], at: number | undefined): readonly T[] => {
  if (items.length <= MOST_ITEMS) return items;
  throw sqlError('tooLong', `an array has ${items.length} items: at most ${MOST_ITEMS} are allowed`, at);
};

/** @throws 22P02 for a text that is no array */
export const arrayOf = (text: string, at: number | undefined): readonly (string | null)[] => {
  const malformed = (): never => {
    throw sqlError('invalidText', `malformed array literal: ${JSON.stringify(text.slice(0, 100))}`, at);
  };
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? malformed();
  if (body.trim() === '') return [];
  const items: (string | null)[] = [];
  // No character can be matched in two ways: the time is proportional to the length.
  const item = /\s*(?:"((?:[^"\\]|\\.)*)"\s*|((?:[^\s"\\{},]|\\.)(?:[^"\\{},]|\\.)*))(,|$)/sy;
  for (let isEnd = false; !isEnd; ) {
    const [, quoted, plain = '', separator] = item.exec(body) ?? malformed();
    const trimmed = plain.trim();
    if (quoted === undefined && trimmed === '') malformed();
    const isNull = quoted === undefined && trimmed.toUpperCase() === 'NULL';
    items.push(isNull ? null : (quoted ?? trimmed).replace(/\\(.)/gs, '$1'));
    isEnd = separator === '';
  }
  return atMost(items, at);
};

/** An array of texts in the same form. */
export const arrayText = (items: readonly Value[]): string =>
  `{${items.map((item) => (item === null ? 'NULL' : `"${String(item).replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
