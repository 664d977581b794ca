/**
 * Files under one folder of the server. Nothing outside of it is reachable: the path is decoded once and contains no
 * `..`, and its target, with symbolic links resolved, must be inside. Errors contain the URL, never a path.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Transient } from '../../jobs/kind.ts';
import type { Stored, StoredStat } from '../storage.ts';
import { redact, StorageError } from '../url.ts';
import { isWithin, type LocalRoot, realRoot } from './root.ts';

const CHUNK_BYTES = 512 * 1024;

export const openLocal = (url: string, segments: readonly string[], root: LocalRoot): Stored => {
  const redacted = redact(url);
  const file = path.join(root.filesDir, ...segments);
  return {
    url: redacted,
    stat: () => statLocal(redacted, file, root),
    read: (fromByte, signal) => readLocal(redacted, file, root, fromByte, signal),
  };
};

export const statLocal = async (url: string, file: string, root: LocalRoot): Promise<StoredStat> => {
  const handle = await openInside(url, file, root);
  try {
    const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
    return { size: Number(size), version: `${mtimeNs}-${size}-${ino}` };
  } finally {
    await handle.close();
  }
};

export async function* readLocal(
  url: string,
  file: string,
  root: LocalRoot,
  fromByte: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const handle = await openInside(url, file, root);
  try {
    for (let place = fromByte; ; ) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await handle
        .read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES, place)
        .catch((error: unknown) => {
          throw failureOf(url, error);
        });
      if (bytesRead === 0) return;
      place += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

const openInside = async (url: string, file: string, root: LocalRoot): Promise<FileHandle> => {
  try {
    const real = await realpath(file);
    if (!isWithin(real, await realRoot(root))) throw outside(url);
    // Without O_NONBLOCK, opening a pipe that has no writer would never return.
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      await checkOpened(url, real, handle);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw failureOf(url, error);
  }
};

/** A parent folder may have become a link between the check and the open. */
const checkOpened = async (url: string, real: string, handle: FileHandle) => {
  const opened = await handle.stat();
  if (opened.isDirectory()) throw new StorageError(`${url} is a folder, not a file`);
  if (!opened.isFile()) throw new StorageError(`${url} is not an ordinary file`);
  const named = await lstat(real);
  if ((await realpath(real)) !== real || named.ino !== opened.ino || named.dev !== opened.dev) throw outside(url);
};

export const outside = (url: string) => new StorageError(`${url} leads outside of the folder of files`);

/** The failure of a read or write as a message for people. Errors that already have one are returned unchanged. */
export const failureOf = (url: string, error: unknown, done: 'read' | 'written' | 'removed' = 'read'): unknown => {
  if (error instanceof StorageError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  if (DENIED.includes(code)) return new StorageError(`${url} cannot be ${done}: permission denied`);
  const reason = REASONS[code];
  return reason === undefined
    ? new Transient(`${url} cannot be ${done} now (${code})`)
    : new StorageError(`${url} ${reason}`);
};

const DENIED = ['EACCES', 'EPERM', 'EROFS'];
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  ELOOP: 'leads outside of the folder of files',
  ENAMETOOLONG: 'has a name that is too long',
  EISDIR: 'is a folder, not a file',
  ENXIO: 'is not an ordinary file',
};
