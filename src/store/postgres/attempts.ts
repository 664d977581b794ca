/** The traces of a failed attempt: its error, among the last few, and the wait before the next attempt. */
import { cutText } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import { type Retry, waitMs } from '../../jobs/retry.ts';
import { type Sql, sql } from '../sql.ts';
import type { Connection } from './connection.ts';
import type { Chosen } from './moves.ts';

const KEPT = 10;
/** After this many failures the wait no longer grows. */
const LONGEST = 12;

/** Adds an error to each chosen job, for its current attempt. */
export const keepErrors = async (db: Connection, { from }: Chosen, message: string, now: Instant): Promise<void> => {
  await db.run(sql`INSERT INTO execution_error (job_id, at, attempt, message)
    SELECT j.id, ${now}::bigint, j.attempts + 1, ${cutText(message)}::text FROM ${from} JOIN job j ON j.id = c.id`);
  await db.run(sql`DELETE FROM execution_error WHERE id IN (SELECT id FROM (
    SELECT e.id, row_number() OVER (PARTITION BY e.job_id ORDER BY e.id DESC) AS position
    FROM ${from} JOIN execution_error e ON e.job_id = c.id) AS numbered WHERE position > ${KEPT}::bigint)`);
};

/**
 * When a job is tried again that has failed `attempts` times before, and now once more. Jitter is computed outside of
 * SQL.
 */
export const nextAttemptAt = (retry: Retry, now: Instant): Sql => {
  const waits = Array.from({ length: LONGEST }, (_, failures) => waitMs(failures + 1, retry));
  return sql`${now}::bigint + (${waits}::bigint[])[least(attempts, ${LONGEST - 1}::int) + 1]`;
};
