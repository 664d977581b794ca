import { type Details, hasKeys } from './details.ts';
import type { KeyOptions } from './fields.ts';
import type { Input } from './input.ts';

type Keys = Pick<Details, 'keys' | 'ignoresKeys'>;

/** How the keys of objects are mapped to columns. */
export const keysOf = ({ format, fields, unknownKeys }: Pick<Input, 'format' | 'fields' | 'unknownKeys'>): Keys => {
  if (!hasKeys(format)) return {};
  const keys = fields?.map(({ from, column }) => [from.name ?? '', column] as const);
  return {
    ...(keys === undefined ? {} : { keys: Object.fromEntries(keys) }),
    ...(unknownKeys === 'IGNORE' ? { ignoresKeys: true } : {}),
  };
};

export const keyOptions = ({ keys, ignoresKeys = false }: Keys): KeyOptions => ({
  columnOf: keys ?? null,
  ignoresUnknown: ignoresKeys,
});
