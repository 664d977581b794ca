/** Folders under the server's folder of files, and files that are being written into them. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, realpath, unlink } from 'node:fs/promises';
import path from 'node:path';
import { StorageError } from '../url.ts';
import { failureOf, outside } from './file.ts';
import { isWithin, type LocalRoot, realRoot } from './root.ts';

/** The location of a file. */
export interface LocalPlace {
  /** In the form that may be displayed. */
  readonly redacted: string;
  /** The parent folders, relative to the folder of files. */
  readonly folder: readonly string[];
  readonly name: string;
  readonly root: LocalRoot;
}

/** How the names of files that are being written begin. */
export const PART = '.signalbox-part-';
const MAX_TRIES = 10;

/** Whether a name is that of a file being written: such names are reserved and never listed. */
export const isPart = (name: string): boolean => name.startsWith(PART);

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** The folder with links resolved; null if it does not exist. @throws StorageError if it is outside */
export const realFolder = async (
  redacted: string,
  segments: readonly string[],
  root: LocalRoot,
): Promise<string | null> => {
  try {
    const real = await realpath(path.join(root.filesDir, ...segments));
    if (!isWithin(real, await realRoot(root))) throw outside(redacted);
    return real;
  } catch (error) {
    if (isMissing(error)) return null;
    throw failureOf(redacted, error);
  }
};

/** Creates the missing parent folders; each is durable. Returns the last one, with links resolved. */
export const makeFolder = async ({ redacted, folder, root }: LocalPlace): Promise<string> => {
  await mkdir(root.filesDir, { recursive: true, mode: 0o700 });
  let real = await realpath(root.filesDir);
  const base = real;
  // One by one: a recursive mkdir would also create them behind a link.
  for (const [at, segment] of folder.entries()) {
    const next = path.join(real, segment);
    if (await madeNow(next)) await syncFolder(real);
    real = await realpath(next);
    if (!isWithin(real, path.join(base, ...root.within.slice(0, at + 1)))) throw outside(redacted);
  }
  return real;
};

const madeNow = async (folder: string): Promise<boolean> => {
  try {
    await mkdir(folder, 0o700);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/** Makes the entries of a folder durable. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export interface Part {
  /** The folder that contains it, with links resolved. */
  readonly real: string;
  readonly part: string;
  readonly handle: FileHandle;
}

/** Creates a new file for writing, and the missing parent folders. */
export const openPart = async (place: LocalPlace, left: LeftParts): Promise<Part> => {
  for (let tries = 1; ; tries++) {
    try {
      const real = await makeFolder(place);
      await left.remove(real, place.name);
      const part = path.join(real, `${partsOf(place.name)}${randomBytes(8).toString('hex')}`);
      const handle = await open(part, NEW, 0o600);
      // A parent folder may have become a link between the check and the open.
      if ((await realpath(part)) === part) return { real, part, handle };
      await handle.close();
      await unlink(part);
      throw outside(place.redacted);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // The last file of the folder was just removed, and the folder with it; but not this many times in a row.
      const isFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
      if (isFile || tries === MAX_TRIES)
        throw new StorageError(`${place.redacted} has something on its way that is no folder`);
    }
  }
};

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const partsOf = (name: string) => `${PART}${createHash('sha256').update(name).digest('hex').slice(0, 16)}-`;

export type LeftParts = ReturnType<typeof leftParts>;

/**
 * Files left by writers that were killed: removed when the same name is written again or removed. Each folder is
 * scanned once, before this process first writes to it.
 */
export const leftParts = () => {
  const looked = new Map<string, Promise<readonly string[]>>();
  return {
    remove: async (real: string, name: string): Promise<void> => {
      const found =
        looked.get(real) ??
        readdir(real).then(
          (names) => names.filter(isPart),
          () => [],
        );
      looked.set(real, found);
      const prefix = partsOf(name);
      for (const part of await found) {
        if (part.startsWith(prefix)) await unlink(path.join(real, part)).catch(() => undefined);
      }
    },
  };
};
