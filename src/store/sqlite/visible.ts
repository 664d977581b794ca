/** What a viewer may see and control, as conditions. */
import type { Access } from '../../jobs/access.ts';
import { type Sql, sql } from './client.ts';

/** The permission to see as a condition on `userName`. */
export const sees = (access: Access, userName: Sql): Sql =>
  access.sees === 'all' ? sql`TRUE` : sql`${userName} = ${access.sees.userName}`;

/** The permission to control as a condition on a job `j`. */
export const controls = (access: Access): Sql => {
  if (access.controls.includes('all')) return sql`TRUE`;
  const others = access.controls.includes('non-admins')
    ? sql`NOT EXISTS (SELECT 1 FROM User a WHERE a.name = j.userName AND a.isAdmin)`
    : sql`FALSE`;
  const own = access.controls.includes('own') ? sql`j.userName = ${access.userName}` : sql`FALSE`;
  return sql`(${others} OR ${own})`;
};
