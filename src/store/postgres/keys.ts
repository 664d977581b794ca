/** The idempotency keys of users and databases, and the secret on which the hashes of inputs depend. */
import { targetOfKey } from '../rows.ts';
import { sql } from '../sql.ts';
import type { CreationKey } from '../store.ts';
import type { IdempotencyKey, Stored } from '../stored.ts';
import type { Connection } from './connection.ts';

/** See Store. */
export const keepSecretProbe = async (db: Connection, probe: string): Promise<string> => {
  const [row] = await db.rows<{ readonly secretProbe: string }>(
    sql`UPDATE counters SET secret_probe = coalesce(secret_probe, ${probe}::text) RETURNING secret_probe`,
  );
  return row?.secretProbe ?? probe;
};

/** See Store. */
export const hashesWithout = async (db: Connection, prefix: string, limit: number): Promise<readonly string[]> => {
  const rows = await db.rows<{ readonly inputHash: string }>(sql`SELECT input_hash FROM idempotency_key
      WHERE NOT starts_with(input_hash, ${prefix}::text)
    UNION SELECT input_hash FROM token WHERE NOT starts_with(input_hash, ${prefix}::text) LIMIT ${limit}`);
  return rows.map(({ inputHash }) => inputHash);
};

/** See Store. */
export const replaceHashes = async (db: Connection, replacements: Readonly<Record<string, string>>): Promise<void> => {
  const by = sql`json_each_text(${JSON.stringify(replacements)}::json) r`;
  await db.run(sql`UPDATE idempotency_key SET input_hash = r.value FROM ${by} WHERE input_hash = r.key`);
  await db.run(sql`UPDATE token SET input_hash = r.value FROM ${by} WHERE input_hash = r.key`);
};

/** See Store. */
export const targetByKey = async (db: Connection, creation: CreationKey): Promise<string | null> => {
  const { userName, mutation, key } = creation;
  const [row] = await db.rows<Stored<IdempotencyKey>>(
    sql`SELECT * FROM idempotency_key WHERE user_name = ${userName} AND mutation = ${mutation} AND key = ${key}`,
  );
  return targetOfKey(row ?? null, creation);
};

export const keepTarget = async (db: Connection, creation: CreationKey | null | undefined, target: string) => {
  if (creation == null) return;
  const { userName, mutation, key, inputHash } = creation;
  await db.run(sql`INSERT INTO idempotency_key (user_name, mutation, key, input_hash, target)
    VALUES (${userName}, ${mutation}, ${key}, ${inputHash}, ${target})`);
};

/** A key goes with what was created with it. */
export const removeTarget = async (db: Connection, mutation: string, target: string) => {
  await db.run(sql`DELETE FROM idempotency_key WHERE mutation = ${mutation} AND target = ${target}`);
};
