import type { Kind } from '../jobs/kind.ts';
import { changefeedKind } from './changefeed/changefeed.ts';
import { importKind } from './import/import.ts';
import { schemaChangeKind } from './schema-change/schema-change.ts';

/** All kinds of this server, for app.ts. */
export const KINDS: readonly Kind[] = [importKind as Kind, changefeedKind as Kind, schemaChangeKind as Kind];
