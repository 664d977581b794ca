/** The traces of a failed attempt: its error, among the last few, and the wait before the next attempt. */
import { cutText } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import { type Retry, waitMs } from '../../jobs/retry.ts';
import { type Connection, type Sql, sql } from './client.ts';

const KEPT = 10;
/** After this many failures the wait no longer grows. */
const LONGEST = 12;

/** Adds an error to each job in Chosen, for its current attempt. */
export const keepErrors = async (db: Connection, message: string, now: Instant): Promise<void> => {
  await db.run(sql`INSERT INTO ExecutionError (jobId, at, attempt, message)
    SELECT j.id, ${now}, j.attempts + 1, ${cutText(message)} FROM Chosen c JOIN Job j ON j.id = c.id`);
  await db.run(sql`DELETE FROM ExecutionError WHERE id IN (SELECT id FROM (
    SELECT e.id, row_number() OVER (PARTITION BY e.jobId ORDER BY e.id DESC) AS position
    FROM Chosen c JOIN ExecutionError e ON e.jobId = c.id) WHERE position > ${KEPT})`);
};

/**
 * When a job is tried again that has failed `attempts` times before, and now once more. Jitter is computed outside of
 * SQL.
 */
export const nextAttemptAt = (retry: Retry, now: Instant): Sql => {
  const waits = Array.from({ length: LONGEST }, (_, failures) => waitMs(failures + 1, retry));
  return sql`${now} + (SELECT value FROM json_each(${JSON.stringify(waits)}) WHERE key = min(attempts, ${LONGEST - 1}))`;
};
