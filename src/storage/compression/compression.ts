/** Decompression. Neither a whole file nor the whole output, which may be far larger, is ever held in memory. */
import type { Stored } from '../storage.ts';
import { StorageError } from '../url.ts';
import { bunzip2 } from './bzip2.ts';
import { CutShort, Unreadable } from './faults.ts';
import { COMPRESSED, refusalOf, START_BYTES } from './formats.ts';
import { gunzip, unbrotli } from './node-decoders.ts';
import { unzstd } from './zstd.ts';

export type Compression = 'NONE' | 'GZIP' | 'BROTLI' | 'ZSTD' | 'BZIP2';

/** Determined by the extension in the URL, otherwise by the first bytes, which identify every format except brotli. */
export const findCompression = async (stored: Stored, signal: AbortSignal): Promise<Compression> => {
  const name = /^[^?#]*/.exec(stored.url)?.[0] ?? '';
  const named = NAMES[/\.(gz|br|zst|bz2)$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (named !== undefined) return named;
  const start = await firstBytes(stored, signal);
  const refusal = refusalOf(start);
  if (refusal !== null) throw new StorageError(`${stored.url} ${refusal}`);
  return COMPRESSED.find(([, magic]) => magic.test(start))?.[0] ?? 'NONE';
};

/** A stored file, and how it is decompressed. */
export interface CompressedFile {
  readonly stored: Stored;
  readonly compression: Compression;
  /** The largest window of zstd that may be allocated. */
  readonly maxWindowBytes: number;
}

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
export const readDecompressed = (file: CompressedFile, fromByte: number, signal: AbortSignal): Decompressed => {
  const { stored, compression } = file;
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
  const chunks = fromOffset(decompress({ ...file, compression }, signal, counted), fromByte, signal);
  return { chunks, storedBytes: () => storedBytes };
};

const NAMES: Readonly<Record<string, Compression>> = { gz: 'GZIP', br: 'BROTLI', zst: 'ZSTD', bz2: 'BZIP2' };
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
  { stored, compression, maxWindowBytes }: CompressedFile & { readonly compression: Format },
  signal: AbortSignal,
  counted: Counted,
): AsyncGenerator<Uint8Array, void, void> {
  // Ends a read that waits for a slow source when the rest is no longer needed.
  const done = new AbortController();
  const source: Source = { failure: null, start: '' };
  const chunks = counted(noted(stored.read(0, AbortSignal.any([signal, done.signal])), source));
  try {
    yield* DECODERS[compression](chunks, maxWindowBytes);
  } catch (error) {
    signal.throwIfAborted();
    throw source.failure ?? explain(stored.url, compression, source.start, error);
  } finally {
    done.abort();
    await chunks.return().catch(() => undefined);
  }
}

type Format = Exclude<Compression, 'NONE'>;

interface Source {
  failure: unknown;
  /** The first bytes, in hexadecimal. */
  start: string;
}

/** Distinguishes failures of the source from failures of the decoder. */
async function* noted(chunks: AsyncIterable<Uint8Array>, source: Source) {
  try {
    for await (const chunk of chunks) {
      if (source.start.length < 2 * START_BYTES) {
        source.start += Buffer.from(chunk.subarray(0, START_BYTES)).toString('hex');
      }
      yield chunk;
    }
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

type Decoder = (chunks: AsyncIterable<Uint8Array>, maxWindowBytes: number) => AsyncIterable<Uint8Array>;

const DECODERS: Readonly<Record<Format, Decoder>> = { GZIP: gunzip, BROTLI: unbrotli, ZSTD: unzstd, BZIP2: bunzip2 };

const explain = (url: string, compression: Format, start: string, error: unknown): StorageError => {
  const name = compression.toLowerCase();
  if (error instanceof Unreadable) return new StorageError(`${url} ${error.message}`);
  const found = COMPRESSED.find(([, magic]) => magic.test(start))?.[0];
  const isOther = found !== undefined && found !== compression;
  if (isOther) return new StorageError(`${url} is no ${name} data: set decompress to ${found}`);
  const refusal = refusalOf(start);
  if (refusal !== null) return new StorageError(`${url} is no ${name} data: it ${refusal}`);
  const isCut = error instanceof CutShort || (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  if (isCut) return new StorageError(`${url} is cut short: its ${name} data has no end`);
  if (compression === 'BROTLI' || found === compression) {
    return new StorageError(`${url} cannot be decompressed: it is damaged, or no ${name} data`);
  }
  return new StorageError(`${url} is no ${name} data: if it is plain text, set decompress to NONE`);
};
