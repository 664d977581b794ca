import type { Ports } from '../../databases/port-of.ts';
import type { RestorePort } from './port.ts';
import { sqliteRestore } from './sqlite/port.ts';

/** An engine is added here, and nowhere else in this kind. */
export const PORTS: Ports<RestorePort> = { sqlite: sqliteRestore };
