import type { StoredToken } from '../../auth/token.ts';
import { notFound } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import { MOST_TOKENS, readToken, tokenOfKey, tooManyTokens } from '../rows.ts';
import { type Sql, sql } from '../sql.ts';
import type { By, NewToken } from '../store.ts';
import type { Stored, Token as TokenRow } from '../stored.ts';
import { record } from './audit.ts';
import type { Connection } from './connection.ts';
import { findUser } from './users.ts';

const find = (db: Connection, which: Sql) => db.rows<Stored<TokenRow>>(sql`SELECT * FROM token ${which}`);

export const tokens = async (db: Connection): Promise<readonly StoredToken[]> =>
  (await find(db, sql`ORDER BY created_at DESC, id`)).map(readToken);

export const createToken = async (db: Connection, token: NewToken, now: Instant, by?: By): Promise<string> => {
  const user = await findUser(db, token.userName);
  if (user === null) throw notFound(`user ${token.userName} does not exist`);
  const userName = user.name;
  const { id, name, hash, scope, kinds, expiresAt, createdBy, idempotency } = token;
  if (idempotency !== null) {
    const [same] = await find(db, sql`WHERE created_by = ${createdBy} AND idempotency_key = ${idempotency.key}`);
    const known = tokenOfKey(same ?? null, idempotency);
    if (known !== null) {
      await db.run(sql`UPDATE token SET hash = ${hash} WHERE id = ${known}`);
      await record(db, { action: 'createToken', target: known, after: { userName, replacesSecret: true } }, by);
      return known;
    }
  }
  await db.run(sql`DELETE FROM token WHERE user_name = ${userName} AND expires_at <= ${now}`);
  if ((await find(db, sql`WHERE user_name = ${userName}`)).length >= MOST_TOKENS) throw tooManyTokens(userName);
  await db.run(sql`INSERT INTO token (id, user_name, name, hash, scope, kinds, created_at, expires_at, created_by,
      idempotency_key, input_hash)
    VALUES (${id}, ${userName}, ${name}, ${hash}, ${scope}, ${kinds === null ? null : JSON.stringify(kinds)}, ${now},
      ${expiresAt}, ${createdBy}, ${idempotency?.key ?? null}, ${idempotency?.inputHash ?? null})`);
  await record(db, { action: 'createToken', target: id, after: { userName, name, scope, kinds, expiresAt } }, by);
  return id;
};

export const revokeToken = async (db: Connection, id: string, by?: By): Promise<boolean> => {
  const [row] = await find(db, sql`WHERE id = ${id}`);
  if (row === undefined) return false;
  await db.run(sql`DELETE FROM token WHERE id = ${id}`);
  const { userName, name, scope } = row;
  await record(db, { action: 'revokeToken', target: id, before: { userName, name, scope } }, by);
  return true;
};

export const touchToken = async (db: Connection, id: string, now: Instant): Promise<void> => {
  await db.run(sql`UPDATE token SET last_used_at = ${now} WHERE id = ${id}`);
};
