import type Sqlite from 'better-sqlite3';
import { quote } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';
import type { Owner, Work } from '../../jobs/kind.ts';
import { bytesRead, type Checkpoint, type Details, hiddenTable, type State } from './details.ts';
import { checkVacuum, dropLedger, isLedgerThere, type Ledger, namesOf, tableOfLedger } from './ledger.ts';
import { ledgerOf } from './open-ledger.ts';
import { readTable } from './table.ts';

/** How the rows of an import are taken out. Both inside a transaction. */
export interface Removal {
  /** Removes about so many rows; false when the rest can go at once. */
  remove(rows: number): boolean;
  /** Removes the rest, and what the job kept in the target for itself. */
  end(): void;
}

/**
 * Null when nothing is left of it.
 * @param state null when the position is lost
 * @throws Error when rows may be left that nothing tells from others
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

// Dropping a table is one statement that cannot be interrupted, and takes about half a millisecond a megabyte.
const DROP_AT_ONCE_BYTES = 128 * 1024 * 1024;

const ofHidden = (sql: Sqlite.Database, table: string, state: State | null): Removal => {
  // What an earlier attempt removed is not known: then more is removed in batches than had to be.
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

/** The rows that the ledger knows, out of the table by the name that it has now. They went with one that was dropped. */
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
  /** How many may go at once. */
  readonly most: number;
}

const lookUp = (sql: Sqlite.Database, owner: Owner): LedgerRows | null => {
  const name = tableOfLedger(sql, owner);
  if (name === null) return null;
  const table = readTable(sql, name);
  checkVacuum(sql, table, owner);
  // A trigger of the table may put a row of its own in the place of one that is still to go.
  return { ledger: ledgerOf(sql, table, owner), most: table.hasTriggers ? 1 : Number.POSITIVE_INFINITY };
};
