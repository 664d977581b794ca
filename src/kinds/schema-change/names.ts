import type { Owner } from '../../jobs/kind.ts';
import { ownNameOf } from './details.ts';

/** What a copy of a table has in the target. */
export interface CopyNames {
  /** The copy, until it takes the table's name. */
  readonly copy: string;
  /** The table, from then on. */
  readonly old: string;
  readonly log: string;
  /** Where the copying is. */
  readonly place: string;
  /** With it a VACUUM is noticed. */
  readonly mark: string;
  /** Followed by a number. */
  readonly trigger: string;
}

export const namesOf = (owner: Owner, n: number): CopyNames => {
  const copy = `${ownNameOf(owner)}_${n}`;
  const [old, log, place, mark, trigger] = ['old', 'log', 'place', 'mark', 'trigger'].map((what) => `${copy}_${what}`);
  return { copy, old, log, place, mark, trigger } as CopyNames;
};
