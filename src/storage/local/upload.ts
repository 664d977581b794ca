/** An uploaded file on its way from the folder of uploads to its place below the folder of files. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathOf } from './browse.ts';
import { failureOf } from './file.ts';
import { isMissing, type LocalPlace, makeFolder, PART, realFolder, syncFolder } from './part.ts';
import type { LocalRoot } from './root.ts';

/** Whether anything has this name, a folder or a link included. @throws StorageError if it is outside */
export const isTaken = async (root: LocalRoot, segments: readonly string[]): Promise<boolean> => {
  const { redacted, folder, name } = placeOf(root, segments);
  const real = await realFolder(redacted, folder, root);
  if (real === null) return false;
  try {
    await lstat(path.join(real, name));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw failureOf(redacted, error, 'written');
  }
};

/**
 * Moves a complete file into its place in one step, durably: nobody sees a part of it. Returns false, and moves nothing,
 * if something has that name and is not to be replaced.
 */
export const moveInto = async (
  root: LocalRoot,
  segments: readonly string[],
  file: string,
  { replace }: { readonly replace: boolean },
): Promise<boolean> => {
  const place = placeOf(root, segments);
  try {
    await syncFile(file);
    const real = await makeFolder(place);
    const source = await onSameDisk(file, real);
    const target = path.join(real, place.name);
    if (replace) await rename(source, target);
    else await link(source, target);
    await syncFolder(real);
    for (const left of new Set([source, file])) await rm(left, { force: true });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (TAKEN.includes(code)) return false;
    throw failureOf(place.redacted, error, 'written');
  }
};

const TAKEN = ['EEXIST', 'EISDIR', 'ENOTEMPTY', 'ENOTDIR'];

const placeOf = (root: LocalRoot, segments: readonly string[]): LocalPlace => ({
  redacted: `nodelocal:///${pathOf(segments)}`,
  folder: segments.slice(0, -1),
  name: segments.at(-1) ?? '',
  root,
});

/** Makes a file durable, and its owner's alone, as all files of the server are. */
const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The folder of files may be a mount of its own: what is moved is then a copy that nobody lists. */
const onSameDisk = async (file: string, real: string): Promise<string> => {
  const [here, there] = await Promise.all([lstat(file), lstat(real)]);
  if (here.dev === there.dev) return file;
  const copy = path.join(real, `${PART}${randomBytes(8).toString('hex')}`);
  try {
    await copyFile(file, copy, constants.COPYFILE_EXCL);
    await syncFile(copy);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
  return copy;
};
