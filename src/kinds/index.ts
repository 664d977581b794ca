import type { Kind } from '../jobs/kind.ts';

/** The built-in kinds by the names of their types, each loaded when it is first needed: a work process loads one. */
export const KINDS: Readonly<Record<string, () => Promise<Kind>>> = {
  IMPORT: async () => (await import('./import/index.ts')).importKind as Kind,
  BACKUP: async () => (await import('./backup/index.ts')).backupKind as Kind,
  RESTORE: async () => (await import('./restore/index.ts')).restoreKind as Kind,
  CHANGEFEED: async () => (await import('./changefeed/index.ts')).changefeedKind as Kind,
  SCHEMA_CHANGE: async () => (await import('./schema-change/index.ts')).schemaChangeKind as Kind,
};
