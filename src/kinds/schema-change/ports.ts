import type { Ports } from '../../databases/port-of.ts';
import type { SchemaChangePort } from './port.ts';
import { sqliteSchemaChange } from './sqlite/port.ts';

export const PORTS: Ports<SchemaChangePort> = { sqlite: sqliteSchemaChange };
