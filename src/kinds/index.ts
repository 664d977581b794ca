import type { Kind } from '../jobs/kind.ts';
import { backupKind } from './backup/index.ts';
import { changefeedKind } from './changefeed/index.ts';
import { importKind } from './import/index.ts';
import { restoreKind } from './restore/index.ts';
import { schemaChangeKind } from './schema-change/index.ts';

/** All kinds of this server, for app.ts. */
export const KINDS: readonly Kind[] = [
  importKind as Kind,
  backupKind as Kind,
  restoreKind as Kind,
  changefeedKind as Kind,
  schemaChangeKind as Kind,
];
