/**
 * Texts made from an input, such as the description of a job: a function of the input, or a template such as
 * `REINDEX {index}`. The server can apply a template for a kind whose functions are in another program.
 */
import { badInput, cutText } from '../errors.ts';

export type TextOf<I> = string | ((input: I) => string);

const FIELD = /\{([^{}]*)\}/g;

const applyText = <I>(text: TextOf<I>, input: I): string =>
  typeof text === 'function' ? text(input) : text.replace(FIELD, (_, path: string) => shownAt(input, path));

const shownAt = (input: unknown, path: string): string => {
  const value = path
    .split('.')
    .reduce<unknown>((part, field) => (part as Readonly<Record<string, unknown>> | null | undefined)?.[field], input);
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/**
 * @param what names the template, for the error
 * @throws Error for a field that the input does not have, and for a secret, which would be shown
 */
export const checkTemplate = (
  what: string,
  text: TextOf<never> | undefined,
  fields: readonly string[],
  secrets: readonly string[],
): void => {
  if (typeof text !== 'string') return;
  for (const [, path = ''] of text.matchAll(FIELD)) {
    const field = path.split('.')[0] ?? '';
    if (!fields.includes(field)) throw new Error(`${what} names {${path}}, but the input has no field ${field}`);
    if (secrets.includes(field)) throw new Error(`${what} names {${path}}, which is a secret`);
  }
};

/** The texts that a custom kind makes of an input, as its author wrote them. A worker registers those that are templates. */
export interface KindTexts {
  readonly describe?: TextOf<never> | undefined;
  readonly exclusive?: TextOf<never> | undefined;
  readonly concurrencyKey?: TextOf<never> | undefined;
}

const LONGEST_KEY = 500;

/** Stores keep keys in an index. */
const keyOf = (what: string, text: TextOf<never>, input: unknown, name: string): string => {
  const key = applyText(text, input as never);
  if (key.length <= LONGEST_KEY && !key.includes('\0')) return key;
  const shown = JSON.stringify(cutText(key, 100));
  throw badInput('input', `${what} of ${name} is ${shown}: it must have at most ${LONGEST_KEY} characters, and no NUL`);
};

/** What a creation keeps of the texts of its kind. @throws BAD_USER_INPUT for a key that is too long */
export const textsFor = ({ describe, exclusive, concurrencyKey }: KindTexts, input: unknown, name: string) => ({
  description: cutText(describe === undefined ? name : applyText(describe, input as never)),
  ...(exclusive === undefined ? {} : { exclusiveKey: keyOf('exclusive', exclusive, input, name) }),
  ...(concurrencyKey === undefined ? {} : { concurrencyKey: keyOf('concurrency.key', concurrencyKey, input, name) }),
});
