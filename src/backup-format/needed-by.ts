/**
 * `needed-by-<id>.json` in the folder of a backup: another backup is incremental on it. It is written before the other
 * one begins, wherever that one is, so that nobody removes its parent. It no longer counts when that one is gone.
 */
import { z } from 'zod';
import { openFolder } from '../storage/open.ts';
import type { Folder, StorageEnvironment } from '../storage/storage.ts';
import { StorageError } from '../storage/url.ts';
import { withKeysOf } from './backup.ts';
import { readAnyMarker } from './in-progress-marker.ts';
import { readHead } from './manifest.ts';

const FILE = z.object({ url: z.string(), id: z.string() });
const PREFIX = 'needed-by-';
const MAX_BYTES = 64 * 1024;

/** A backup that another one needs, by its URL without keys, and the id of the other one. */
export interface NeededBy {
  readonly url: string;
  readonly id: string;
}

const nameOf = (id: string) => `${PREFIX}${id}.json`;

/**
 * @param need the parent, and the id of the child
 * @param child the URL of the child, with its keys
 * @throws StorageError where the parent cannot be written to
 */
export const writeNeed = async (
  need: NeededBy,
  child: { readonly url: string; readonly shown: string },
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<void> => {
  const folder = openFolder(withKeysOf(need.url, child.url), environment);
  await folder.write(nameOf(need.id), [Buffer.from(`${JSON.stringify({ url: child.shown, id: need.id })}\n`)], signal);
};

/** Idempotent. */
export const removeNeed = async (
  { url, id }: NeededBy,
  child: string,
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<void> => {
  if (/^https?:/i.test(url)) return;
  await openFolder(withKeysOf(url, child), environment).remove(nameOf(id), signal);
};

/** The names of these files in the folder of a backup. */
export const needsIn = async (folder: Folder, signal: AbortSignal): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const name of folder.list(PREFIX, signal)) names.push(name);
  return names;
};

/**
 * Whether a backup that exists, or that is being made, is incremental on the one at the URL.
 * @param known the ids of those that do not count
 */
export const isNeeded = async (
  url: string,
  known: ReadonlySet<string>,
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<boolean> => {
  const folder = openFolder(url, environment);
  for (const name of await needsIn(folder, signal)) {
    const child = await readFile(folder, name, signal);
    if (child !== null && known.has(child.id)) continue;
    if (child === null || (await isThere(child, url, environment, signal))) return true;
  }
  return false;
};

/** Also true of a child that cannot be read now. */
const isThere = async (
  { url, id }: z.output<typeof FILE>,
  parent: string,
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    const folder = openFolder(withKeysOf(url, parent), environment);
    const head = await readHead(folder, signal);
    return head === null ? (await readAnyMarker(folder, signal))?.id === id : head.id === id;
  } catch (error) {
    if (error instanceof StorageError) return true;
    throw error;
  }
};

/** Null if it is no such file. */
const readFile = async (folder: Folder, name: string, signal: AbortSignal): Promise<z.output<typeof FILE> | null> => {
  let text = '';
  for await (const piece of folder.read(name, 0, signal)) {
    text += Buffer.from(piece).toString();
    if (text.length > MAX_BYTES) return null;
  }
  try {
    return FILE.parse(JSON.parse(text));
  } catch {
    return null;
  }
};
