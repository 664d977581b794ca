/** The names of an import's own objects in the target. */
import { ownName } from '../../../databases/sqlite/own-names.ts';
import type { Owner } from '../../../jobs/kind.ts';

/** The hidden name of a new table. Publishing renames it. */
export const hiddenTable = (owner: Owner): string => ownName('import', owner);

/** Rejected rows, which outlive the job. */
export const rejectsTable = (owner: Owner): string => `${hiddenTable(owner)}_rejects`;

/** The table of a ledger, and its triggers on the table that the job imports into. */
export interface LedgerNames {
  readonly rows: string;
  readonly inserted: string;
  readonly updated: string;
  /** A table whose only row VACUUM renumbers: see `checkVacuum`. */
  readonly mark: string;
}

/** The keys of the rows of an existing table that a validation has copied. */
export const movedTable = (owner: Owner): string => `${hiddenTable(owner)}_moved`;

/** The rows whose foreign keys are checked at the end. */
export const referencesTable = (owner: Owner): string => `${hiddenTable(owner)}_references`;

/** The tables that hold the values of rows that conflicted with imported ones. */
export interface UndoNames {
  readonly log: string;
  readonly tables: string;
}

export const undoNames = (owner: Owner): UndoNames => ({
  log: `${hiddenTable(owner)}_undo`,
  tables: `${hiddenTable(owner)}_undo_tables`,
});

export const ledgerNames = (owner: Owner): LedgerNames => ({
  rows: `${hiddenTable(owner)}_rows`,
  inserted: `${hiddenTable(owner)}_inserted`,
  updated: `${hiddenTable(owner)}_updated`,
  mark: `${hiddenTable(owner)}_mark`,
});
