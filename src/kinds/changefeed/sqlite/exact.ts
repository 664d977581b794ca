/** SQLite values in JSON, without any loss. */

/** A value as the driver returns it with safe integers. */
export type SqlValue = null | bigint | number | string | Buffer;

export type StoredValue =
  | string
  | null
  | { readonly int: string }
  | { readonly real: string }
  | { readonly blob: string };

export const encodeKey = (key: readonly SqlValue[]): readonly StoredValue[] => key.map(encode);

export const encode = (value: SqlValue): StoredValue => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { int: String(value) };
  return typeof value === 'number' ? { real: String(value) } : { blob: value.toString('hex') };
};

export const decodeKey = (key: readonly StoredValue[]): readonly SqlValue[] =>
  key.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if ('int' in value) return BigInt(value.int);
    return 'real' in value ? Number(value.real) : Buffer.from(value.blob, 'hex');
  });
