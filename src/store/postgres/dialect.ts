import type { Condition } from '../../jobs/filter.ts';
import { conditionOf } from '../conditions.ts';
import { type Dialect, raw, type Sql, sql } from '../sql.ts';

const snakeOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `lower` of a text in the collation C folds the letters of ASCII only. */
export const POSTGRES: Dialect = {
  column: (field) => raw(`"${snakeOf(field)}"`),
  isSame: (one, other) => sql`${one} IS NOT DISTINCT FROM ${other}`,
  greatest: (one, other) => sql`greatest(${one}, ${other})`,
  contains: (column, folded) => sql`strpos(lower(${column} COLLATE "C"), ${folded}) > 0`,
  startsWith: (column, folded) => sql`starts_with(lower(${column} COLLATE "C"), ${folded})`,
  like: (column, pattern) => sql`${column} LIKE ${pattern}`,
  ilike: (column, folded) => sql`lower(${column} COLLATE "C") LIKE ${folded}`,
  isAmong: (column, values) => sql`${column} = ANY(${values}::${typeof values[0] === 'number' ? BIGINTS : TEXTS})`,
};
const BIGINTS = raw('bigint[]');
const TEXTS = raw('text[]');

export const whereOf = (condition: Condition, columnOf: (field: string) => Sql): Sql =>
  conditionOf(condition, columnOf, POSTGRES);

/** The columns of a job `j`. */
export const jobColumn = (field: string): Sql => sql`j.${POSTGRES.column(field)}`;

/** The columns of an event. */
export const eventColumn = (field: string): Sql => POSTGRES.column(field === 'actor' ? 'actorName' : field);

/** Ids as an array. Those that are no numbers name no job. */
export const idsOf = (ids: readonly string[]): Sql => sql`${ids.map(Number)}::bigint[]`;
