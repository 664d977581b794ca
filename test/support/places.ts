import { join } from 'node:path';
import type { DatabasePlace, Environment } from '../../src/jobs/kind.ts';

/** The environment of a kind that is executed directly; omitted folders are next to the folder of files. */
export const environmentOf = (given: Partial<Environment> & Pick<Environment, 'filesDir'>): Environment => ({
  filesFolder: [],
  restoresTriggers: true,
  allowPrivateHosts: [],
  database: null,
  workDir: join(given.filesDir, '..', 'work'),
  keptDir: join(given.filesDir, '..', 'rejects'),
  serverCredentials: null,
  maxFeedBytes: 1_024 ** 3,
  maxWindowBytes: 256 * 1_024 ** 2,
  ...given,
});

/** The place of a database that is a file of SQLite; null for none. */
export const sqliteAt = (file: string | null): DatabasePlace | null =>
  file === null ? null : { engine: 'sqlite', file };
