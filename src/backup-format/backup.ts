/**
 * Reads a backup and its chain of parents. A chunk is returned only if its content matches its SHA-256. The chunks that
 * are the dictionary of another chunk may themselves be compressed against chunks of an older backup. Chunks that were
 * needed once are cached in a folder, since the next chunk needs them too.
 */
import { createHash } from 'node:crypto';
import { openFolder } from '../storage/open.ts';
import type { Folder, StorageEnvironment } from '../storage/storage.ts';
import { redact, StorageError } from '../storage/url.ts';
import { createCache } from './cache.ts';
import { type Chunk, fileOf } from './chunk.ts';
import { decompressWithDictionary, MAX_DICTIONARY_BYTES } from './delta.ts';
import { type Manifest, type ReadManifest, readManifest } from './manifest.ts';
import { createUnlock, PassphraseError } from './sealing.ts';

export interface Backup extends ReadManifest {
  /** The URL with secrets redacted. */
  readonly url: string;
  /** Returns the content of a chunk of this backup. @throws StorageError naming a missing or damaged chunk */
  read(chunk: Chunk, signal: AbortSignal): Promise<Buffer>;
  /** Returns the concatenated contents of some chunks, for use as a dictionary. The next call reuses the buffer. */
  readDictionary(sha256s: readonly string[], signal: AbortSignal): Promise<Buffer>;
  /** The chunk of this backup with this name; undefined if there is none. */
  find(sha256: string): Chunk | undefined;
}

/**
 * Reads the manifests of the backup at a URL and of its chain of parents; null if there is no backup at the URL.
 * @param cacheDir a folder of the job's own, for chunks that are needed again
 * @param passphrase null for a backup that is not encrypted
 * @throws StorageError; PassphraseError if the passphrase is missing, not needed, or wrong
 */
export const openBackup = async (
  url: string,
  environment: StorageEnvironment,
  cacheDir: string,
  signal: AbortSignal,
  passphrase: string | null = null,
): Promise<Backup | null> => {
  const unlock = passphrase === null ? null : createUnlock(passphrase);
  const levels: Level[] = [];
  for (let at: string | null = url; at !== null; ) {
    const folder: Folder = openFolder(at, environment);
    const read: ReadManifest | null = await readManifest(folder, signal, unlock);
    if (read === null) {
      if (levels.length === 0) return null;
      throw new StorageError(
        `the backup at ${redact(url)} is incremental on one at ${folder.url}, which no longer exists`,
      );
    }
    if (unlock !== null && read.sealing.parameters === null) {
      throw new PassphraseError(`the backup at ${folder.url} is not encrypted: omit encryptionPassphrase`);
    }
    checkLink(levels.at(-1), read, folder.url);
    levels.push({ folder, ...read, byName: byName(read.manifest) });
    const { incrementalFrom } = read.manifest;
    at = incrementalFrom === null ? null : withKeysOf(incrementalFrom.url, url);
  }
  const [first] = levels;
  if (first === undefined) return null;
  const reader = createReader(levels, cacheDir);
  return {
    url: first.folder.url,
    manifest: first.manifest,
    sha256: first.sha256,
    sealing: first.sealing,
    find: (sha256) => first.byName.get(sha256),
    read: reader.read,
    readDictionary: reader.readDictionary,
  };
};

/**
 * The URL of a parent, which the manifest contains without keys, with the keys of the backup that is read. The keys are
 * added only for the same bucket, so that a manifest cannot send them elsewhere.
 */
