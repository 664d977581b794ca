/** Values that pass through JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * @param name what the value is, for the error
 * @throws Error that names the part that JSON cannot hold, or the size of the value if it has more than so many bytes
 */
export const requireJson = (value: unknown, name: string, maxBytes: number): void => {
  check(value, name, []);
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maxBytes) throw new Error(`${name} has ${bytes} bytes: at most ${maxBytes} are allowed`);
};

const check = (part: unknown, at: string, above: readonly object[]): void => {
  if (part === null || typeof part === 'string' || typeof part === 'boolean') return;
  if (typeof part === 'number' && Number.isFinite(part)) return;
  if (typeof part !== 'object' || !isPlain(part)) throw new Error(`${at} cannot be kept: JSON has no ${nameOf(part)}`);
  if (above.includes(part)) throw new Error(`${at} cannot be kept: it contains itself`);
  for (const [name, inner] of Object.entries(part)) {
    if (inner !== undefined) check(inner, `${at}.${name}`, [...above, part]);
  }
};

const isPlain = (value: object) =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** The type of a value: `Date`, `bigint`, or `NaN` itself. */
const nameOf = (value: unknown): string => {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value;
};
