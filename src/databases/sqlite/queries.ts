/** The queries that SQLite files answer, by name: see Runner. */
import { dropBroken, dropRecords, listOwned, removeOwned } from './clean-up.ts';
import { inspect } from './inspect.ts';
import { createDatabaseFile } from './open.ts';

export const DATABASE_QUERIES = {
  inspect,
  create: createDatabaseFile,
  dropBroken,
  dropRecords,
  listOwned,
  removeOwned,
} as const;
