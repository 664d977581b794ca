import type { Kind } from '../jobs/kind.ts';
import { backupKind } from './backup/backup.ts';
import { importKind } from './import/import.ts';

/** All kinds of this server, for app.ts. */
export const KINDS: readonly Kind[] = [importKind as Kind, backupKind as Kind];
