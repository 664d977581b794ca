/** The part of the folder of files that a user may reach. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { StorageEnvironment } from '../storage.ts';
import { redact, StorageError } from '../url.ts';

export interface LocalRoot {
  /** The folder that `nodelocal:` refers to. */
  readonly filesDir: string;
  /** Below it, the folder that everything must be in; empty for all of it. */
  readonly within: readonly string[];
}

/** Performs no I/O. @throws StorageError if the user may not reach these segments */
export const rootFor = (url: string, segments: readonly string[], environment: StorageEnvironment): LocalRoot => {
  const { filesDir, filesFolder: within } = environment;
  if (within === null) throw new StorageError(`${redact(url)} is not accessible: no folder of files has been granted`);
  if (within.some((segment, at) => segments[at] !== segment)) {
    throw new StorageError(`${redact(url)} is outside of the granted folder nodelocal:///${within.join('/')}`);
  }
  return { filesDir, within };
};

/**
 * The real path that everything must be in. A link in the place of a granted folder leads outside of it: only the
 * folder of files itself is resolved.
 */
export const realRoot = async ({ filesDir, within }: LocalRoot): Promise<string> =>
  path.join(await realpath(filesDir), ...within);

/** Whether a path, with all links resolved, is the folder or inside it. */
export const isWithin = (real: string, folder: string): boolean =>
  real === folder || real.startsWith(`${folder}${path.sep}`);
