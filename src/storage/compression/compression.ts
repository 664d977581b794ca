/** Decompression. Neither a whole file nor the whole output, which may be far larger, is ever held in memory. */
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import zstd from 'zstd-napi/binding.js';
import type { Stored } from '../storage.ts';
import { StorageError } from '../url.ts';
import { bunzip2, CutShort } from './bzip2.ts';

export type Compression = 'NONE' | 'GZIP' | 'BROTLI' | 'ZSTD' | 'BZIP2';

/** Determined by the extension in the URL, otherwise by the first bytes, which identify every format except brotli. */
export const findCompression = async (stored: Stored, signal: AbortSignal): Promise<Compression> => {
  const name = /^[^?#]*/.exec(stored.url)?.[0] ?? '';
  const named = NAMES[/\.(gz|br|zst|bz2)$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (named !== undefined) return named;
  const start = await firstBytes(stored, signal);
  if (OFFICE.test(start))
    throw new StorageError(`${stored.url} is an Excel workbook, or another Office file: use format XLSX`);
  const unsupported = UNSUPPORTED.find(([magic]) => start.startsWith(magic));
  if (unsupported !== undefined) throw new StorageError(`${stored.url} is ${unsupported[1]}: ${INSTEAD}`);
  return MAGIC.find(([, magic]) => magic.test(start))?.[0] ?? 'NONE';
};

export interface Decompressed {
  /** The decompressed bytes from the requested offset on. */
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
  /** The number of stored bytes read so far. */
  storedBytes(): number;
}

/**
 * Reads the content of a stored file from an offset on. In a compressed file, everything before the offset is
 * decompressed again and skipped, which costs at most as much as the first time.
 * @throws StorageError for data that is damaged or truncated; errors of the file itself are passed through
 */
export const readDecompressed = (
  stored: Stored,
  compression: Compression,
  fromByte: number,
  signal: AbortSignal,
): Decompressed => {
  let storedBytes = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      storedBytes += chunk.length;
      yield chunk;
    }
  };
  if (compression === 'NONE') {
    storedBytes = fromByte;
    return { chunks: counted(stored.read(fromByte, signal)), storedBytes: () => storedBytes };
  }
  const chunks = fromOffset(decompress(stored, compression, signal, counted), fromByte, signal);
  return { chunks, storedBytes: () => storedBytes };
};

const NAMES: Readonly<Record<string, Compression>> = { gz: 'GZIP', br: 'BROTLI', zst: 'ZSTD', bz2: 'BZIP2' };
/** In hexadecimal. For zstd also the skippable frames with which files of parallel programs begin. */
const MAGIC: readonly (readonly [Compression, RegExp])[] = [
  ['GZIP', /^1f8b08/],
  ['ZSTD', /^(28b52ffd|5.2a4d18)/],
  ['BZIP2', /^425a683[1-9](314159265359|177245385090)/],
];

/** Formats that people have, and that would otherwise be read as text. In hexadecimal. */
const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ['fd377a585a00', 'compressed with xz'],
  ['504b0304', 'a zip archive'],
  ['377abcaf271c', 'a 7-Zip archive'],
  ['526172211a07', 'a RAR archive'],
  ['04224d18', 'compressed with lz4'],
  ['1f9d', 'compressed with compress'],
  ['25504446', 'a PDF document'],
  ['53514c69746520666f726d6174203300', 'a SQLite database'],
];
/** Zip archives whose first entry is one of those with which Office begins. */
const OFFICE = /^504b0304.{52}(5b436f6e74656e745f54797065735d2e786d6c|5f72656c732f|786c2f)/;
const INSTEAD = 'unpack it, or compress it with gzip, brotli, zstd or bzip2';

const START_BYTES = 64;

/** In hexadecimal: enough to recognize a format. */
export const firstBytes = async (stored: Stored, signal: AbortSignal): Promise<string> => {
  let start = Buffer.alloc(0);
  for await (const chunk of stored.read(0, signal)) {
    start = Buffer.concat([start, chunk.subarray(0, START_BYTES)]);
    if (start.length >= START_BYTES) break;
  }
  return start.toString('hex');
};

type Counted = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array, void, void>;

async function* decompress(
  stored: Stored,
  compression: Exclude<Compression, 'NONE'>,
  signal: AbortSignal,
  counted: Counted,
): AsyncGenerator<Uint8Array, void, void> {
  // Ends a read that waits for a slow source when the rest is no longer needed.
  const done = new AbortController();
  const source = { failure: null as unknown };
  const chunks = counted(noted(stored.read(0, AbortSignal.any([signal, done.signal])), source));
  try {
    yield* DECODERS[compression](chunks);
  } catch (error) {
    signal.throwIfAborted();
    throw source.failure ?? explain(stored.url, compression, error);
  } finally {
    done.abort();
    await chunks.return().catch(() => undefined);
  }
}

/** Distinguishes failures of the source from failures of the decoder. */
async function* noted(chunks: AsyncIterable<Uint8Array>, source: { failure: unknown }) {
  try {
    yield* chunks;
  } catch (error) {
    source.failure = error;
    throw error;
  }
}

/** Skips the bytes before an offset. */
export async function* fromOffset(
  chunks: AsyncGenerator<Uint8Array, void, void>,
  fromByte: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let left = fromByte;
  let turnAt = performance.now();
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left -= Math.min(left, chunk.length);
    // A decoder that never waits would prevent stop requests from arriving.
    if (performance.now() - turnAt < TURN_EVERY_MS) continue;
    await new Promise(setImmediate);
    turnAt = performance.now();
    signal.throwIfAborted();
  }
}

const TURN_EVERY_MS = 10;
const CHUNK_BYTES = 128 * 1024;

type Decoder = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** The decoders of Node: one stream for the whole file. */
const piped = (create: (options: { readonly chunkSize: number }) => Transform): Decoder =>
  async function* (chunks) {
    const stream = create({ chunkSize: CHUNK_BYTES });
    const fed = pipeline(Readable.from(chunks, { objectMode: false }), stream);
    // Its failure is also that of the stream, and is thrown where the stream is read.
    fed.catch(() => undefined);
    yield* stream;
  };

async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const context = new zstd.DCtx();
  let inFrame = false;
  for await (const chunk of chunks) {
    for (let source = chunk; ; ) {
      const piece = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const [left, produced, consumed] = context.decompressStream(piece, source);
      inFrame = left !== 0;
      source = source.subarray(consumed);
      if (produced > 0) yield piece.subarray(0, produced);
      if (source.length === 0 && (produced < piece.length || !inFrame)) break;
    }
  }
  if (inFrame) throw new CutShort('the data ends in the middle');
}

const DECODERS: Readonly<Record<Exclude<Compression, 'NONE'>, Decoder>> = {
  GZIP: piped(createGunzip),
  BROTLI: piped(createBrotliDecompress),
  ZSTD: unzstd,
  BZIP2: bunzip2,
};

const explain = (url: string, compression: Compression, error: unknown): StorageError => {
  const name = compression.toLowerCase();
  const isCut = error instanceof CutShort || (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  if (isCut) return new StorageError(`${url} is cut short: its ${name} data has no end`);
  return new StorageError(`${url} cannot be decompressed: it is damaged, or no ${name} data`);
};
