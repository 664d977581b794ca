/** What can be asked about SQLite files, by name: see Runner. */
import { inspect } from './inspect.ts';
import { createDatabaseFile } from './open.ts';

export const DATABASE_QUERIES = { inspect, create: createDatabaseFile } as const;
