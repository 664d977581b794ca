import { createHash } from 'node:crypto';
import { badInput } from '../errors.ts';
import type { Idempotency } from '../store/store.ts';

/**
 * The idempotency key of a mutation, with a hash of its input.
 * @param laterDefaults the defaults of fields that the input did not always have, by path: equal values are left out
 * @throws BAD_USER_INPUT for an invalid key
 */
export const keyOf = (
  mutation: string,
  key: string | null | undefined,
  input: unknown,
  laterDefaults: Readonly<Record<string, unknown>> = {},
): Idempotency | null => {
  if (key === null || key === undefined) return null;
  if (key === '' || key.length > 255) {
    throw badInput('input.idempotencyKey', `idempotencyKey has ${key.length} characters: it must have 1 to 255`);
  }
  return {
    mutation,
    key,
    inputHash: createHash('sha256')
      .update(canonical(without(input, laterDefaults)))
      .digest('hex'),
  };
};

/** JSON with sorted keys: the same input gives the same text, whatever the order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const without = (value: unknown, defaults: Readonly<Record<string, unknown>>, path = ''): unknown => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([name, part]) => {
    const at = `${path}${name}`;
    return !(Object.hasOwn(defaults, at) && defaults[at] === part);
  });
  return Object.fromEntries(kept.map(([name, part]) => [name, without(part, defaults, `${path}${name}.`)]));
};
