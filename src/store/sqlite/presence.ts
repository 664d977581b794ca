import { statSync } from 'node:fs';
import { unavailable } from '../../errors.ts';

/**
 * SQLite goes on writing to a file that has been deleted or moved away, and says nothing: what it then acknowledges
 * would be lost. Answers a check that throws while the file that was opened is not where it was.
 */
export const watchFile = (file: string): (() => void) => {
  const opened = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    throw unavailable('the job store cannot be used: its file is gone from where it was, or was replaced');
  };
};
