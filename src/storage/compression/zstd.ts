/**
 * Streaming zstd decompression. A decoder allocates the window of a frame, which its header states, so each header is
 * checked before the decoder reads it. The library refuses windows above 128 MiB by default, as the program does.
 */
import zstd from 'zstd-napi/binding.js';
import { CutShort, checkRest, Unreadable } from './faults.ts';

const PIECE_BYTES = 128 * 1024;
/** The largest window that the library can allocate, as a power of two. */
const MAX_WINDOW_LOG = 31;

/** @throws Unreadable, CutShort; any other error for data that is damaged or not zstd */
export async function* unzstd(
  chunks: AsyncIterable<Uint8Array>,
  maxWindowBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const context = new zstd.DCtx();
  context.setParameter(zstd.DParameter.windowLogMax, MAX_WINDOW_LOG);
  let place: 'start' | 'frame' | 'between' = 'start';
  /** The start of a header whose end follows in the next chunk. */
  let held = Buffer.alloc(0);
  const iterator = chunks[Symbol.asyncIterator]();
  for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) {
    let source = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    for (;;) {
      if (place !== 'frame') {
        const header = readHeader(source, maxWindowBytes);
        if (header === 'partial') held = Buffer.from(source);
        if (header === 'other' && place === 'start') throw new Error('the beginning is missing');
        if (header === 'other') return await checkRest('zstd', source, () => iterator.next());
        if (header !== 'frame') break;
      }
      const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      const [left, produced, consumed] = context.decompressStream(piece, source);
      place = left === 0 ? 'between' : 'frame';
      source = source.subarray(consumed);
      if (produced > 0) yield piece.subarray(0, produced);
      if (source.length === 0 && (produced < piece.length || place !== 'frame')) break;
    }
  }
  if (place === 'frame' || held.length > 0) throw new CutShort('the data ends in the middle');
}

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** The lower half of the first byte is free. */
const SKIPPABLE = [0x50, 0x2a, 0x4d, 0x18];
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** @throws Unreadable if a frame begins here that may not be decompressed */
const readHeader = (source: Uint8Array, maxWindowBytes: number): 'frame' | 'partial' | 'other' => {
  const start = [...source.subarray(0, MAGIC.length)];
  const isSkippable = start.every((byte, i) => (i === 0 ? byte & 0xf0 : byte) === SKIPPABLE[i]);
  if (!isSkippable && !start.every((byte, i) => byte === MAGIC[i])) return 'other';
  if (start.length < MAGIC.length) return 'partial';
  if (isSkippable) return 'frame';
  const header = headerOf(source);
  if (header === null) return 'partial';
  if (header.hasDictionary) throw new Unreadable('is compressed with a dictionary: compress it without one');
  if (header.windowBytes <= maxWindowBytes) return 'frame';
  throw new Unreadable(
    `needs a window of ${header.windowBytes} bytes to be decompressed, and ${maxWindowBytes} are allowed: ` +
      'raise MAX_WINDOW_BYTES, or compress it with a shorter window (zstd --long)',
  );
};

/** Null if more of the header is needed. */
const headerOf = (source: Uint8Array) => {
  const bytes = Buffer.from(source.buffer, source.byteOffset, Math.min(source.length, 18));
  const descriptor = bytes[4];
  if (descriptor === undefined) return null;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const idAt = isSingleSegment ? 5 : 6;
  const idBytes = DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  const sizeAt = idAt + idBytes;
  const sizeFlag = (descriptor >> 6) as 0 | 1 | 2 | 3;
  const sizeBytes = isSingleSegment && sizeFlag === 0 ? 1 : CONTENT_SIZE_BYTES[sizeFlag];
  if (bytes.length < sizeAt + sizeBytes) return null;
  const hasDictionary = bytes.subarray(idAt, sizeAt).some((byte) => byte !== 0);
  if (!isSingleSegment) return { hasDictionary, windowBytes: windowOf(bytes[5] ?? 0) };
  // All of the content is the window.
  const size = sizeBytes === 8 ? Number(bytes.readBigUInt64LE(sizeAt)) : bytes.readUIntLE(sizeAt, sizeBytes);
  return { hasDictionary, windowBytes: sizeBytes === 2 ? size + 256 : size };
};

/** Five bits are an exponent, and three are eighths of that power of two. */
const windowOf = (descriptor: number): number => {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
};
