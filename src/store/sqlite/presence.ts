import { statSync } from 'node:fs';
import { unavailable } from '../../errors.ts';

/**
 * SQLite keeps writing to a file that has been deleted or moved away, without an error: all it then acknowledges would
 * be lost. Returns a check that throws while the opened file is not at its path.
 */
export const watchFile = (file: string): (() => void) => {
  const opened = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    throw unavailable('the job store cannot be used: its file is gone from where it was, or was replaced');
  };
};
