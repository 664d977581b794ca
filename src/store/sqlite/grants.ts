/** The databases and files that the jobs of a user may use. */
import type { Grants } from '../../auth/viewer.ts';
import { badInput } from '../../errors.ts';
import { type Connection, type Sql, sql } from './client.ts';

/** The names of the databases that were granted to a user, as JSON. */
const grantedTo = (userName: Sql): Sql => sql`(SELECT json_group_array(g.databaseName) FROM
  (SELECT databaseName FROM DatabaseGrant WHERE userName = ${userName} ORDER BY databaseName) g)`;

/** The columns of an `OwnerRow`, of a job `j` and its user `u`. */
export const OWNER = sql`j.userName, u.isAdmin, u.privileges, u.allDatabases, u.allFiles, u.filesFolder,
  ${grantedTo(sql`j.userName`)} AS granted`;

/** Replaces what was granted. @throws BAD_USER_INPUT if a database does not exist */
export const replaceGrants = async (db: Connection, userName: string, { databases }: Partial<Grants>) => {
  if (databases === undefined) return;
  await db.run(sql`DELETE FROM DatabaseGrant WHERE userName = ${userName}`);
  if (databases === 'all') return;
  for (const [at, name] of databases.entries()) {
    const added = await db.run(sql`INSERT OR IGNORE INTO DatabaseGrant (userName, databaseName)
      SELECT ${userName}, name FROM Database WHERE name = ${name} AND madeBy IS NULL`);
    if (added > 0) continue;
    if (
      (await db.rows(sql`SELECT 1 FROM DatabaseGrant WHERE userName = ${userName} AND databaseName = ${name}`)).length
    ) {
      continue;
    }
    throw badInput(`input.databases.names.${at}`, `database ${JSON.stringify(name)} does not exist`);
  }
};

/** A database belongs to the user who created it, unless all are granted to that user anyway. */
export const grantCreated = async (db: Connection, which: Sql): Promise<void> => {
  const added =
    await db.run(sql`INSERT OR IGNORE INTO DatabaseGrant (userName, databaseName) SELECT u.name, d.name FROM ${which}
    AND NOT u.allDatabases`);
  if (added > 0) changed.add(db);
};

const changed = new WeakSet<Connection>();

/** Whether `grantCreated` has changed a user since the last call. */
export const haveGrantsChanged = (db: Connection): boolean => changed.delete(db);
