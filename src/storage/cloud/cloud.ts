/**
 * Files in object storage. A read that breaks continues at its offset if the file is unchanged. Written data is
 * collected into parts: a single part is one request, which is atomic; more parts are a multipart upload, which is
 * invisible until it is completed. If anything fails, it is never completed.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Transient } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import type { Folder, Stored, StoredStat } from '../storage.ts';
import { StorageError, segmentsOfName } from '../url.ts';

/** A bucket, as the requests that it supports. Keys are the names of files, relative to the root of the bucket. */
export interface Bucket {
  /** The URL of a file in the form that may be displayed. */
  redacted(key: string): string;
  /** Null if the file does not exist. */
  stat(key: string, signal: AbortSignal): Promise<StoredStat | null>;
  /** @throws StorageError if the file does not exist */
  open(key: string, fromByte: number, signal: AbortSignal): Promise<Opened>;
  put(key: string, content: Uint8Array, signal: AbortSignal): Promise<void>;
  startUpload(key: string, signal: AbortSignal): Promise<Upload>;
  /** All keys that begin with a prefix. */
  list(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The keys that begin with a prefix, cut after the next slash, each once. */
  listLevel(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Does nothing if the file does not exist. */
  remove(key: string, signal: AbortSignal): Promise<void>;
}

export interface Opened {
  /** Null if the file has no bytes from that offset on. */
  readonly stat: StoredStat | null;
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

/** The result of a read past the end of a file. */
export const NOTHING: Opened = { stat: null, body: (async function* () {})(), close: () => undefined };

/** The content type of written files. */
export const BINARY = { 'content-type': 'application/octet-stream' };

/** From the headers that most stores send. */
export const statOf = (headers: IncomingHttpHeaders): StoredStat => {
  const { etag = '', 'last-modified': modified = '' } = headers;
  const size = sizeIn(headers);
  return { size, version: [size ?? '', etag, modified].join(' ') };
};

/** The size of the whole file. */
const sizeIn = ({ 'content-range': range = '', 'content-length': length }: IncomingHttpHeaders): number | null => {
  const total = /\/(\d+)$/.exec(range)?.[1] ?? length;
  return total === undefined ? null : Number(total);
};

export interface Upload {
  /** All parts but the last, each of `PART_BYTES`. */
  part(content: Buffer, signal: AbortSignal): Promise<void>;
  /**
   * Adds the last part and makes the file visible. Before that nothing of it is visible, even if it is never completed.
   */
  finish(last: Buffer, signal: AbortSignal): Promise<void>;
}

/** A multiple of 256 KiB and at least 5 MiB, as stores require. */
export const PART_BYTES = 8 * 1024 * 1024;
/** The limit that every store supports: 78 GiB. */
const MAX_PARTS = 10_000;
const MAX_BREAKS = 5;

export const openCloudFile = (bucket: Bucket, key: string, url: string): Stored => {
  // As of the last stat or read: a body of another version is not read.
  let known: StoredStat | null = null;
  return {
    url,
    stat: async (signal = new AbortController().signal) => {
      known = await bucket.stat(key, signal);
      if (known === null) throw new StorageError(`${bucket.redacted(key)} does not exist`);
      return known;
    },
    read: (fromByte, signal) => read(bucket, key, fromByte, known, signal),
  };
};

export const openCloudFolder = (bucket: Bucket, path: string, url: string): Folder => {
  const root = path === '' ? '' : `${path}/`;
  const keyOf = (name: string) => root + segmentsOfName(url, name).join('/');
  return {
    url,
    stat: async (name, signal) => bucket.stat(keyOf(name), signal),
    read: async function* (name, fromByte, signal) {
      yield* read(bucket, keyOf(name), fromByte, null, signal);
    },
    write: async (name, pieces, signal) => write(bucket, keyOf(name), pieces, signal),
    list: async function* (prefix, signal) {
      for (const key of await bucket.list(root + prefix, signal)) {
        if (key.startsWith(root + prefix) && isName(key.slice(root.length))) yield key.slice(root.length);
      }
    },
    entries: async function* (below, signal) {
      const prefix = root + (below === '' ? '' : `${below}/`);
      for (const key of await bucket.listLevel(prefix, signal)) {
        const isFolder = key.endsWith('/');
        const name = key.slice(root.length, isFolder ? -1 : undefined);
        if (key.startsWith(prefix) && key !== prefix && isName(name)) yield { name, isFolder };
      }
    },
    remove: async (name, signal) => bucket.remove(keyOf(name), signal),
  };
};

/** Other programs may have stored keys that are not valid names here, such as folder markers. */
const isName = (key: string): boolean => {
  try {
    return segmentsOfName('', key).length > 0;
  } catch {
    return false;
  }
};

async function* read(
  bucket: Bucket,
  key: string,
  fromByte: number,
  known: StoredStat | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const changed = () => new StorageError(`${bucket.redacted(key)} has changed since the job was created`);
  let version = known?.version;
  let at = fromByte;
  if (at > 0 && at === known?.size) return;
  for (let breaks = 0; ; ) {
    const { stat, body, close } = await bucket.open(key, at, signal);
    try {
      if (stat === null) {
        if (version !== undefined) throw changed();
        return;
      }
      version ??= stat.version;
      if (version !== stat.version) throw changed();
      for await (const chunk of body) {
        at += chunk.length;
        breaks = 0;
        yield chunk;
      }
      if (stat.size === null || at >= stat.size) return;
      throw new Transient(`${bucket.redacted(key)} ended too early`);
    } catch (error) {
      if (!(error instanceof Transient) || ++breaks > MAX_BREAKS) throw error;
    } finally {
      close();
    }
    await sleep(50 * 2 ** breaks, signal);
  }
}

const write = async (
  bucket: Bucket,
  key: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted();
  let upload: Upload | null = null;
  let parts = 0;
  for await (const { part, isLast } of partsOf(pieces)) {
    signal.throwIfAborted();
    if (++parts > MAX_PARTS) throw new StorageError(`${bucket.redacted(key)} would be larger than 78 GiB`);
    if (isLast) await (upload === null ? bucket.put(key, part, signal) : upload.finish(part, signal));
    else {
      upload ??= await bucket.startUpload(key, signal);
      await upload.part(part, signal);
    }
  }
};

/**
 * Regroups chunks of any size into parts of one size. The last has the remainder, and is empty only if there is no
 * data.
 */
async function* partsOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  let part = Buffer.allocUnsafeSlow(0);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      if (filled === PART_BYTES) {
        yield { part, isLast: false };
        filled = 0;
      }
      const copied = Math.min(PART_BYTES - filled, piece.length - at);
      part = roomFor(part, filled, filled + copied);
      part.set(piece.subarray(at, at + copied), filled);
      filled += copied;
      at += copied;
    }
  }
  yield { part: part.subarray(0, filled), isLast: true };
}

const roomFor = (part: Buffer<ArrayBuffer>, filled: number, size: number): Buffer<ArrayBuffer> => {
  if (size <= part.length) return part;
  const larger = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, Math.max(size, part.length * 2)));
  larger.set(part.subarray(0, filled));
  return larger;
};
