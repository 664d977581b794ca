import type { Kind } from '../jobs/kind.ts';
import { backupKind } from './backup/backup.ts';
import { changefeedKind } from './changefeed/changefeed.ts';
import { importKind } from './import/import.ts';
import { restoreKind } from './restore/restore.ts';
import { schemaChangeKind } from './schema-change/schema-change.ts';

/** All kinds of this server, for app.ts. */
export const KINDS: readonly Kind[] = [
  importKind as Kind,
  backupKind as Kind,
  restoreKind as Kind,
  changefeedKind as Kind,
  schemaChangeKind as Kind,
];
