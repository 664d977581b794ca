import { ROOT, type User } from '../../auth/viewer.ts';
import { badInput, conflict, databaseConflict } from '../../errors.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import { grantColumns, NO_RIGHTS, nameInUse, nameRetired, readUser, shownUser } from '../owners.ts';
import { databaseInUse, makerIn, readDatabase } from '../rows.ts';
import { join, type Sql, sql } from '../sql.ts';
import type { By, CreationKey, KnownDatabase } from '../store.ts';
import type { Database as DatabaseRow, Stored, User as UserRow } from '../stored.ts';
import { isRetired, record } from './audit.ts';
import type { Connection } from './connection.ts';
import { POSTGRES } from './dialect.ts';
import { keepTarget, removeTarget, targetByKey } from './keys.ts';
import { PENDING_CLEANUP } from './moves.ts';
import { deleteSchedulesOf } from './schedules.ts';

/** The columns of an `OwnerRow`, of a job `j` and its user `u`. */
export const OWNER = sql`j.user_name, u.is_admin, u.privileges, u.all_databases, u.all_files, u.files_folder,
  (SELECT coalesce(json_agg(g.database_name ORDER BY g.database_name), '[]')::text FROM database_grant g
    WHERE g.user_name = j.user_name) AS granted`;

/** Adds the initial rows of a new store. */
export const seed = async (db: Connection, now: Instant) => {
  await db.run(
    sql`INSERT INTO "user" (name, is_admin, created_at) VALUES (${ROOT}, TRUE, ${now}) ON CONFLICT DO NOTHING`,
  );
};

const find = (db: Connection, which: Sql) =>
  db.rows<Stored<UserRow> & { readonly granted: readonly string[] }>(sql`SELECT u.*,
    ARRAY(SELECT g.database_name FROM database_grant g WHERE g.user_name = u.name ORDER BY g.database_name) AS granted
    FROM "user" u ${which} ORDER BY u.name`);

export const users = async (db: Connection): Promise<readonly User[]> =>
  (await find(db, sql``)).map((row) => readUser(row, row.granted));

export const findUser = async (db: Connection, name: string): Promise<User | null> => {
  const [row] = await find(db, sql`WHERE lower(u.name) = lower(${name} COLLATE "C")`);
  return row === undefined ? null : readUser(row, row.granted);
};

export const createUser = async (
  db: Connection,
  user: Omit<User, 'createdAt'>,
  now: Instant,
  by?: By,
  key?: CreationKey | null,
): Promise<User> => {
  const same = key == null ? null : await targetByKey(db, key);
  const found = same === null ? null : await findUser(db, same);
  if (found !== null) return found;
  const known = await findUser(db, user.name);
  if (known !== null) throw nameInUse(known.name);
  if (await isRetired(db, user.name)) throw nameRetired(user.name);
  await db.run(sql`INSERT INTO "user" (name, is_admin, privileges, created_at)
    VALUES (${user.name}, ${user.isAdmin}, ${JSON.stringify(user.privileges)}, ${now})`);
  const created = { ...user, createdAt: now };
  await setColumns(db, user.name, grantColumns(user));
  await replaceGrants(db, user.name, user.databases);
  await keepTarget(db, key, user.name);
  await record(db, { action: 'createUser', target: user.name, after: shownUser(user) }, by);
  return (await findUser(db, user.name)) ?? created;
};

const setColumns = async (db: Connection, name: string, columns: Readonly<Record<string, unknown>>) => {
  const set = Object.entries(columns).map(([field, value]) => sql`${POSTGRES.column(field)} = ${value}`);
  if (set.length > 0) await db.run(sql`UPDATE "user" SET ${join(set, ', ')} WHERE name = ${name}`);
};

/** An omitted field stays unchanged. Null if the user does not exist. */
export const updateUser = async (
  db: Connection,
  { name, isAdmin, privileges, ...grants }: Partial<User> & Pick<User, 'name'>,
  by?: By,
): Promise<User | null> => {
  const before = await findUser(db, name);
  if (before === null) return null;
  await setColumns(db, before.name, {
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(privileges === undefined ? {} : { privileges: JSON.stringify(privileges) }),
    ...grantColumns(grants),
  });
  await replaceGrants(db, before.name, grants.databases);
  const user = (await findUser(db, name)) ?? before;
  await record(db, { action: 'updateUser', target: user.name, before: shownUser(before), after: shownUser(user) }, by);
  return user;
};

