import { join } from 'node:path';
import type { Places } from '../../src/jobs/kind.ts';

/** Where a kind that is driven by hand works: what is not given is beside the folder of files. */
export const placesOf = (given: Partial<Places> & Pick<Places, 'filesDir'>): Places => ({
  allowPrivateHosts: [],
  databaseFile: null,
  scratchDir: join(given.filesDir, '..', 'scratch'),
  serverCredentials: null,
  maxFeedBytes: 1_024 ** 3,
  ...given,
});
