import type { Kind } from '../jobs/kind.ts';
import { backupKind } from './backup/backup.ts';
import { importKind } from './import/import.ts';
import { restoreKind } from './restore/restore.ts';

/** All kinds of this server, for app.ts. */
export const KINDS: readonly Kind[] = [importKind as Kind, backupKind as Kind, restoreKind as Kind];
