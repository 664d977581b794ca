import type { Owner } from '../../jobs/kind.ts';
import { ownNameOf } from './details.ts';

/** The objects that the copy of a table has in the target. */
export interface CopyNames {
  /** The copy, until it takes the table's name. */
  readonly copy: string;
  /** The renamed original, after the swap. */
  readonly old: string;
  readonly log: string;
  /** Holds the cursor of the copying. */
  readonly place: string;
  /** Detects a VACUUM. */
  readonly mark: string;
  /** A prefix, followed by a number. */
  readonly trigger: string;
}

export const namesOf = (owner: Owner, n: number): CopyNames => {
  const copy = `${ownNameOf(owner)}_${n}`;
  const [old, log, place, mark, trigger] = ['old', 'log', 'place', 'mark', 'trigger'].map((what) => `${copy}_${what}`);
  return { copy, old, log, place, mark, trigger } as CopyNames;
};
