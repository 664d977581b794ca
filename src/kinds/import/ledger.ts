/**
 * Which rows of a table an import put in. They are noted in `_signalbox_<store>_import_<job>_rows` in the transaction that
 * inserts them: ranges of rowids, or keys where there are none. Two triggers strike out a row that comes to be there by
 * anybody else's doing: inserted, or moved there by an UPDATE. That is all it takes. A row that is deleted, or pushed
 * out by a REPLACE (for which no trigger may fire), stays noted; nothing is under that rowid then, and whatever is put
 * there later is struck out, the import's own row too, just before it is noted anew. So the rows that are noted *and
 * there* are those of the import, at any moment, whoever writes.
 */
import type Sqlite from 'better-sqlite3';
import { findObject } from '../../databases/sqlite/catalogue.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';
import type { Owner } from '../../jobs/kind.ts';
import { hiddenTable } from './details.ts';
import { type Table, TableError } from './table.ts';

/** All inside a transaction. */
export interface Ledger {
  /** Makes the table of the ledger, and its triggers. */
  create(): void;
  /** Prepares an INSERT into these columns of the table, given without an end: it returns how many rows went in. */
  prepare(insert: string, filled: readonly string[]): (values: readonly unknown[]) => number;
  /** Notes the rows that went in since. */
  note(): void;
  /** Deletes about so many of the rows that are noted; returns how many were noted, 0 at the end. */
  remove(rows: number): number;
}

/** What a ledger is called by. */
export interface LedgerNames {
  readonly rows: string;
  readonly inserted: string;
  readonly updated: string;
}

/** The table that the ledger is true of, by the name that it has now; null when it was dropped. */
export const tableOfLedger = (sql: Sqlite.Database, owner: Owner): string | null => {
  return findObject(sql, 'trigger', namesOf(owner).inserted)?.table ?? null;
};

export const isLedgerThere = (sql: Sqlite.Database, owner: Owner): boolean =>
  findObject(sql, 'table', namesOf(owner).rows) !== undefined;

/** Inside a transaction. Triggers first: without their ledger, nobody could write to the table. */
export const dropLedger = (sql: Sqlite.Database, owner: Owner): void => {
  const { rows, inserted, updated } = namesOf(owner);
  sql.exec(`DROP TRIGGER IF EXISTS ${quote(inserted)}; DROP TRIGGER IF EXISTS ${quote(updated)}`);
  sql.exec(`DROP TABLE IF EXISTS ${quote(rows)}; DROP TABLE IF EXISTS ${quote(markOf(owner))}`);
};

/**
 * Inside a transaction. VACUUM numbers the rows of a table anew that has neither a key nor an index, and fires no
 * trigger: the mark is such a table.
 * @throws TableRefused when that has happened to the rows of the ledger
 */
export const checkVacuum = (sql: Sqlite.Database, table: Table, owner: Owner): void => {
  if (table.rowid === null) return;
  const mark = quote(markOf(owner));
  if (sql.prepare(`SELECT _rowid_ FROM ${mark}`).pluck().get() === MARK) return;
  if (table.renumbered) {
    const said = 'the database was vacuumed while the job was at work, which numbers the rows of a table without a key';
    throw new TableError(`${said} anew: the rows put into ${show(table.name)} cannot be told from others any more`);
  }
  sql.exec(`UPDATE ${mark} SET _rowid_ = ${MARK}`);
};

/** Inside a transaction: makes the table that shows whether the database was vacuumed since. See `checkVacuum`. */
export const createMark = (sql: Sqlite.Database, owner: Owner): void => {
  const mark = quote(markOf(owner));
  sql.exec(`CREATE TABLE ${mark} (a); INSERT INTO ${mark} (_rowid_) VALUES (${MARK})`);
};

/** The rowid of a row that has none before it: it becomes 1. */
const MARK = 2;

export const namesOf = (owner: Owner): LedgerNames => ({
  rows: `${hiddenTable(owner)}_rows`,
  inserted: `${hiddenTable(owner)}_inserted`,
  updated: `${hiddenTable(owner)}_updated`,
});

const markOf = (owner: Owner) => `${hiddenTable(owner)}_mark`;
