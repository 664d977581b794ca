/**
 * The files that `nodelocal:` URLs can name: listed in the order of their paths, and removed. A path is the text behind
 * `nodelocal:///`. Links are neither listed nor removed, and no path leads through one.
 */
import { lstat, opendir, realpath, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { parseUrl, StorageError } from '../url.ts';
import { failureOf } from './file.ts';
import { isMissing, isPart } from './part.ts';
import { isWithin, type LocalRoot, realRoot } from './root.ts';

export interface LocalFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

interface Wanted {
  /** Only paths that begin with this text. */
  readonly prefix: string;
  /** Only paths behind this one. */
  readonly after: string | null;
}

/** The path of a file or folder. What has a meaning of its own in a URL is encoded. */
export const pathOf = (segments: readonly string[]): string => segments.map(encode).join('/');

const encode = (segment: string): string =>
  segment.replace(/[\0-\x20\x7f%?#*[\]{}]/g, (character) =>
    character === ' ' ? ' ' : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** The segments of a path. Null for a text that is no path of a file. */
export const segmentsOfPath = (text: string): readonly string[] | null => {
  try {
    const parsed = parseUrl(`nodelocal:///${text}`);
    const segments = parsed.scheme === 'nodelocal' ? parsed.segments : [];
    return segments.length === 0 || segments.some(isPart) ? null : segments;
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
};

export async function* listFiles(
  root: LocalRoot,
  wanted: Wanted,
  signal?: AbortSignal,
): AsyncGenerator<LocalFile, void, void> {
  const top = await realTop(root);
  const above = root.within.length === 0 ? '' : `${pathOf(root.within)}/`;
  if (top !== null && mayContain(above, wanted)) yield* walk(top, above, wanted, signal);
}

/** Removes a file, and the folders that are empty then. Returns whether there was such a file. */
export const removeFile = async (root: LocalRoot, segments: readonly string[]): Promise<boolean> => {
  const url = `nodelocal:///${pathOf(segments)}`;
  try {
    const top = await realRoot(root);
    const file = path.join(await realpath(root.filesDir), ...segments);
    const folder = path.dirname(file);
    if (!isWithin(folder, top) || (await realpath(folder)) !== folder || !(await lstat(file)).isFile()) return false;
    await unlink(file);
    await removeEmpty(folder, top);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw failureOf(url, error, 'removed');
  }
};

const removeEmpty = async (folder: string, top: string): Promise<void> => {
  try {
    for (let empty = folder; empty !== top; empty = path.dirname(empty)) await rmdir(empty);
  } catch {
    // It is not empty, or another program removed it.
  }
};

/** Null if it does not exist, or if a link is in the place of a granted folder. */
const realTop = async (root: LocalRoot): Promise<string | null> => {
  try {
    const top = await realRoot(root);
    return (await realpath(top)) === top ? top : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw failureOf('nodelocal:///', error);
  }
};

/** Whether paths that are wanted may begin with this one, which ends with a slash. */
const mayContain = (folder: string, { prefix, after }: Wanted): boolean =>
  (folder.startsWith(prefix) || prefix.startsWith(folder)) &&
  (after === null || folder > after || after.startsWith(folder));

async function* walk(
  real: string,
  above: string,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<LocalFile, void, void> {
  for (const { key, name, isFolder } of await entriesOf(real, above, wanted, signal)) {
    signal?.throwIfAborted();
    const own = path.join(real, name);
    if (isFolder) yield* walk(own, key, wanted, signal);
    else {
      const found = await lstat(own).catch(() => null);
      if (found?.isFile()) yield { path: key, size: found.size, modifiedAt: Math.floor(found.mtimeMs) };
    }
  }
}

/** A folder's key ends with a slash, so that the order of the keys is the order of all paths. */
const entriesOf = async (real: string, above: string, wanted: Wanted, signal: AbortSignal | undefined) => {
  const found: { readonly key: string; readonly name: string; readonly isFolder: boolean }[] = [];
  try {
    for await (const entry of await opendir(real)) {
      signal?.throwIfAborted();
      const isFolder = entry.isDirectory();
      const key = `${above}${encode(entry.name)}${isFolder ? '/' : ''}`;
      const isWanted = isFolder
        ? mayContain(key, wanted)
        : entry.isFile() && key.startsWith(wanted.prefix) && (wanted.after === null || key > wanted.after);
      if (isWanted && isNameable(entry.name)) found.push({ key, name: entry.name, isFolder });
    }
  } catch (error) {
    // It has been removed since, or another user owns it.
    if (!isMissing(error) && !isDenied(error)) throw error;
  }
  return found.sort((one, other) => (one.key < other.key ? -1 : 1));
};

/** A name that is not valid UTF-8 is read with replacement characters, and no URL names it. */
const isNameable = (name: string) => !isPart(name) && !/[\\\ufffd]/.test(name);

const isDenied = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EACCES';
