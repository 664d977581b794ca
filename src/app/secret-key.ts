/** The key that encrypts the credentials of jobs: SIGNALBOX_SECRET, or a key file of the data folder. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createVault, KEY_BYTES, KEY_FILE, type Vault } from '../auth/vault.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';

/**
 * Servers that share a store need the same secret, which a file of one of them cannot be.
 * @throws Error, naming the setting or the file, if the key cannot be used or is another than that of the store
 */
export const openVault = async (
  { secret, storeFile }: Pick<Config, 'secret' | 'storeFile'>,
  dataDir: string,
  store: Store,
): Promise<Vault> => {
  const fileKey = storeFile === null ? null : readSecretKey(dataDir, secret === null);
  const vault = createVault({ secret, fileKey, storeId: store.id });
  const probe = vault.boxFor('probe');
  if (storeFile === null && probe.open(await store.keepSecretProbe(probe.seal('probe'))) === null) {
    throw new Error('SIGNALBOX_SECRET is not the one of the other servers on this job store');
  }
  return vault;
};

/**
 * The key in the file, which is created if it is missing and `creates` is true. Null: there is none.
 * @throws Error, naming the file, if it cannot be read, is no key, or is accessible to other users of the machine
 */
export const readSecretKey = (dataDir: string, creates: boolean): Buffer | null => {
  const file = join(dataDir, KEY_FILE);
  const found = readKey(file);
  if (found !== null || !creates) return found;
  createKey(file);
  return readKey(file);
};

const readKey = (file: string): Buffer | null => {
  const opened = openKey(file);
  if (opened === null) return null;
  try {
    const stats = fstatSync(opened);
    const { size, mode } = stats;
    if (!stats.isFile()) throw new Error(`the key file ${file} is no file`);
    if ((mode & 0o007) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw new Error(`the key file ${file} is accessible to every user of this machine (mode ${octal}): chmod 600 it`);
    }
    if (size !== KEY_BYTES) throw new Error(`the key file ${file} has ${size} bytes, and a key has ${KEY_BYTES}`);
    const key = Buffer.alloc(KEY_BYTES);
    if (readSync(opened, key) !== KEY_BYTES) throw new Error(`the key file ${file} cannot be read as a whole`);
    return key;
  } finally {
    closeSync(opened);
  }
};

const openKey = (file: string): number | null => {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`the key file ${file} cannot be read: ${messageOf(error)}`);
  }
};

/** The file appears under its name only when it is complete, and an existing one is never replaced. */
const createKey = (file: string): void => {
  const unfinished = `${file}-${randomBytes(8).toString('hex')}`;
  const opened = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(opened, randomBytes(KEY_BYTES));
    fsyncSync(opened);
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new Error(`the key file ${file} cannot be created: ${messageOf(error)}`);
  } finally {
    closeSync(opened);
    rmSync(unfinished, { force: true });
  }
  const folder = openSync(join(file, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
};
