import { ROOT, type User } from '../../auth/viewer.ts';
import { conflict, databaseConflict } from '../../errors.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import { grantColumns, NO_RIGHTS, nameInUse, nameRetired, readUser, shownUser } from '../owners.ts';
import { databaseInUse, makerIn, readDatabase } from '../rows.ts';
import type { By, CreationKey, KnownDatabase } from '../store.ts';
import { isRetired, record } from './audit.ts';
import type { User as UserRow } from './client/client.ts';
import { type Connection, sql } from './client.ts';
import { replaceGrants } from './grants.ts';
import { keepTarget, removeTarget, targetByKey } from './keys.ts';
import { deleteSchedulesOf } from './schedules.ts';

/** Adds the initial rows of a new store. */
export const seed = async (db: Connection, now: Instant) => {
  await db.run(sql`INSERT INTO User (name, isAdmin, createdAt) VALUES (${ROOT}, TRUE, ${now}) ON CONFLICT DO NOTHING`);
};

const readRow = ({ grants, ...row }: UserRow & Granted): User =>
  readUser(
    row,
    grants.map(({ databaseName }) => databaseName),
  );
type Granted = { readonly grants: readonly { readonly databaseName: string }[] };
const WITH_GRANTS = { grants: { select: { databaseName: true }, orderBy: { databaseName: 'asc' } } } as const;

export const users = async (db: Connection): Promise<readonly User[]> =>
  (await db.model(({ user }) => user.findMany({ orderBy: { name: 'asc' }, include: WITH_GRANTS }))).map(readRow);

/** The column compares without case. */
export const findUser = (db: Connection, name: string) =>
  db.model(({ user }) => user.findUnique({ where: { name }, include: WITH_GRANTS }));

export const createUser = async (
  db: Connection,
  user: Omit<User, 'createdAt'>,
  now: Instant,
  by?: By,
  key?: CreationKey | null,
): Promise<User> => {
  const same = key == null ? null : await targetByKey(db, key);
  const found = same === null ? null : await findUser(db, same);
  if (found !== null) return readRow(found);
  const known = await findUser(db, user.name);
  if (known !== null) throw nameInUse(known.name);
  if (await isRetired(db, user.name)) throw nameRetired(user.name);
  const { databases, files, privileges, ...columns } = user;
  const data = {
    ...columns,
    ...grantColumns({ databases, files }),
    privileges: JSON.stringify(privileges),
    createdAt: new Date(now),
  };
  await db.model(({ user }) => user.create({ data }));
  await replaceGrants(db, user.name, { databases });
  await keepTarget(db, key, user.name);
  await record(db, { action: 'createUser', target: user.name, after: shownUser(user) }, by);
  return { ...user, databases: databases === 'all' ? databases : [...new Set(databases)].sort(), createdAt: now };
};

/** An omitted field stays unchanged. Null if the user does not exist. */
export const updateUser = async (
  db: Connection,
  { name, isAdmin, privileges, ...grants }: Partial<User> & Pick<User, 'name'>,
  by?: By,
): Promise<User | null> => {
  const data = {
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(privileges === undefined ? {} : { privileges: JSON.stringify(privileges) }),
    ...grantColumns(grants),
  };
  const before = await findUser(db, name);
  const { count } = await db.model(({ user }) => user.updateMany({ where: { name }, data }));
  const known = count === 0 ? null : await findUser(db, name);
  if (known === null) return null;
  await replaceGrants(db, known.name, grants);
  const row = await findUser(db, name);
  if (row === null || before === null) return null;
  const user = readRow(row);
  const change = {
    action: 'updateUser',
    target: user.name,
    before: shownUser(readRow(before)),
    after: shownUser(user),
  };
  await record(db, change, by);
  return user;
};

