/** What a viewer may see and control, as conditions. */
import type { Access } from '../../jobs/access.ts';
import { type Sql, sql } from '../sql.ts';

/** The permission to see as a condition on `userName`. */
export const sees = ({ sees: seen }: Access, userName: Sql): Sql =>
  seen === 'all' ? sql`TRUE` : sql`${userName} = ${seen.userName}`;

/** The permission to control as a condition on a job `j`. */
export const controls = ({ controls: controlled, userName }: Access): Sql => {
  if (controlled.includes('all')) return sql`TRUE`;
  const others = sql`NOT EXISTS (SELECT 1 FROM "user" a WHERE a.name = j.user_name AND a.is_admin)`;
  const own = sql`j.user_name = ${userName}`;
  return sql`(${controlled.includes('non-admins') ? others : sql`FALSE`} OR ${controlled.includes('own') ? own : sql`FALSE`})`;
};
