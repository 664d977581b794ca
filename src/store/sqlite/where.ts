import type { Condition } from '../../jobs/filter.ts';
import { piecesOf } from '../../jobs/pattern.ts';
import { conditionOf } from '../conditions.ts';
import { type Dialect, join, raw, type Sql, sql } from '../sql.ts';
import { inTime } from './client.ts';

export const SQLITE: Dialect = {
  column: raw,
  isSame: (one, other) => sql`${one} IS ${other}`,
  greatest: (one, other) => sql`max(${one}, ${other})`,
  contains: (column, folded) => sql`instr(lower(${column}), ${folded}) > 0`,
  startsWith: (column, folded) => sql`instr(lower(${column}), ${folded}) = 1`,
  like: (column, pattern) => sql`${column} GLOB ${globOf(pattern)}`,
  ilike: (column, folded) => sql`lower(${column}) GLOB ${globOf(folded)}`,
  isAmong: (column, values) => sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,
};

/** SQLite's LIKE ignores case. GLOB does not, and has other wildcards. */
const globOf = (pattern: string): string =>
  piecesOf(pattern)
    .map((piece) => {
      if (piece.is !== 'literal') return piece.is === 'any' ? '*' : '?';
      return /[*?[]/.test(piece.character) ? `[${piece.character}]` : piece.character;
    })
    .join('');

export const whereOf = (condition: Condition, columnOf: (field: string) => Sql): Sql =>
  conditionOf(condition, columnOf, SQLITE);

/** The time limit of a read. */
export const READ_MS = 2_000;

/** Comparisons of these are answered by an index. */
const INDEXED: readonly string[] = ['id', 'jobId', 'scheduleId', 'status', 'type', 'userName', 'database'];

/**
 * A condition as a reader evaluates it: the part that an index can answer comes first, and the whole condition is
 * evaluated for each row read, as long as there is time.
 */
export const filtered = (condition: Condition, columnOf: (field: string) => Sql): Sql => {
  if (condition.is === 'all' && condition.of.length === 0) return sql`TRUE`;
  const parts = condition.is === 'all' ? condition.of : [condition];
  const indexed = parts.filter(
    (part) => 'field' in part && INDEXED.includes(part.field) && (part.is === 'equals' || part.is === 'in'),
  );
  return join([...indexed.map((part) => whereOf(part, columnOf)), inTime(whereOf(condition, columnOf))], ' AND ');
};

/** The columns of a job `j`. */
export const jobColumn = (field: string): Sql => raw(`j."${field}"`);

/** The columns of an event. */
export const eventColumn = (field: string): Sql => raw(field === 'actor' ? 'actorName' : `"${field}"`);
