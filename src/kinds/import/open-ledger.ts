import type Sqlite from 'better-sqlite3';
import type { Owner } from '../../jobs/kind.ts';
import { createMark, type Ledger, namesOf } from './ledger.ts';
import { keysLedger } from './ledger-keys.ts';
import { rangesLedger } from './ledger-ranges.ts';
import type { Table } from './table.ts';

/** The ledger of a job for its table: of rowids, or of keys in a WITHOUT ROWID table. */
export const ledgerOf = (sql: Sqlite.Database, table: Table, owner: Owner): Ledger => {
  const names = namesOf(owner);
  if (table.rowid === null) return keysLedger(sql, table, names);
  const ledger = rangesLedger(sql, { ...table, rowid: table.rowid }, names);
  return {
    ...ledger,
    create: () => {
      ledger.create();
      createMark(sql, owner);
    },
  };
};
