/** The secret that servers share, and the hashes of inputs that depend on it. */
import { sql } from '../sql.ts';
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
