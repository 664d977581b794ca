/** BACKUP of SQLite files: the staged file is a SQLite database that VACUUM INTO writes. */
import path from 'node:path';
import { openDatabase } from '../../../databases/sqlite/open.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { takeSnapshot } from '../../../databases/sqlite/snapshot-child.ts';
import { type Environment, Transient } from '../../../jobs/kind.ts';
import type { BackupPort } from '../port.ts';
import { findTables } from './find-tables.ts';

export const sqliteBackup: BackupPort = {
  findTables,
  estimateBytes: ({ environment, database, tables, integrityCheck }) => {
    const { sql, close } = openDatabase(knownFile(environment, database), database, {
      readonly: true,
      lockWaitMs: 100,
    });
    try {
      const number = (pragma: string) => sql.pragma(pragma, { simple: true }) as number;
      const used = (number('page_count') - number('freelist_count')) * number('page_size');
      // Once tables have been removed from the copy, it is rewritten; and so is a copy of pages.
      if (sql.pragma('journal_mode', { simple: true }) !== 'wal')
        return used + number('page_count') * number('page_size');
      return tables === null && !integrityCheck ? used : 2 * used;
    } finally {
      close();
    }
  },
  stage: async function* ({ environment, database, tables, integrityCheck, folder }, step, signal) {
    const file = path.join(folder, 'snapshot.db');
    const order = { source: knownFile(environment, database), name: database, file, tables, integrityCheck };
    const { faults, warnings, ...snapshot } = yield* takeSnapshot(order, step, signal);
    const damage = faults.map((fault) => `database ${database} is damaged: ${fault}`);
    return { file, snapshot: { ...snapshot, warnings: [...warnings, ...damage] } };
  },
};

const knownFile = (environment: Environment, database: string): string => {
  const file = fileOf(environment);
  if (file === null) throw new Transient(`database ${database} is not known any more`);
  return file;
};
