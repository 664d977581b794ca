/** Inputs of jobs as they are shown. */
import { redact } from './url.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A copy of an input whose URLs, in these fields or in lists there, have no secrets; values of `secrets` are not shown. */
export const redactInput = <I extends object>(
  input: I,
  { urls, secrets = [] }: { readonly urls: readonly (keyof I & string)[]; readonly secrets?: readonly string[] },
): I => {
  const shown = (name: string, value: unknown): unknown => {
    if (secrets.includes(name)) return typeof value === 'string' ? 'redacted' : value;
    return (urls as readonly string[]).includes(name) ? redacted(value) : value;
  };
  return Object.fromEntries(Object.entries(input as Fields).map(([name, value]) => [name, shown(name, value)])) as I;
};

const redacted = (value: unknown): unknown => {
  if (typeof value === 'string') return redact(value);
  return Array.isArray(value) ? value.map(redacted) : value;
};
