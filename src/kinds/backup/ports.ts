import type { Ports } from '../../databases/port-of.ts';
import type { BackupPort } from './port.ts';
import { sqliteBackup } from './sqlite/port.ts';

/** An engine is added here, and nowhere else in this kind. */
export const PORTS: Ports<BackupPort> = { sqlite: sqliteBackup };
