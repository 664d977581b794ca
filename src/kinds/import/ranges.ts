/** Parts of a stored file, for formats that are not read from the beginning to the end. */
import type { Stored } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';

/** @throws StorageError if the file ends before the range does */
export async function* readRange(
  stored: Stored,
  from: number,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let left = to - from;
  if (left === 0) return;
  for await (const chunk of stored.read(from, signal)) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    yield part;
    if (left === 0) return;
  }
  throw new StorageError(`${stored.url} is cut short`);
}

/** The bytes of a range that is small enough for memory. */
export const bytesIn = async (
  stored: Stored,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  for await (const part of readRange(stored, from, to, signal)) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
};
