/**
 * The ledger records which rows of a table an import inserted. The rows are recorded in the table
 * `_signalbox_<store>_import_<job>_rows`, in the transaction that inserts them: as ranges of rowids, or as keys for a
 * WITHOUT ROWID table. Two triggers remove the entry of a rowid or key when another writer puts a row there: with
 * INSERT, or with an UPDATE that moves one. Nothing more is needed. A row that is deleted, or replaced by REPLACE (for
 * which a trigger may not fire), stays in the ledger, but no row exists under its rowid. Any row inserted there later
 * is removed from the ledger, including the import's own row, just before it is recorded again. So at any moment,
 * whichever connection writes, the rows that are recorded *and exist* are those of the import.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { findObject } from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { type LedgerNames, ledgerNames } from './names.ts';
import { type Table, TableError } from './table.ts';

/** All methods run inside a transaction. */
export interface Ledger {
  /** Creates the table of the ledger and its triggers. */
  create(): void;
  /**
   * Prepares an INSERT into these columns, without RETURNING. The result returns how many rows it inserted.
   * @param skips the statement may skip rows and insert the others
   */
  prepare(insert: string, filled: readonly string[], skips?: boolean): (values: readonly unknown[]) => number;
  /** Adds a row that was inserted, by its key, to those that `record` records. */
  note(key: readonly unknown[]): void;
  /** SQL that is true of a recorded row. */
  isOwn(row: string): string;
  /** Records the rows that were inserted since the last call. */
  record(): void;
  /** Deletes about this many of the recorded rows; returns how many entries were removed, 0 at the end. */
  remove(rows: number): number;
}

/** The current name of the table that the ledger describes; null if the table was dropped. */
export const tableOfLedger = (sql: Sqlite.Database, owner: Owner): string | null => {
  return findObject(sql, 'trigger', ledgerNames(owner).inserted)?.table ?? null;
};

export const isLedgerThere = (sql: Sqlite.Database, owner: Owner): boolean =>
  findObject(sql, 'table', ledgerNames(owner).rows) !== undefined;

/** Runs inside a transaction. The triggers go first: without their ledger, every write to the table would fail. */
export const dropLedger = (sql: Sqlite.Database, owner: Owner): void => {
  const { rows, inserted, updated, mark } = ledgerNames(owner);
  sql.exec(`DROP TRIGGER IF EXISTS ${quote(inserted)}; DROP TRIGGER IF EXISTS ${quote(updated)}`);
  sql.exec(`DROP TABLE IF EXISTS ${quote(rows)}; DROP TABLE IF EXISTS ${quote(mark)}`);
};

/**
 * Runs inside a transaction. VACUUM renumbers the rows of a table that has neither a key nor an index, without firing
 * triggers. The marker is such a table.
 * @throws TableError if VACUUM has renumbered the rows of the ledger
 */
export const checkVacuum = (sql: Sqlite.Database, table: Table, owner: Owner): void => {
  if (table.rowid === null) return;
  const mark = quote(ledgerNames(owner).mark);
  if (sql.prepare(`SELECT _rowid_ FROM ${mark}`).pluck().get() === MARK) return;
  if (table.renumbered) {
    const cause = 'VACUUM ran while the job was in progress, and it renumbers the rows of a table without a key';
    throw new TableError(`${cause}: the imported rows of ${show(table.name)} can no longer be identified`);
  }
  sql.exec(`UPDATE ${mark} SET _rowid_ = ${MARK}`);
};

/** Inside a transaction. Creates the table that shows whether VACUUM has run since, see `checkVacuum`. */
export const createMark = (sql: Sqlite.Database, names: LedgerNames): void => {
  const mark = quote(names.mark);
  sql.exec(`CREATE TABLE ${mark} (a); INSERT INTO ${mark} (_rowid_) VALUES (${MARK})`);
};

/** The rowid of the marker's only row. VACUUM changes it to 1. */
const MARK = 2;
