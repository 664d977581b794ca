/** What the work of a job may reach on this server. */
import type { Config } from '../config.ts';
import type { Databases, EnvironmentOf } from '../engine/databases.ts';
import { segmentsOf } from '../jobs/access.ts';
import type { prepareFolders } from './data-folders.ts';

export const createEnvironmentOf =
  (config: Config, folders: ReturnType<typeof prepareFolders>, databases: Databases): EnvironmentOf =>
  (database, { serverKeys, files, restoresTriggers }) => ({
    filesDir: folders.files,
    restoresTriggers,
    filesFolder: files === 'all' ? [] : files === 'none' ? null : segmentsOf(files.folder),
    allowPrivateHosts: config.allowPrivateHosts,
    database: database === null ? null : databases.placeOf(database),
    workDir: folders.work,
    keptDir: folders.rejects,
    serverCredentials: serverKeys ? config.serverCredentials : null,
    maxFeedBytes: config.maxFeedBytes,
    maxWindowBytes: config.maxWindowBytes,
  });