/** The jobs of the user stay. The name is not given again while a job or an event has it: see audit.ts. */
export const deleteUser = async (db: Connection, name: string, by: By): Promise<string | null> => {
  const row = await findUser(db, name);
  if (row === null) return null;
  const [live] = await db.rows(sql`SELECT count(*) AS n FROM Job WHERE userName = ${row.name} AND finishedAt IS NULL`);
  if (Number(live?.n) > 0) {
    throw conflict(`user ${row.name} has ${live?.n} jobs that have not ended: wait for them, or cancel them`);
  }
  await db.model(({ token }) => token.deleteMany({ where: { userName: row.name } }));
  await db.model(({ user }) => user.deleteMany({ where: { name: row.name } }));
  await removeTarget(db, 'createUser', row.name);
  await deleteSchedulesOf(db, row.name, by);
  await record(db, { action: 'deleteUser', target: row.name, before: shownUser(readRow(row)) }, by);
  return row.name;
};

/** Creates the user, or changes what is given of an existing one. */
export const provideUser = async (
  db: Connection,
  user: Partial<User> & Pick<User, 'name'>,
  now: Instant,
): Promise<User> => {
  const known = await findUser(db, user.name);
  const by = { actor: { kind: 'SYSTEM', name: 'sign-in' }, at: now } as const;
  if (known === null) return createUser(db, { ...NO_RIGHTS, ...user }, now, by);
  return (await updateUser(db, user, by)) ?? readRow(known);
};

export const databases = async (db: Connection): Promise<readonly KnownDatabase[]> =>
  (await db.model(({ database }) => database.findMany({ where: { madeBy: null }, orderBy: { name: 'asc' } }))).map(
    readDatabase,
  );

export const createDatabase = async (
  db: Connection,
  { name, url }: Omit<KnownDatabase, 'createdAt'>,
  now: Instant,
  by?: By,
  key?: CreationKey | null,
): Promise<KnownDatabase> => {
  // With the same input the name is in use; with another input it is the key.
  if (key != null) await targetByKey(db, key);
  const created = await addDatabase(db, { name, url, createdAt: now }, null);
  await keepTarget(db, key, name);
  await record(db, { action: 'createDatabase', target: name, after: { url } }, by);
  return created;
};

export const deleteDatabase = async (db: Connection, name: string, by: By, isMissing = false): Promise<boolean> => {
  const row = await findDatabase(db, name);
  if (row === null) return false;
  const [user] = await db.rows<{ readonly id: bigint }>(sql`SELECT id FROM Job j WHERE database = ${name}
    AND (finishedAt IS NULL AND NOT (${isMissing ? 1 : 0} AND status = 'REVERTING') OR EXISTS (SELECT 1 FROM PendingCleanup c WHERE c.jobId = j.id)) ORDER BY id LIMIT 1`);
  if (user !== undefined) throw databaseInUse(name, user.id);
  await db.model(({ database }) => database.deleteMany({ where: { name } }));
  await removeTarget(db, 'createDatabase', name);
  await record(db, { action: 'deleteDatabase', target: name, before: { url: row.url } }, by);
  return true;
};

/**
 * The name is reserved for the job until it ends. If it succeeds, the database is listed; otherwise the name is free
 * again.
 */
export const reserveDatabase = async (db: Connection, id: JobId, database: KnownDatabase): Promise<void> => {
  await addDatabase(db, database, BigInt(id));
};

const addDatabase = async (
  db: Connection,
  { name, url, createdAt }: KnownDatabase,
  madeBy: bigint | null,
): Promise<KnownDatabase> => {
  const known = await findDatabase(db, name);
  if (known !== null) throw databaseConflict(name, makerIn(known));
  const data = { name, url, createdAt: new Date(createdAt), madeBy };
  return readDatabase(await db.model(({ database }) => database.create({ data })));
};

export const makerOf = async (db: Connection, name: string): Promise<JobId | null> =>
  makerIn(await findDatabase(db, name));

const findDatabase = (db: Connection, name: string) =>
  db.model(({ database }) => database.findUnique({ where: { name } }));
