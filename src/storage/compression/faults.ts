/** The faults of compressed data that a message can name. */
import { nameOfFormat, START_BYTES } from './formats.ts';

/** The data ends prematurely. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
}

/** Data that is not damaged, but cannot be read. The message continues the URL of the file. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Reads what follows the end of the data. Zeros are padding, as on tapes; anything else may be rows.
 * @throws Unreadable
 */
export const checkRest = async (
  format: string,
  first: Uint8Array,
  next: () => Promise<IteratorResult<Uint8Array, unknown>>,
): Promise<void> => {
  let start = Buffer.alloc(0);
  for (let bytes: Uint8Array | null = first; bytes !== null && start.length < START_BYTES; ) {
    const at = start.length > 0 ? 0 : bytes.findIndex((byte) => byte !== 0);
    if (at !== -1) start = Buffer.concat([start, bytes.subarray(at, at + START_BYTES)]);
    const { done, value } = await next();
    bytes = done === true ? null : (value as Uint8Array);
  }
  if (start.length > 0) throw trailing(format, start.toString('hex'));
};

/** @param start the first bytes, in hexadecimal; null if they are unknown */
export const trailing = (format: string, start: string | null): Unreadable => {
  const shown = start === null ? '' : ` (0x${start.slice(0, 16)})`;
  const found = start === null ? null : nameOfFormat(start);
  // Nothing identifies brotli: this may be a second stream, as other formats allow.
  const unknown = format === 'brotli' ? `further data${shown}` : `what is no ${format} data${shown}`;
  const what = found === null ? unknown : `what is ${found}`;
  return new Unreadable(
    `continues behind the end of its ${format} data with ${what}: ` +
      'remove it, or unpack the file and compress it again',
  );
};
