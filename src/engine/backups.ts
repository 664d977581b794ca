import type { Viewer } from '../auth/viewer.ts';
import { forbidden } from '../errors.ts';
import { mayReadDatabases } from '../jobs/access.ts';
import type { ShownBackup } from '../jobs/backup.ts';
import type { Places } from '../jobs/kind.ts';
import type { KnownDatabase } from '../store/store.ts';
import type { Threads } from './threads.ts';

export interface Backups {
  /** What is at a URL; null when that is no backup. */
  read(url: string, viewer: Viewer): Promise<ShownBackup | null>;
}

interface BackupsOptions {
  readonly threads: Threads;
  readonly placesOf: (database: KnownDatabase | null) => Places;
}

export const createBackups = ({ threads, placesOf }: BackupsOptions): Backups => ({
  read: async (url, viewer) => {
    if (!mayReadDatabases(viewer)) throw forbidden(`user ${viewer.name} does not have the privilege CREATEJOB`);
    const places = placesOf(null);
    return threads.ask<ShownBackup | null>(
      'backup',
      url,
      viewer.isAdmin ? places : { ...places, serverCredentials: null },
    );
  },
});
