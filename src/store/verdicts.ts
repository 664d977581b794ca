/** The table of transitions as conditions of SQL, the same in every dialect; what differs are the names of columns. */
import { type Move, STANDINGS, type Standing, TRANSITIONS } from '../jobs/status.ts';

/** What the facts of a standing are in a row of jobs: a column for the two that are compared, and a condition for the others. */
export interface FactColumns {
  readonly status: string;
  readonly revertCause: string;
  readonly hasRun: string;
  readonly held: string;
  readonly committing: string;
}

/**
 * The cells of a move as `WHEN … THEN …` of a CASE, whose value is the verdict on a row: a status to go to, or '=' for
 * what is so already. A row that none of them fits refuses the move.
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
