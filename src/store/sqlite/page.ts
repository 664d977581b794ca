import type { PageOf } from '../store.ts';
import { type Connection, type Row, type Sql, sql } from './client.ts';

/** A keyset page of `select` (which ends in a WHERE) by a column of numbers, one row more being read to know of more. */
export const page = async (
  db: Connection,
  select: Sql,
  key: Sql,
  wanted: PageOf<string | number>,
): Promise<{ readonly rows: readonly Row[]; readonly more: boolean }> => {
  const lower = wanted.direction === 'ascending' ? wanted.after : wanted.before;
  const upper = wanted.direction === 'ascending' ? wanted.before : wanted.after;
  const rows = await db.rows(sql`${select}
    ${lower === null ? sql`` : sql`AND ${key} > ${Number(lower)}`}
    ${upper === null ? sql`` : sql`AND ${key} < ${Number(upper)}`}
    ORDER BY ${key} ${wanted.direction === 'ascending' ? sql`ASC` : sql`DESC`} LIMIT ${wanted.limit + 1}`);
  return { rows: rows.slice(0, wanted.limit), more: rows.length > wanted.limit };
};