export const withKeysOf = (parent: string, child: string): string => {
  const [bare = parent] = parent.split(/[?#]/);
  const query = /\?[^#]*/.exec(child)?.[0] ?? '';
  return bucketOf(bare) === bucketOf(child) ? `${bare}${query}` : bare;
};

/** The scheme, and the bucket or container. */
const bucketOf = (url: string): string => /^[^:]+:\/\/[^/?#]*/.exec(url)?.[0].toLowerCase() ?? url;

interface Level extends ReadManifest {
  readonly folder: Folder;
  readonly byName: ReadonlyMap<string, Chunk>;
}

const byName = ({ chunks }: Manifest): ReadonlyMap<string, Chunk> =>
  new Map(chunks.map((chunk) => [chunk.sha256, chunk]));

const checkLink = (newer: Level | undefined, { manifest, sha256 }: ReadManifest, url: string) => {
  if (newer === undefined) return;
  const { incrementalFrom, generation } = newer.manifest;
  if (incrementalFrom?.sha256 === sha256 && generation === manifest.generation + 1) return;
  throw new StorageError(
    `the backup at ${newer.folder.url} is incremental on a backup other than the one now at ${url}`,
  );
};

const createReader = (levels: readonly Level[], cacheDir: string) => {
  const cache = createCache(cacheDir);
  // One at a time: a chunk with a dictionary is held in memory together with it.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };

  /** Finds the backup that stores the content of a chunk. */
  const locate = (from: number, chunk: Chunk): { readonly level: number; readonly chunk: Chunk } => {
    let found = chunk;
    let level = from;
    while (found.stored === 'parent') {
      level += 1;
      const parent = levels[level]?.byName.get(chunk.sha256);
      if (parent === undefined) throw lacks(levels, level, chunk.sha256);
      found = parent;
    }
    return { level, chunk: found };
  };

  // One buffer per level, reused: memory of this size is not released soon.
  const buffers: Buffer[] = [];

  const readDictionary = async (level: number, sha256s: readonly string[], signal: AbortSignal): Promise<Buffer> => {
    buffers[level] ??= Buffer.allocUnsafeSlow(MAX_DICTIONARY_BYTES);
    let bytes = 0;
    for (const sha256 of sha256s) {
      const chunk = levels[level]?.byName.get(sha256);
      if (chunk === undefined) throw lacks(levels, level, sha256);
      const into = buffers[level].subarray(bytes, bytes + chunk.bytes);
      if (into.length < chunk.bytes) throw tooLong(levels, level);
      await readOne(level, chunk, into, signal);
      bytes += chunk.bytes;
    }
    return buffers[level].subarray(0, bytes);
  };

  const readOne = async (level: number, chunk: Chunk, into: Buffer, signal: AbortSignal) => {
    if ((await cache.get(chunk.sha256, into)) && hashOf(into) === chunk.sha256) return;
    await readAt(locate(level, chunk), into, signal);
    await cache.put(chunk.sha256, into);
  };

  const readAt = async (
    { level, chunk }: { readonly level: number; readonly chunk: Chunk },
    into: Buffer,
    signal: AbortSignal,
  ): Promise<void> => {
    const { folder, manifest, sealing } = levels[level] as Level;
    const file = fileOf(chunk, sealing);
    const label = `chunk ${manifest.chunks.indexOf(chunk) + 1} of ${manifest.chunks.length} of the backup at ${folder.url}`;
    const isPlain = chunk.stored === 'plain';
    const isDirect = isPlain && sealing.parameters === null;
    const stored = isDirect ? into : Buffer.allocUnsafe(chunk.storedBytes);
    await readFile(folder, file, stored, label, signal);
    const content = isDirect ? into : sealing.open(stored, file);
    const isWhole =
      content !== null &&
      (isPlain
        ? isDirect || fill(into, content)
        : decompressWithDictionary(content, await readDictionary(level + 1, chunk.dictionary, signal), into));
    if (isWhole && hashOf(into) === chunk.sha256) return;
    throw new StorageError(`${label} is damaged: ${file} does not match its SHA-256`);
  };

  return {
    read: async (chunk: Chunk, signal: AbortSignal): Promise<Buffer> => {
      const location = locate(0, chunk);
      const content = Buffer.allocUnsafe(chunk.bytes);
      const read = () => readAt(location, content, signal);
      await (location.chunk.dictionary.length === 0 ? read() : inTurn(read));
      return content;
    },
    readDictionary: (sha256s: readonly string[], signal: AbortSignal) =>
      inTurn(() => readDictionary(0, sha256s, signal)),
  };
};

/** Returns false if the content has another size. */
const fill = (into: Buffer, content: Buffer): boolean =>
  into.length === content.length && content.copy(into) === into.length;

const lacks = (levels: readonly Level[], level: number, sha256: string) =>
  new StorageError(`the backup at ${levels[level]?.folder.url ?? levels[0]?.folder.url} lacks the chunk ${sha256}`);

const tooLong = (levels: readonly Level[], level: number) => {
  const { url } = levels[level - 1]?.folder ?? (levels[0] as Level).folder;
  return new StorageError(
    `the backup at ${url} is damaged: a chunk uses a larger dictionary of its parent than is allowed`,
  );
};

const readFile = async (
  folder: Folder,
  file: string,
  into: Buffer,
  label: string,
  signal: AbortSignal,
): Promise<void> => {
  const bytes = into.length;
  let at = 0;
  try {
    for await (const piece of folder.read(file, 0, signal)) {
      if (at + piece.length > bytes)
        throw new StorageError(`${label} is damaged: ${file} has more than ${bytes} bytes`);
      into.set(piece, at);
      at += piece.length;
    }
  } catch (error) {
    const isMissing = error instanceof StorageError && at === 0 && (await folder.stat(file, signal)) === null;
    throw isMissing ? new StorageError(`${label} is missing: ${file} does not exist`) : error;
  }
  if (at < bytes) throw new StorageError(`${label} is damaged: ${file} has ${at} of its ${bytes} bytes`);
};

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
