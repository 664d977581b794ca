/** The names of a schema change's own objects in the target. */
import { ownName } from '../../../databases/sqlite/own-names.ts';
import type { Owner } from '../../../jobs/kind.ts';

/** The prefix of every name that a job uses in a target. */
export const ownNameOf = (owner: Owner): string => ownName('schema', owner);

/** The objects that the copy of a table has in the target. */
export interface CopyNames {
  /** The copy, until it takes the table's name. */
  readonly copy: string;
  /** The renamed original, after the swap. */
  readonly old: string;
  readonly log: string;
  /** Holds the cursor of the copying. */
  readonly cursor: string;
  /** Detects a VACUUM. */
  readonly mark: string;
  /** A prefix, followed by a number: the entries of unique indexes, see unique-entries.ts. */
  readonly entries: string;
  /** A prefix, followed by a number: what checks an added foreign key, see foreign-keys.ts. */
  readonly parents: string;
  /** A prefix, followed by a number. */
  readonly trigger: string;
}

export const copyNames = (owner: Owner, n: number): CopyNames => {
  const copy = `${ownNameOf(owner)}_${n}`;
  return {
    copy,
    old: `${copy}_old`,
    log: `${copy}_log`,
    // This name predates the term cursor.
    cursor: `${copy}_place`,
    mark: `${copy}_mark`,
    entries: `${copy}_entries`,
    parents: `${copy}_parents`,
    trigger: `${copy}_trigger`,
  };
};
