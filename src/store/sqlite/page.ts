import type { PageOf, Place } from '../store.ts';
import { type Connection, join, raw, type Sql, sql } from './client.ts';

/**
 * A keyset page of `select` (which ends in a WHERE) in the order of `keys`. One extra row is read, to detect a next
 * page.
 */
export const page = async <R extends object>(
  db: Connection,
  select: Sql,
  keys: readonly Sql[],
  wanted: PageOf,
): Promise<{ readonly rows: readonly R[]; readonly more: boolean }> => {
  const ascends = wanted.direction === 'ascending';
  const bounds = [
    beyond(keys, wanted.after, `${ascends ? '>' : '<'}${wanted.inclusive ? '=' : ''}`),
    beyond(keys, wanted.before, ascends ? '<' : '>'),
  ];
  const order = join(keys.map((key) => (ascends ? key : sql`${key} DESC`)));
  const rows = await db.rows<R>(sql`${select} ${join(bounds, ' ')} ORDER BY ${order} LIMIT ${wanted.limit + 1}`);
  return { rows: rows.slice(0, wanted.limit), more: rows.length > wanted.limit };
};

const beyond = (keys: readonly Sql[], place: Place | null, comparison: string): Sql =>
  place === null ? sql`` : sql`AND (${join([...keys])}) ${raw(comparison)} (${join([...place])})`;
