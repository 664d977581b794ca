import type Sqlite from 'better-sqlite3';
import { show } from '../../databases/show.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Owner, Work } from '../../jobs/kind.ts';
import { bytesRead, type Checkpoint, type Details, hiddenTable, type State } from './details.ts';
import { checkVacuum, dropLedger, isLedgerThere, type Ledger, namesOf, tableOfLedger } from './ledger.ts';
import { ledgerOf } from './open-ledger.ts';
import { readTable } from './table.ts';

/** Removes the rows of an import. Both methods run inside a transaction. */
export interface Removal {
  /** Removes about this many rows; returns false when the rest can be removed in one step. */
  remove(rows: number): boolean;
  /** Removes the rest, and the job's own objects in the target. */
  end(): void;
}

/**
 * Null when nothing is left to remove.
 * @param state null if the position is lost
 * @throws Error if rows may be left that can no longer be identified
 */
export const removalOf = (
  sql: Sqlite.Database,
  { details, claim: owner }: Work<Details, Checkpoint | null>,
  state: State | null,
): Removal | null => {
  if (details.existing) {
    if (isLedgerThere(sql, owner)) return fromTable(sql, owner);
    const table = namesOf(owner).rows;
    throw new Error(
      `rows that job ${owner.jobId} put into table ${show(details.table)} may be left: the table ${table}, which says which they are, is gone. Remove them and create it without rows: CREATE TABLE ${table} (first, last)`,
    );
  }
  const hidden = hiddenTable(owner);
  const isThere = sql.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(hidden);
  return isThere === undefined ? null : ofHidden(sql, quote(hidden), state);
};

// Dropping a table is one statement that cannot be interrupted, and takes about half a millisecond per megabyte.
const DROP_AT_ONCE_BYTES = 128 * 1024 * 1024;

const ofHidden = (sql: Sqlite.Database, table: string, state: State | null): Removal => {
  // The progress of an earlier attempt is unknown, so more rows than necessary may be removed in batches.
  const atOnce = state === null ? 0 : (state.rows * DROP_AT_ONCE_BYTES) / bytesRead(state);
  let left = state?.rows ?? Number.POSITIVE_INFINITY;
  return {
    remove: (rows) => {
      if (left <= atOnce) return false;
      const { changes } = sql.prepare(`DELETE FROM ${table} LIMIT ?`).run(rows);
      left = changes === 0 ? 0 : left - changes;
      return left > atOnce;
    },
    end: () => sql.exec(`DROP TABLE IF EXISTS ${table}`),
  };
};

/** Removes the rows in the ledger from the table, by its current name. Nothing is left if the table was dropped. */
const fromTable = (sql: Sqlite.Database, owner: Owner): Removal => {
  let seen: { readonly version: unknown; readonly rows: LedgerRows | null } | undefined;
  const probe = () => {
    const version = sql.pragma('schema_version', { simple: true });
    if (seen === undefined || seen.version !== version) seen = { version, rows: lookUp(sql, owner) };
    return seen.rows;
  };
  return {
    remove: (rows) => {
      const found = probe();
      if (found === null) return false;
      const { ledger, most } = found;
      for (let removed = 0; removed < rows; ) {
        const count = ledger.remove(Math.min(most, rows - removed));
        if (count === 0) return false;
        removed += count;
      }
      return true;
    },
    end: () => dropLedger(sql, owner),
  };
};

interface LedgerRows {
  readonly ledger: Ledger;
  /** The maximum number of rows to remove in one step. */
  readonly most: number;
}

const lookUp = (sql: Sqlite.Database, owner: Owner): LedgerRows | null => {
  const name = tableOfLedger(sql, owner);
  if (name === null) return null;
  const table = readTable(sql, name);
  checkVacuum(sql, table, owner);
  // A trigger of the table may insert a row of its own under the rowid of one that is still to be removed.
  return { ledger: ledgerOf(sql, table, owner), most: table.hasTriggers ? 1 : Number.POSITIVE_INFINITY };
};
