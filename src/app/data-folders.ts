/** The folders of the data folder. */
import { existsSync, mkdirSync, realpathSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { lockStore } from '../store/sqlite/lock.ts';
import { writeSample } from '../web/sample-file.ts';

/**
 * Creates the data folders, accessible to their owner only, and the sample file in a new one. Returns real paths,
 * because a folder is identified by its real path.
 */
export const prepareFolders = ({ dataDir, storeFile }: Config) => {
  const isNew = !existsSync(join(dataDir, 'files'));
  renameOldFolder(dataDir);
  const inside = ['databases', 'files', 'work', 'processes', 'rejects', 'uploads'].map((name) => join(dataDir, name));
  for (const folder of [dataDir, ...inside, ...(storeFile === null ? [] : [dirname(storeFile)])]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const data = realpathSync(dataDir);
  if (isNew) writeSample(join(data, 'files', 'sample.csv'));
  return {
    data,
    files: join(data, 'files'),
    databases: join(data, 'databases'),
    work: join(data, 'work'),
    processes: join(data, 'processes'),
    rejects: join(data, 'rejects'),
    uploads: join(data, 'uploads'),
  };
};

/** The folder for work in progress once had another name. Live jobs continue from the files in it. */
const renameOldFolder = (dataDir: string) => {
  const old = join(dataDir, 'scratch');
  if (existsSync(old) && !existsSync(join(dataDir, 'work'))) renameSync(old, join(dataDir, 'work'));
};

/** Two servers in one folder would clean up each other's work. A store in a file locks that. */
export const lockDataFolder = (folder: string) => lockStore(join(folder, 'server'), `the data folder ${folder}`);
