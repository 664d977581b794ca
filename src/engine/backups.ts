import type { Viewer } from '../auth/viewer.ts';
import { forbidden } from '../errors.ts';
import { mayReadDatabases } from '../jobs/access.ts';
import type { ShownBackup } from '../jobs/backup.ts';
import type { PlacesOf } from './databases.ts';
import type { Threads } from './threads.ts';

export interface Backups {
  /** What is at a URL; null when that is no backup. */
  read(url: string, viewer: Viewer): Promise<ShownBackup | null>;
}

interface BackupsOptions {
  readonly threads: Threads;
  readonly placesOf: PlacesOf;
}

export const createBackups = ({ threads, placesOf }: BackupsOptions): Backups => ({
  read: async (url, viewer) => {
    if (!mayReadDatabases(viewer)) throw forbidden(`user ${viewer.name} does not have the privilege CREATEJOB`);
    return threads.ask<ShownBackup | null>('backup', url, placesOf(null, viewer.isAdmin));
  },
});
