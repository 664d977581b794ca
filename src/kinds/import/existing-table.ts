/**
 * A table that was there before the import. Rows are seen as they come; a ledger, kept true by triggers, knows which of
 * them are the import's as long as the job lives, so that these can be taken out again. It goes with the last
 * transaction.
 */
import type Sqlite from 'better-sqlite3';
import { fold, quote } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';
import type { Work } from '../../jobs/kind.ts';
import type { Destination } from './destination.ts';
import type { Checkpoint, Details, Source } from './details.ts';
import { type Into, inserterOf, type Put } from './insert.ts';
import { checkVacuum, dropLedger, type Ledger, namesOf, tableOfLedger } from './ledger.ts';
import { ledgerOf } from './open-ledger.ts';
import { createRejects, rejectWriter } from './rejects.ts';
import type { Insert } from './rows.ts';
import { readTable, type Table } from './table.ts';

export const existingTable = (
  sql: Sqlite.Database,
  { details, claim: owner }: Work<Details, Checkpoint | null>,
): Destination => {
  let prepared: { readonly source: Source; readonly version: unknown; readonly insert: Insert } | undefined;
  const check = (): Table => {
    const name = tableOfLedger(sql, owner);
    if (name === null || fold(name) !== fold(details.table)) {
      throw new Error(`table ${show(details.table)} was dropped, renamed or made anew meanwhile by somebody else`);
    }
    const table = readTable(sql, name);
    checkVacuum(sql, table, owner);
    return table;
  };
  return {
    ownTable: namesOf(owner).rows,
    create: () => {
      dropLedger(sql, owner);
      ledgerOf(sql, readTable(sql, details.table), owner).create();
      if (details.rejectLimit > 0) createRejects(sql, owner);
    },
    inserter: (source) => {
      // Grows with whatever is done to any table, and with VACUUM.
      const version = sql.pragma('schema_version', { simple: true });
      if (prepared?.source !== source || prepared.version !== version) {
        const table = check();
        const into = intoTable(sql, table, ledgerOf(sql, table, owner), details);
        prepared = { source, version, insert: inserterOf(sql, into, source, rejectWriter(sql, owner)) };
      }
      return prepared.insert;
    },
    checkEnd: check,
    publish: () => dropLedger(sql, owner),
  };
};

const intoTable = (sql: Sqlite.Database, table: Table, ledger: Ledger, { columns }: Details): Into => ({
  table: table.name,
  columns,
  // A constraint of the table may say ON CONFLICT REPLACE: a row that is there already is not to be lost.
  verb: table.hasTriggers ? 'INSERT' : 'INSERT OR ABORT',
  singly: table.singly,
  prepare: (...insert) => {
    const put = ledger.prepare(...insert);
    return table.singly ? oneByOne(sql, put, ledger) : put;
  },
  note: ledger.note,
});

/** A row is noted at once, since a trigger may do something to it with the next; RAISE(FAIL) may leave half of one. */
const oneByOne = (sql: Sqlite.Database, put: Put, ledger: Ledger): Put => {
  const name = quote('_signalbox_row');
  const [save, release, back] = ['SAVEPOINT', 'RELEASE', 'ROLLBACK TO'].map((verb) => sql.prepare(`${verb} ${name}`));
  return (values) => {
    save?.run();
    try {
      const rows = put(values);
      ledger.note();
      return rows;
    } catch (error) {
      if (sql.inTransaction) back?.run();
      throw error;
    } finally {
      if (sql.inTransaction) release?.run();
    }
  };
};
