/**
 * Checks whether a backup can be restored: the files of its chunks exist, and so do those of its parents. Nothing is
 * decrypted, so no passphrase is needed; a restore with `verifyOnly` reads the content, too.
 */
import { openFolder } from '../storage/open.ts';
import type { Folder, StorageEnvironment } from '../storage/storage.ts';
import { StorageError } from '../storage/url.ts';
import { withKeysOf } from './backup.ts';
import { type Head, readHead } from './manifest.ts';

/** How many files are looked up at the same time, where they cannot be listed. */
const AT_ONCE = 8;

/** @param head that of the backup at the URL */
export const isComplete = async (
  url: string,
  head: Head,
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    for (let at: Level = { url, head }; ; ) {
      if (!(await hasFiles(openFolder(at.url, environment), at.head, signal))) return false;
      if (at.head.incrementalFrom === null) return true;
      const parent = await parentOf(at, url, environment, signal);
      if (parent === null) return false;
      at = parent;
    }
  } catch (error) {
    // A damaged parent.
    if (error instanceof StorageError) return false;
    throw error;
  }
};

interface Level {
  readonly url: string;
  readonly head: Head;
}

/** Null if it is not the backup that the child was made from. */
const parentOf = async (
  { head: { incrementalFrom, generation } }: Level,
  url: string,
  environment: StorageEnvironment,
  signal: AbortSignal,
): Promise<Level | null> => {
  const parentUrl = withKeysOf(incrementalFrom?.url ?? '', url);
  const head = await readHead(openFolder(parentUrl, environment), signal);
  if (head === null || head.sha256 !== incrementalFrom?.sha256 || head.generation !== generation - 1) return null;
  return { url: parentUrl, head };
};

const hasFiles = async (folder: Folder, { files }: Head, signal: AbortSignal): Promise<boolean> => {
  if (/^(https?|nodelocal):/i.test(folder.url)) return statAll(folder, files, signal);
  const missing = new Set(files.map(({ name }) => name));
  for await (const name of folder.list('chunks/', signal)) missing.delete(name);
  return missing.size === 0;
};

/** Over http nothing can be listed; of local files, the size is known as well. */
const statAll = async (folder: Folder, files: Head['files'], signal: AbortSignal): Promise<boolean> => {
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const some = files.slice(from, from + AT_ONCE);
    const stats = await Promise.all(some.map(({ name }) => folder.stat(name, signal)));
    const isWhole = stats.every((stat, i) => stat !== null && (stat.size === null || stat.size === some[i]?.bytes));
    if (!isWhole) return false;
  }
  return true;
};
