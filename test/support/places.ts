import { join } from 'node:path';
import type { Environment } from '../../src/jobs/kind.ts';

/** Where a kind that is driven by hand works: what is not given is beside the folder of files. */
export const environmentOf = (given: Partial<Environment> & Pick<Environment, 'filesDir'>): Environment => ({
  allowPrivateHosts: [],
  databaseFile: null,
  workDir: join(given.filesDir, '..', 'scratch'),
  serverCredentials: null,
  maxFeedBytes: 1_024 ** 3,
  ...given,
});
