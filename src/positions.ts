/**
 * The position of a job, kept in the author's own database. Where it is saved in the transaction of the work, the work is
 * done exactly once, whatever happens between that database and the server. The epoch is kept next to it: a worker whose
 * claim was taken over finds a greater one, and its transaction fails.
 *
 *     const position = sqlitePosition<{ after: number }>(database, work);
 *     let after = position.begin()?.after ?? 0;
 *     …
 *     database.transaction(() => {
 *       insert(rows);
 *       position.save({ after });
 *     })();
 */
import type { DefinedWork } from './jobs/definition.ts';
import type { Json } from './jobs/json.ts';
import { Fenced } from './jobs/kind.ts';

type Claim = Pick<DefinedWork<unknown, Json>, 'jobId' | 'epoch'>;

/** A database of better-sqlite3 or node:sqlite. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: (string | number)[]): unknown;
    run(...values: (string | number)[]): { readonly changes: number | bigint };
  };
}

/** A client of pg, or one that a pool has lent. A pool itself would send each statement over another connection. */
export interface PostgresClient {
  query(
    sql: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number | null }>;
}

export interface SqlitePosition<C extends Json> {
  /**
   * The position, or null before the first one. Call it before any work: from then on, no older claim of the job saves.
   * @throws Fenced if a newer claim has begun
   */
  begin(): C | null;
  /** Call it in the transaction of the work. @throws Fenced if a newer claim has begun: roll back */
  save(position: C): void;
  /** Forgets the job. Call it in the last transaction, or when the work is undone. */
  remove(): void;
}

export interface PostgresPosition<C extends Json> {
  /** As of `SqlitePosition`. */
  begin(): Promise<C | null>;
  save(position: C): Promise<void>;
  remove(): Promise<void>;
}

const NEWER = 'a newer claim of the job has begun';

/** The table `signalbox_position` is created if it does not exist. */
export const sqlitePosition = <C extends Json>(
  database: SqliteDatabase,
  { jobId, epoch }: Claim,
): SqlitePosition<C> => ({
  begin: () => {
    database.exec(`CREATE TABLE IF NOT EXISTS signalbox_position
      (job_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, position TEXT) STRICT`);
    const row = database
      .prepare(
        `INSERT INTO signalbox_position (job_id, epoch) VALUES (?, ?)
         ON CONFLICT (job_id) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch >= epoch RETURNING position`,
      )
      .get(jobId, epoch);
    return positionIn<C>(row);
  },
  save: (position) => {
    const { changes } = database
      .prepare('UPDATE signalbox_position SET position = ? WHERE job_id = ? AND epoch = ?')
      .run(JSON.stringify(position), jobId, epoch);
    if (Number(changes) === 0) throw new Fenced(NEWER);
  },
  remove: () => {
    database.prepare('DELETE FROM signalbox_position WHERE job_id = ? AND epoch = ?').run(jobId, epoch);
  },
});

/** The table `signalbox_position` is created, in the first schema of the search path, if it does not exist. */
export const postgresPosition = <C extends Json>(
  client: PostgresClient,
  { jobId, epoch }: Claim,
): PostgresPosition<C> => ({
  begin: async () => {
    // Two jobs that create the table at the same time would disturb each other.
    const [known] = (await client.query("SELECT to_regclass('signalbox_position') AS name")).rows;
    if ((known as { readonly name: string | null }).name === null) {
      await client.query(`DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('signalbox_position'));
        CREATE TABLE IF NOT EXISTS signalbox_position (job_id text PRIMARY KEY, epoch bigint NOT NULL, position text);
      END $$`);
    }
    const { rows } = await client.query(
      `INSERT INTO signalbox_position AS p (job_id, epoch) VALUES ($1, $2)
       ON CONFLICT (job_id) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch >= p.epoch RETURNING position`,
      [jobId, epoch],
    );
    return positionIn<C>(rows[0]);
  },
  save: async (position) => {
    const { rowCount } = await client.query(
      'UPDATE signalbox_position SET position = $1 WHERE job_id = $2 AND epoch = $3',
      [JSON.stringify(position), jobId, epoch],
    );
    if (rowCount === 0) throw new Fenced(NEWER);
  },
  remove: async () => {
    await client.query('DELETE FROM signalbox_position WHERE job_id = $1 AND epoch = $2', [jobId, epoch]);
  },
});

/** @throws Fenced without a row: the condition of the upsert did not hold */
const positionIn = <C extends Json>(row: unknown): C | null => {
  if (row === undefined || row === null) throw new Fenced(NEWER);
  const { position } = row as { readonly position: string | null };
  return position === null ? null : (JSON.parse(position) as C);
};
