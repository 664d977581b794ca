/** The table of transitions as SQL conditions, the same in every dialect; only the names of columns differ. */
import { type Move, STANDINGS, type Standing, TRANSITIONS } from '../jobs/status.ts';

/** The facts of a standing in a job row: a column for the two that are compared, and a condition for the others. */
export interface FactColumns {
  readonly status: string;
  readonly revertCause: string;
  readonly hasRun: string;
  readonly held: string;
  readonly committing: string;
}

/**
 * The cells of a move as `WHEN … THEN …` of a CASE, whose value is the verdict on a row: the new status, or '=' for no
 * change. A row that matches none refuses the move.
 */
export const verdictCases = (move: Move, columns: FactColumns): string =>
  (Object.entries(TRANSITIONS[move]) as [Standing, string][])
    .map(([standing, to]) => `WHEN ${standsAs(standing, columns)} THEN '${to}'`)
    .join(' ');

const standsAs = (standing: Standing, columns: FactColumns): string =>
  Object.entries(STANDINGS[standing])
    .map(([fact, value]) => {
      const column = columns[fact as keyof FactColumns];
      if (value === null) return `${column} IS NULL`;
      if (typeof value === 'string') return `${column} = '${value}'`;
      return value ? `(${column})` : `NOT (${column})`;
    })
    .join(' AND ');
