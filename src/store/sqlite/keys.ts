/** The secret that servers share, and the hashes of inputs that depend on it. */
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
