import type { Ports } from '../../databases/port-of.ts';
import type { ImportPort } from './port.ts';
import { sqliteImport } from './sqlite/port.ts';

export const PORTS: Ports<ImportPort> = { sqlite: sqliteImport };
