import { ROOT, type User } from '../../auth/viewer.ts';
import { conflict, databaseConflict } from '../../errors.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import type { KnownDatabase } from '../store.ts';
import { type Connection, sql } from './client.ts';
import { read, readUser } from './rows.ts';

/** Puts what a new store has from the start. */
export const seed = async (db: Connection, now: Instant) => {
  await db.run(sql`INSERT INTO Counters (id) VALUES (1) ON CONFLICT DO NOTHING`);
  await db.run(sql`INSERT INTO User (name, isAdmin, createdAt) VALUES (${ROOT}, TRUE, ${now}) ON CONFLICT DO NOTHING`);
};

export const users = async (db: Connection) => (await db.rows(sql`SELECT * FROM User ORDER BY name`)).map(readUser);

export const createUser = async (db: Connection, user: Omit<User, 'createdAt'>, now: Instant): Promise<User> => {
  const added = await db.run(sql`INSERT INTO User (name, isAdmin, privileges, createdAt)
    VALUES (${user.name}, ${user.isAdmin}, ${JSON.stringify(user.privileges)}, ${now}) ON CONFLICT DO NOTHING`);
  if (added === 0) throw conflict(`user ${user.name} already exists`);
  return { ...user, createdAt: now };
};

/** What is left out stays as it is. Null when there is no such user. */
export const updateUser = async (
  db: Connection,
  { name, isAdmin, privileges }: Partial<User> & Pick<User, 'name'>,
): Promise<User | null> => {
  await db.run(sql`UPDATE User SET isAdmin = coalesce(${isAdmin ?? null}, isAdmin),
    privileges = coalesce(${privileges === undefined ? null : JSON.stringify(privileges)}, privileges) WHERE name = ${name}`);
  const [row] = await db.rows(sql`SELECT * FROM User WHERE name = ${name}`);
  return row === undefined ? null : readUser(row);
};

export const databases = async (db: Connection): Promise<readonly KnownDatabase[]> =>
  (await db.rows(sql`SELECT * FROM Database WHERE madeBy IS NULL ORDER BY name`)).map((row) => ({
    name: read.text(row.name),
    url: read.text(row.url),
    createdAt: read.instant(row.createdAt),
  }));

export const createDatabase = async (
  db: Connection,
  database: Omit<KnownDatabase, 'createdAt'>,
  now: Instant,
): Promise<KnownDatabase> => {
  const added = await db.run(sql`INSERT INTO Database (name, url, createdAt)
    VALUES (${database.name}, ${database.url}, ${now}) ON CONFLICT DO NOTHING`);
  if (added === 0) throw await nameConflict(db, database.name);
  return { ...database, createdAt: now };
};

/** The name is the job's until it ends: with success the database is listed, else it never was. */
export const reserveDatabase = async (db: Connection, id: JobId, database: KnownDatabase): Promise<void> => {
  const { name, url, createdAt } = database;
  const added = await db.run(sql`INSERT INTO Database (name, url, createdAt, madeBy)
    VALUES (${name}, ${url}, ${createdAt}, ${Number(id)}) ON CONFLICT DO NOTHING`);
  if (added === 0) throw await nameConflict(db, name);
};

export const makerOf = async (db: Connection, database: string): Promise<JobId | null> => {
  const rows = await db.rows(sql`SELECT madeBy FROM Database WHERE name = ${database} AND madeBy IS NOT NULL`);
  return rows[0] === undefined ? null : String(rows[0].madeBy);
};

const nameConflict = async (db: Connection, name: string) => databaseConflict(name, await makerOf(db, name));
