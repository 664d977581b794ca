/** SQLite values: exact, for the position of a scan; and as messages show them. */
import type { StoredValue } from './details.ts';

/** As the driver returns it with safe integers. */
export type SqlValue = null | bigint | number | string | Buffer;

export const encodeKey = (key: readonly SqlValue[]): readonly StoredValue[] =>
  key.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'bigint') return { int: String(value) };
    return typeof value === 'number' ? { real: String(value) } : { blob: value.toString('hex') };
  });

export const decodeKey = (key: readonly StoredValue[]): readonly SqlValue[] =>
  key.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if ('int' in value) return BigInt(value.int);
    return 'real' in value ? Number(value.real) : Buffer.from(value.blob, 'hex');
  });

/**
 * Returns a string for values that no JSON number represents: integers beyond 2^53 - 1 and infinity. Blobs are base64.
 */
export const shownValue = (value: SqlValue): string | number | null => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value.toString('base64');
};