/** Replaces what was granted. @throws BAD_USER_INPUT if a database does not exist */
const replaceGrants = async (db: Connection, userName: string, databases: User['databases'] | undefined) => {
  if (databases === undefined) return;
  await db.run(sql`DELETE FROM database_grant WHERE user_name = ${userName}`);
  if (databases === 'all') return;
  const rows = await db.rows<{ readonly name: string }>(sql`INSERT INTO database_grant (user_name, database_name)
    SELECT ${userName}::text, name FROM database WHERE name = ANY(${databases}::text[]) AND made_by IS NULL
    RETURNING database_name AS name`);
  const granted = new Set(rows.map((row) => row.name));
  const missing = databases.findIndex((name) => !granted.has(name));
  if (missing === -1) return;
  throw badInput(`input.databases.names.${missing}`, `database ${JSON.stringify(databases[missing])} does not exist`);
};

/** The jobs of the user stay. The name is not given again while a job or an event has it: see audit.ts. */
export const deleteUser = async (db: Connection, name: string, by: By): Promise<string | null> => {
  const user = await findUser(db, name);
  if (user === null) return null;
  const [live] = await db.rows<{ readonly n: number }>(
    sql`SELECT count(*) AS n FROM job WHERE user_name = ${user.name} AND finished_at IS NULL`,
  );
  if (live !== undefined && live.n > 0) {
    throw conflict(`user ${user.name} has ${live.n} jobs that have not ended: wait for them, or cancel them`);
  }
  await db.run(sql`DELETE FROM token WHERE user_name = ${user.name}`);
  await db.run(sql`DELETE FROM "user" WHERE name = ${user.name}`);
  await removeTarget(db, 'createUser', user.name);
  await deleteSchedulesOf(db, user.name, by);
  await record(db, { action: 'deleteUser', target: user.name, before: shownUser(user) }, by);
  return user.name;
};

/** Creates the user, or changes what is given of an existing one. */
export const provideUser = async (
  db: Connection,
  user: Partial<User> & Pick<User, 'name'>,
  now: Instant,
): Promise<User> => {
  const by = { actor: { kind: 'SYSTEM', name: 'sign-in' }, at: now } as const;
  return (await updateUser(db, user, by)) ?? createUser(db, { ...NO_RIGHTS, ...user }, now, by);
};

type DatabaseNow = Stored<DatabaseRow> & { readonly node: string | null };

export const databases = async (db: Connection): Promise<readonly KnownDatabase[]> =>
  (await db.rows<DatabaseNow>(sql`SELECT * FROM database WHERE made_by IS NULL ORDER BY name`)).map(readDatabase);

const findDatabase = async (db: Connection, name: string): Promise<Stored<DatabaseRow> | null> =>
  (await db.rows<Stored<DatabaseRow>>(sql`SELECT * FROM database WHERE name = ${name}`))[0] ?? null;

export const createDatabase = async (
  db: Connection,
  { name, url, node = null }: Omit<KnownDatabase, 'createdAt'>,
  now: Instant,
  by?: By,
  key?: CreationKey | null,
): Promise<KnownDatabase> => {
  // With the same input the name is in use; with another input it is the key.
  if (key != null) await targetByKey(db, key);
  const created = await addDatabase(db, { name, url, createdAt: now, node }, null);
  await keepTarget(db, key, name);
  await record(db, { action: 'createDatabase', target: name, after: { url } }, by);
  return created;
};

export const deleteDatabase = async (db: Connection, name: string, by: By, isMissing = false): Promise<boolean> => {
  const row = await findDatabase(db, name);
  if (row === null) return false;
  const [user] = await db.rows<{ readonly id: number }>(sql`SELECT id FROM job j WHERE database = ${name}
    AND (finished_at IS NULL AND NOT (${isMissing}::boolean AND status = 'REVERTING') OR ${PENDING_CLEANUP}) ORDER BY id LIMIT 1`);
  if (user !== undefined) throw databaseInUse(name, user.id);
  await db.run(sql`DELETE FROM database WHERE name = ${name}`);
  await removeTarget(db, 'createDatabase', name);
  await record(db, { action: 'deleteDatabase', target: name, before: { url: row.url } }, by);
  return true;
};

/**
 * The name is reserved for the job until it ends. If it succeeds, the database is listed; otherwise the name is free
 * again.
 */
export const reserveDatabase = async (db: Connection, id: JobId, database: KnownDatabase): Promise<void> => {
  await addDatabase(db, database, Number(id));
};

const addDatabase = async (
  db: Connection,
  { name, url, createdAt, node = null }: KnownDatabase,
  madeBy: number | null,
): Promise<KnownDatabase> => {
  const known = await findDatabase(db, name);
  if (known !== null) throw databaseConflict(name, makerIn(known));
  await db.run(
    sql`INSERT INTO database (name, url, created_at, node, made_by)
    VALUES (${name}, ${url}, ${createdAt}, ${node}, ${madeBy})`,
  );
  return readDatabase({ name, url, createdAt, node });
};

export const makerOf = async (db: Connection, name: string): Promise<JobId | null> =>
  makerIn(await findDatabase(db, name));
