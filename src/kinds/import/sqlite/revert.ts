/**
 * Removes the rows of an import: those of its hidden table, or those that its ledger lists. The remaining work is read
 * from the target.
 */
import type Sqlite from 'better-sqlite3';
import { createSizer } from '../../../databases/batch-sizer.ts';
import { quote } from '../../../databases/quote.ts';
import { show } from '../../../databases/show.ts';
import { openForRevert } from '../../../databases/sqlite/acquire-fence.ts';
import { codeOf, failureOf } from '../../../databases/sqlite/errors.ts';
import { isLost, readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import { isTable } from '../../../databases/sqlite/own-names.ts';
import type { Io, Owner } from '../../../jobs/kind.ts';
import { bytesRead, type ImportCheckpoint } from '../checkpoint.ts';
import type { ImportRemoval, ImportWork } from '../port.ts';
import { ledgerOf } from './existing-table.ts';
import { checkVacuum, dropLedger, isLedgerThere, type Ledger, tableOfLedger } from './ledger.ts';
import { requireTriggers } from './ledger-state.ts';
import { hiddenTable, ledgerNames } from './names.ts';
import { dropReferences } from './references.ts';
import { readTable } from './table.ts';
import { openUndo, type Undo } from './undo.ts';
import { dropUndoLog, isUndoLogThere } from './undo-log.ts';

const BATCH_MS = 20;

export const openRemoval = (work: ImportWork, io: Io): ImportRemoval | null => {
  const { details, claim } = work;
  const target = openForRevert(work, io);
  if (target === null) return null;
  const sizer = createSizer({ first: 1_000 });
  let rows: RowRemoval | null | undefined;
  let isLast = false;
  let isWhole = false;
  return {
    remove: async function* (last) {
      rows ??= remainingRows(target.sql, work);
      const removal = rows;
      if (removal === null) return false;
      if (isLast) {
        target.sql.pragma('synchronous = FULL');
        yield* fenced(target, claim, last, io.signal, (): Reverted => {
          removal.end();
          return { phase: 'reverted' };
        });
        return false;
      }
      const most = sizer.sizeFor(BATCH_MS);
      let startedAt = 0;
      try {
        yield* fenced(target, claim, last, io.signal, () => {
          startedAt = performance.now();
          if (isWhole) removeAll(target.sql, removal);
          isLast = isWhole || !removal.remove(most);
        });
      } catch (error) {
        // Rows of the job refer to one another: they can be removed together only.
        if (isWhole || codeOf(error) !== 'SQLITE_CONSTRAINT_FOREIGNKEY') throw error;
        isWhole = true;
        return true;
      }
      sizer.done(most, performance.now() - startedAt);
      return true;
    },
    failureOf: (error) => failureOf(error, details.database),
    close: target.close,
  };
};

/** Foreign keys are checked at the end of the transaction. */
const removeAll = (sql: Sqlite.Database, removal: RowRemoval) => {
  sql.pragma('defer_foreign_keys = ON');
  for (let isMore = true; isMore; ) isMore = removal.remove(10_000);
};

/** Stands in for a checkpoint: nothing is left. */
interface Reverted {
  readonly phase: 'reverted';
}

/** Both methods run inside a transaction. */
interface RowRemoval {
  /** Removes about this many rows; returns false when the rest can be removed in one step. */
  remove(rows: number): boolean;
  /** Removes the rest, and the job's own objects in the target. */
  end(): void;
}

/**
 * Null when nothing is left to remove.
 * @throws Error if rows may be left that can no longer be identified
 */
const remainingRows = (sql: Sqlite.Database, { details, claim: owner }: ImportWork): RowRemoval | null => {
  const checkpoint = readCheckpoint<ImportCheckpoint | Reverted>(sql, owner);
  const isBegun = checkpoint !== null || isLost(sql, owner);
  if (!isBegun || checkpoint?.phase === 'reverted') return null;
  if (details.existing && !details.validateOnly) {
    if (isLedgerThere(sql, owner)) return rowsOfLedger(sql, owner, details.table);
    const table = ledgerNames(owner).rows;
    throw new Error(
      `rows that job ${owner.jobId} inserted into table ${show(details.table)} may be left: table ${table}, which lists them, is gone. Remove the rows and create it empty: CREATE TABLE ${table} (first, last)`,
    );
  }
  const hidden = hiddenTable(owner);
  return isTable(sql, hidden) ? rowsOfHidden(sql, quote(hidden), checkpoint) : null;
};

// Dropping a table is one statement that cannot be interrupted, and takes about half a millisecond per megabyte.
const MAX_DROP_BYTES = 128 * 1024 * 1024;

/** @param checkpoint null if it is lost */
const rowsOfHidden = (sql: Sqlite.Database, table: string, checkpoint: ImportCheckpoint | null): RowRemoval => {
  // The progress of an earlier attempt is unknown, so more rows than necessary may be removed in batches.
  const maxDropRows = checkpoint === null ? 0 : (checkpoint.rows * MAX_DROP_BYTES) / bytesRead(checkpoint);
  let left = checkpoint?.rows ?? Number.POSITIVE_INFINITY;
  return {
    remove: (rows) => {
      if (left <= maxDropRows) return false;
      const { changes } = sql.prepare(`DELETE FROM ${table} LIMIT ?`).run(rows);
      left = changes === 0 ? 0 : left - changes;
      return left > maxDropRows;
    },
    end: () => sql.exec(`DROP TABLE IF EXISTS ${table}`),
  };
};

/** Removes the rows in the ledger from the table, by its current name. Nothing is left if the table was dropped. */
const rowsOfLedger = (sql: Sqlite.Database, owner: Owner, table: string): RowRemoval => {
  let known: { readonly version: unknown; readonly rows: LedgerRows | null } | undefined;
  const current = () => {
    const version = sql.pragma('schema_version', { simple: true });
    if (known === undefined || known.version !== version) known = { version, rows: findRows(sql, owner, table) };
    return known.rows;
  };
  return {
    remove: (rows) => {
      const found = current();
      if (found === null) return false;
      const { ledger, undo, most } = found;
      // The newest changes are undone first, while the rows that they may refer to are there.
      if (undo?.step(rows) === true) return true;
      for (let removed = 0; removed < rows; ) {
        const count = ledger.remove(Math.min(most, rows - removed));
        if (count === 0) return false;
        removed += count;
      }
      return true;
    },
    end: () => {
      dropLedger(sql, owner);
      dropUndoLog(sql, owner);
      dropReferences(sql, owner);
    },
  };
};

interface LedgerRows {
  readonly ledger: Ledger;
  /** Null if the job changes no rows of others. */
  readonly undo: Undo | null;
  /** The maximum number of rows to remove in one step. */
  readonly most: number;
}

const findRows = (sql: Sqlite.Database, owner: Owner, original: string): LedgerRows | null => {
  requireTriggers(sql, owner, original);
  const name = tableOfLedger(sql, owner);
  if (name === null) return null;
  const table = readTable(sql, name);
  checkVacuum(sql, table, owner);
  const ledger = ledgerOf(sql, table, owner);
  const undo = isUndoLogThere(sql, owner) ? openUndo(sql, owner, table.name, ledger.isOwn) : null;
  // A trigger of the table may insert a row of its own under the rowid of one that is still to be removed.
  return { ledger, undo, most: table.hasTriggers ? 1 : Number.POSITIVE_INFINITY };
};
