import type { StoredToken } from '../../auth/token.ts';
import { notFound } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import { MOST_TOKENS, readToken, tokenOfKey, tooManyTokens } from '../rows.ts';
import type { By, NewToken } from '../store.ts';
import { record } from './audit.ts';
import type { Connection } from './client.ts';
import { findUser } from './users.ts';

export const tokens = async (db: Connection): Promise<readonly StoredToken[]> =>
  (await db.model(({ token }) => token.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] }))).map(readToken);

export const createToken = async (
  db: Connection,
  { kinds, expiresAt, createdBy, idempotency, ...more }: NewToken,
  now: Instant,
  by?: By,
): Promise<string> => {
  const user = await findUser(db, more.userName);
  if (user === null) throw notFound(`user ${more.userName} does not exist`);
  const userName = user.name;
  const known = idempotency === null ? null : await tokenByKey(db, createdBy, idempotency);
  if (known !== null) {
    await db.model(({ token }) => token.updateMany({ where: { id: known }, data: { hash: more.hash } }));
    await record(db, { action: 'createToken', target: known, after: { userName, replacesSecret: true } }, by);
    return known;
  }
  await db.model(({ token }) => token.deleteMany({ where: { userName, expiresAt: { lte: new Date(now) } } }));
  if ((await db.model(({ token }) => token.count({ where: { userName } }))) >= MOST_TOKENS) {
    throw tooManyTokens(userName);
  }
  const data = {
    ...more,
    userName,
    kinds: kinds === null ? null : JSON.stringify(kinds),
    createdAt: new Date(now),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    createdBy,
    idempotencyKey: idempotency?.key ?? null,
    inputHash: idempotency?.inputHash ?? null,
  };
  const { id } = await db.model(({ token }) => token.create({ data }));
  const { name, scope } = more;
  await record(db, { action: 'createToken', target: id, after: { userName, name, scope, kinds, expiresAt } }, by);
  return id;
};

const tokenByKey = async (
  db: Connection,
  createdBy: string,
  idempotency: NonNullable<NewToken['idempotency']>,
): Promise<string | null> => {
  const where = { createdBy, idempotencyKey: idempotency.key };
  return tokenOfKey(await db.model(({ token }) => token.findFirst({ where })), idempotency);
};

export const revokeToken = async (db: Connection, id: string, by?: By): Promise<boolean> => {
  const row = await db.model(({ token }) => token.findUnique({ where: { id } }));
  if (row === null) return false;
  await db.model(({ token }) => token.deleteMany({ where: { id } }));
  const { userName, name, scope } = row;
  await record(db, { action: 'revokeToken', target: id, before: { userName, name, scope } }, by);
  return true;
};

export const touchToken = async (db: Connection, id: string, now: Instant): Promise<void> => {
  await db.model(({ token }) => token.updateMany({ where: { id }, data: { lastUsedAt: new Date(now) } }));
};
