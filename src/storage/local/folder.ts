/**
 * A folder under the server's folder of files. A file is written under another name next to its own, made durable, and
 * then renamed; folders are created and removed together with their files. Before anything is created in or removed
 * from a folder, its links are resolved: it must be inside. A file that is reached through a link is read, but not
 * listed.
 */
import { lstat, opendir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Transient } from '../../jobs/kind.ts';
import type { Entry, Folder } from '../storage.ts';
import { redact, StorageError, segmentsOfName, withoutSlashes } from '../url.ts';
import { failureOf, readLocal, statLocal } from './file.ts';
import {
  isMissing,
  isPart,
  type LeftParts,
  type LocalPlace,
  leftParts,
  makeFolder,
  openPart,
  realFolder,
  syncFolder,
} from './part.ts';
import { type LocalRoot, realRoot } from './root.ts';

export const openLocalFolder = (url: string, segments: readonly string[], root: LocalRoot): Folder => {
  const redacted = withoutSlashes(redact(url));
  const left = leftParts();
  const target = (name: string): LocalPlace => {
    const inFolder = segmentsOfName(redacted, name);
    if (inFolder.some(isPart)) throw new StorageError(`${JSON.stringify(name)} is not a name of a file in ${redacted}`);
    return {
      redacted: `${redacted}/${inFolder.map(encodeURIComponent).join('/')}`,
      folder: [...segments, ...inFolder.slice(0, -1)],
      name: inFolder.at(-1) ?? '',
      root,
    };
  };
  return {
    url: redacted,
    stat: async (name, signal) => {
      signal.throwIfAborted();
      return stat(target(name));
    },
    read: async function* (name, fromByte, signal) {
      const { redacted, folder, name: file } = target(name);
      yield* readLocal(redacted, path.join(root.filesDir, ...folder, file), root, fromByte, signal);
    },
    write: async (name, pieces, signal) => write(target(name), left, pieces, signal),
    list: async function* (prefix, signal) {
      const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const inFolder = above === '' ? [] : segmentsOfName(redacted, above.slice(0, -1));
      const real = await realFolder(redacted, [...segments, ...inFolder], root);
      if (real !== null) yield* list(redacted, real, above, prefix, signal);
    },
    entries: async function* (below, signal) {
      const inFolder = below === '' ? [] : segmentsOfName(redacted, below);
      const real = await realFolder(redacted, [...segments, ...inFolder], root);
      if (real !== null) yield* entries(redacted, real, below === '' ? '' : `${below}/`, signal);
    },
    remove: async (name, signal) => {
      signal.throwIfAborted();
      await remove(target(name), left);
    },
  };
};

const stat = async ({ redacted, folder, name, root }: LocalPlace) => {
  const real = await realFolder(redacted, folder, root);
  if (real === null) return null;
  try {
    if ((await lstat(path.join(real, name))).isDirectory()) return null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw failureOf(redacted, error);
  }
  return statLocal(redacted, path.join(real, name), root);
};

const write = async (
  target: LocalPlace,
  left: LeftParts,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted();
  const { real, part, handle } = await withReadableErrors(target, openPart(target, left));
  try {
    try {
      for await (const piece of pieces) {
        signal.throwIfAborted();
        // Not write(), which may write only part of the buffer.
        await withReadableErrors(target, handle.writeFile(piece));
      }
      signal.throwIfAborted();
      await withReadableErrors(target, handle.sync());
    } finally {
      await handle.close();
    }
    await withReadableErrors(target, publish(target, real, part));
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  }
};

const publish = async (target: LocalPlace, real: string, part: string): Promise<void> => {
  if ((await makeFolder(target)) !== real) throw new Transient(`${target.redacted}: its folder was moved`);
  await rename(part, path.join(real, target.name));
  await syncFolder(real);
};

/** Failures of writing as messages for people; failures of the source of the chunks are passed through. */
const withReadableErrors = async <T>({ redacted }: LocalPlace, operation: Promise<T>): Promise<T> => {
  try {
    return await operation;
  } catch (error) {
    if (isMissing(error))
      throw new Transient(`${redacted} cannot be written now: another program removes or writes it`);
    throw failureOf(redacted, error, 'written');
  }
};

async function* list(
  redacted: string,
  real: string,
  above: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const folders: string[] = [];
  for await (const { name, isFolder } of entries(redacted, real, above, signal)) {
    if (isFolder && `${name}/`.startsWith(prefix)) folders.push(name.slice(above.length));
    else if (!isFolder && name.startsWith(prefix)) yield name;
  }
  // Only one folder is open at a time, however deep they are nested.
  for (const folder of folders) yield* list(redacted, path.join(real, folder), `${above}${folder}/`, prefix, signal);
}

/** The files and folders in a folder, which is not open any more when the generator ends. */
async function* entries(
  redacted: string,
  real: string,
  above: string,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, void> {
  signal.throwIfAborted();
  try {
    for await (const entry of await opendir(real)) {
      signal.throwIfAborted();
      const name = `${above}${entry.name}`;
      if (entry.isDirectory()) yield { name, isFolder: true };
      else if (entry.isFile() && !isPart(entry.name)) yield { name, isFolder: false };
    }
  } catch (error) {
    // It has been removed since.
    if (!isMissing(error)) throw failureOf(redacted, error);
  }
}

const remove = async (target: LocalPlace, left: LeftParts): Promise<void> => {
  const { redacted, folder, name, root } = target;
  const real = await realFolder(redacted, folder, root);
  if (real === null) return;
  try {
    await left.remove(real, name);
    await unlink(path.join(real, name)).catch(unlessMissing);
    const top = await realRoot(root);
    for (let empty = real; empty !== top; empty = path.dirname(empty)) await rmdir(empty).catch(unlessMissing);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EBUSY') return;
    throw failureOf(redacted, error, 'removed');
  }
};

const unlessMissing = (error: unknown) => {
  if (!isMissing(error)) throw error;
};
