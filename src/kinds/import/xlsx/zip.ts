/** The entries of a zip archive in a stored file, each read as a stream. The archive is never held in memory. */
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { Stored } from '../../../storage/storage.ts';
import { StorageError } from '../../../storage/url.ts';
import { readRange } from '../ranges.ts';

/** A workbook has a few hundred entries at most. */
const MAX_ENTRIES = 10_000;

export interface Zip {
  readonly url: string;
  readonly names: readonly string[];
  /** The content of an entry, whose size and checksum are verified at its end. @throws StorageError */
  read(name: string): AsyncGenerator<Uint8Array, void, void>;
  /** The stored bytes of an entry that were read so far, as a fraction. */
  fractionRead(name: string): number;
  close(): void;
}

/** @throws StorageError if it is no archive that can be read */
export const openZip = async (stored: Stored, signal: AbortSignal): Promise<Zip> => {
  const { url } = stored;
  const { size } = await stored.stat(signal);
  if (size === null) throw new StorageError(`${url} has no known size, which a workbook needs`);
  const closed = new AbortController();
  const reader = new RangeReader(stored, AbortSignal.any([signal, closed.signal]));
  const failureOf = (error: unknown): unknown => {
    signal.throwIfAborted();
    return reader.failure ?? (error instanceof StorageError ? error : damaged(url, error));
  };
  try {
    const zip = await fromRandomAccessReaderPromise(reader, size, { lazyEntries: true, autoClose: false });
    const entries = await entriesOf(zip, url);
    return {
      url,
      names: [...entries.keys()],
      read: async function* (name) {
        const entry = entries.get(name);
        if (entry === undefined) throw new StorageError(`${url} is damaged: it has no ${name}`);
        try {
          yield* contentOf(zip, entry, url);
        } catch (error) {
          throw failureOf(error);
        }
      },
      fractionRead: (name) => {
        const { relativeOffsetOfLocalHeader: start, compressedSize } = entries.get(name) ?? NO_ENTRY;
        return compressedSize === 0 ? 1 : Math.max(0, Math.min(1, (reader.position - start) / compressedSize));
      },
      close: () => closed.abort(),
    };
  } catch (error) {
    throw failureOf(error);
  }
};

const NO_ENTRY = { relativeOffsetOfLocalHeader: 0, compressedSize: 0 };

const damaged = (url: string, error: unknown) =>
  new StorageError(`${url} is no whole zip archive, as a workbook is: ${(error as Error).message}`);

const entriesOf = async (zip: ZipFile, url: string): Promise<ReadonlyMap<string, Entry>> => {
  if (zip.entryCount > MAX_ENTRIES)
    throw new StorageError(`${url} is a zip archive of more than ${MAX_ENTRIES} entries`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/^\//, ''), entry);
  return entries;
};

async function* contentOf(zip: ZipFile, entry: Entry, url: string): AsyncGenerator<Uint8Array, void, void> {
  if (entry.isEncrypted()) throw new StorageError(`${url} is encrypted: remove its password`);
  let checksum = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) throw new StorageError(`${url} is damaged: the checksum of ${entry.fileName} is wrong`);
}

/** Reads ranges of a stored file for the library. */
class RangeReader extends RandomAccessReader {
  /** Why the file itself could not be read. */
  failure: unknown = null;
  /** The offset after the last byte that was read. */
  position = 0;
  readonly #stored: Stored;
  readonly #signal: AbortSignal;

  constructor(stored: Stored, signal: AbortSignal) {
    super();
    this.#stored = stored;
    this.#signal = signal;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#read(start, end), { objectMode: false });
  }

  async *#read(start: number, end: number) {
    this.position = start;
    try {
      for await (const chunk of readRange(this.#stored, start, end, this.#signal)) {
        this.position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
