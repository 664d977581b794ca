import Database from 'better-sqlite3';

/**
 * Takes the store for this process, until it ends, however it ends: an exclusive lock of the operating system on a file
 * beside the store's, so that readers of the store itself are not shut out. Throws when another process has it.
 */
export const lockStore = (file: string): { release(): void } => {
  const db = new Database(`${file}-lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
      throw new Error(`the job store ${file} is in use by another Signalbox`);
    }
    throw error;
  }
  return { release: () => db.close() };
};
