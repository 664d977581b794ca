import type { EventCursor } from '../jobs/job.ts';
import { join, type Rows, raw, type Sql, sql } from './sql.ts';
import type { PageOf, Position } from './store.ts';

/**
 * A keyset page of `select` (which ends in a WHERE) in the order of `keys`. One extra row is read, to detect a next
 * page.
 */
export const page = async <R extends object>(
  db: Rows,
  select: Sql,
  keys: readonly Sql[],
  query: PageOf,
): Promise<{ readonly rows: readonly R[]; readonly more: boolean }> => {
  const ascends = query.direction === 'ascending';
  const order = join(keys.map((key) => (ascends ? key : sql`${key} DESC`)));
  const rows = await db.rows<R>(sql`${select} ${keysBetween(keys, query)} ORDER BY ${order} LIMIT ${query.limit + 1}`);
  return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
};

/** The bounds of a page, each with its AND. */
export const keysBetween = (keys: readonly Sql[], { direction, after, before, inclusive }: PageOf): Sql => {
  const [onward, back] = direction === 'ascending' ? ['>', '<'] : ['<', '>'];
  return join([beyond(keys, after, `${onward}${inclusive ? '=' : ''}`), beyond(keys, before, back ?? '')], ' ');
};

const beyond = (keys: readonly Sql[], position: Position | null, comparison: string): Sql =>
  position === null ? sql`` : sql`AND (${join([...keys])}) ${raw(comparison)} (${join([...position])})`;

/** The part of a page that is above the horizon. */
export const withinLog = (query: PageOf, horizon: EventCursor): PageOf => {
  const bound = query.direction === 'ascending' ? 'after' : 'before';
  return (query[bound]?.[0] ?? 0) >= horizon ? query : { ...query, [bound]: [horizon] };
};
