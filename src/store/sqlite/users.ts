import { ROOT, type User } from '../../auth/viewer.ts';
import { conflict, databaseConflict } from '../../errors.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import type { KnownDatabase } from '../store.ts';
import type { User as UserRow } from './client/client.ts';
import { type Connection, sql } from './client.ts';
import { grantColumns, readGrants, replaceGrants } from './grants.ts';
import { instantOf, readDatabase } from './rows.ts';

/** Adds the initial rows of a new store. */
export const seed = async (db: Connection, now: Instant) => {
  await db.run(sql`INSERT INTO User (name, isAdmin, createdAt) VALUES (${ROOT}, TRUE, ${now}) ON CONFLICT DO NOTHING`);
};

const readUser = ({ name, isAdmin, privileges, createdAt, grants, ...columns }: UserRow & Granted): User => ({
  name,
  isAdmin,
  privileges: JSON.parse(privileges),
  ...readGrants(
    columns,
    grants.map(({ databaseName }) => databaseName),
  ),
  createdAt: instantOf(createdAt),
});
type Granted = { readonly grants: readonly { readonly databaseName: string }[] };
const WITH_GRANTS = { grants: { select: { databaseName: true }, orderBy: { databaseName: 'asc' } } } as const;

export const users = async (db: Connection): Promise<readonly User[]> =>
  (await db.model(({ user }) => user.findMany({ orderBy: { name: 'asc' }, include: WITH_GRANTS }))).map(readUser);

/** The column compares without case. */
export const findUser = (db: Connection, name: string) =>
  db.model(({ user }) => user.findUnique({ where: { name }, include: WITH_GRANTS }));

export const createUser = async (db: Connection, user: Omit<User, 'createdAt'>, now: Instant): Promise<User> => {
  const known = await findUser(db, user.name);
  if (known !== null) throw conflict(`user ${known.name} already exists`);
  const { databases, files, privileges, ...columns } = user;
  const data = {
    ...columns,
    ...grantColumns({ databases, files }),
    privileges: JSON.stringify(privileges),
    createdAt: new Date(now),
  };
  await db.model(({ user }) => user.create({ data }));
  await replaceGrants(db, user.name, { databases });
  return { ...user, databases: databases === 'all' ? databases : [...new Set(databases)].sort(), createdAt: now };
};

/** An omitted field stays unchanged. Null if the user does not exist. */
export const updateUser = async (
  db: Connection,
  { name, isAdmin, privileges, ...grants }: Partial<User> & Pick<User, 'name'>,
): Promise<User | null> => {
  const data = {
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(privileges === undefined ? {} : { privileges: JSON.stringify(privileges) }),
    ...grantColumns(grants),
  };
  const { count } = await db.model(({ user }) => user.updateMany({ where: { name }, data }));
  const known = count === 0 ? null : await findUser(db, name);
  if (known === null) return null;
  await replaceGrants(db, known.name, grants);
  const row = await findUser(db, name);
  return row === null ? null : readUser(row);
};

/** Creates the user, or changes what is given of an existing one. */
export const provideUser = async (
  db: Connection,
  user: Partial<User> & Pick<User, 'name'>,
  now: Instant,
): Promise<User> => {
  const known = await findUser(db, user.name);
  if (known === null) return createUser(db, { ...NO_RIGHTS, ...user }, now);
  return (await updateUser(db, user)) ?? readUser(known);
};

const NO_RIGHTS = { isAdmin: false, privileges: [], databases: [], files: 'none' } as const;

export const databases = async (db: Connection): Promise<readonly KnownDatabase[]> =>
  (await db.model(({ database }) => database.findMany({ where: { madeBy: null }, orderBy: { name: 'asc' } }))).map(
    readDatabase,
  );

export const createDatabase = (
  db: Connection,
  { name, url }: Omit<KnownDatabase, 'createdAt'>,
  now: Instant,
): Promise<KnownDatabase> => addDatabase(db, { name, url, createdAt: now }, null);

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

const makerIn = (row: { readonly madeBy: bigint | null } | null): JobId | null =>
  row === null || row.madeBy === null ? null : String(row.madeBy);
