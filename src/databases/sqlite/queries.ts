/** The queries that SQLite files answer, by name: see Runner. */
import { dropRecords, listOwned, removeOwned } from './clean-up.ts';
import { inspect } from './inspect.ts';
import { createDatabaseFile } from './open.ts';

export const DATABASE_QUERIES = { inspect, create: createDatabaseFile, dropRecords, listOwned, removeOwned } as const;
