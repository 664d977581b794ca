import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError';
}

/**
 * Locks the store for this process until it ends, for any reason: an exclusive lock of the operating system on a file
 * next to the store's, so that readers of the store itself are not locked out. Throws if another process holds it. A
 * third file contains the holder's pid: the locked file must not be opened to read it, since closing it would release
 * the lock of a server in the same process.
 */
export const lockStore = (file: string, name = `the job store ${file}`): { release(): void } => {
  const pidFile = `${file}-pid`;
  const db = new Database(`${file}-lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw new StoreInUseError(`${name} is in use by another Signalbox${holderOf(pidFile)}`);
    }
    throw error;
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release: () => {
      rmSync(pidFile, { force: true });
      db.close();
    },
  };
};

/** The holder may not have written its pid yet. */
const holderOf = (pidFile: string): string => {
  try {
    return `, process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return '';
  }
};
