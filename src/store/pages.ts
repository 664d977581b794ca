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
  const bounds = [
    beyond(keys, query.after, `${ascends ? '>' : '<'}${query.inclusive ? '=' : ''}`),
    beyond(keys, query.before, ascends ? '<' : '>'),
  ];
  const order = join(keys.map((key) => (ascends ? key : sql`${key} DESC`)));
  const rows = await db.rows<R>(sql`${select} ${join(bounds, ' ')} ORDER BY ${order} LIMIT ${query.limit + 1}`);
  return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
};

const beyond = (keys: readonly Sql[], position: Position | null, comparison: string): Sql =>
  position === null ? sql`` : sql`AND (${join([...keys])}) ${raw(comparison)} (${join([...position])})`;
