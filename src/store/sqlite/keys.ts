/** The idempotency keys of users and databases, and the secret on which the hashes of inputs depend. */
import { targetOfKey } from '../rows.ts';
import type { CreationKey } from '../store.ts';
import { type Connection, sql } from './client.ts';

/** See Store. */
export const keepSecretProbe = async (db: Connection, probe: string): Promise<string> => {
  const [row] = await db.rows<{ readonly secretProbe: string }>(
    sql`UPDATE Counters SET secretProbe = coalesce(secretProbe, ${probe}) RETURNING secretProbe`,
  );
  return row?.secretProbe ?? probe;
};

/** See Store. */
export const hashesWithout = async (db: Connection, prefix: string, limit: number): Promise<readonly string[]> => {
  const differs = sql`substr(inputHash, 1, ${prefix.length}) <> ${prefix}`;
  const rows = await db.rows<{ readonly inputHash: string }>(sql`SELECT inputHash FROM IdempotencyKey WHERE ${differs}
    UNION SELECT inputHash FROM Token WHERE inputHash IS NOT NULL AND ${differs} LIMIT ${limit}`);
  return rows.map(({ inputHash }) => inputHash);
};

/** See Store. */
export const replaceHashes = async (db: Connection, replacements: Readonly<Record<string, string>>): Promise<void> => {
  // Materialized, so that SQLite looks the hashes up in an index of its own.
  const given = sql`WITH r AS MATERIALIZED (SELECT key, value FROM json_each(${JSON.stringify(replacements)}))`;
  await db.run(sql`${given} UPDATE IdempotencyKey SET inputHash = r.value FROM r WHERE inputHash = r.key`);
  await db.run(sql`${given} UPDATE Token SET inputHash = r.value FROM r WHERE inputHash = r.key`);
};

/** See Store. */
export const targetByKey = async (db: Connection, creation: CreationKey): Promise<string | null> => {
  const { userName, mutation, key } = creation;
  const where = { userName_mutation_key: { userName, mutation, key } };
  return targetOfKey(await db.model(({ idempotencyKey }) => idempotencyKey.findUnique({ where })), creation);
};

export const keepTarget = async (db: Connection, key: CreationKey | null | undefined, target: string) => {
  if (key != null) await db.model(({ idempotencyKey }) => idempotencyKey.create({ data: { ...key, target } }));
};

/** A key goes with what was created with it. */
export const removeTarget = async (db: Connection, mutation: string, target: string) => {
  await db.model(({ idempotencyKey }) => idempotencyKey.deleteMany({ where: { mutation, target } }));
};
