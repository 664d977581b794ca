import type { Instant, JobId } from '../../jobs/job.ts';
import type { Counters } from './client/client.ts';
import { type Connection, sql } from './client.ts';

/** An id of a job or a schedule. It grows with time: 128 ids for each millisecond since 2020, and always greater than the previous id. */
export const nextJobId = async (db: Connection, now: Instant): Promise<JobId> => {
  const byClock = (now - Date.UTC(2020, 0)) * 128;
  const rows = await db.rows<
    Pick<Counters, 'lastJobId'>
  >(sql`UPDATE Counters SET lastJobId = max(lastJobId + 1, ${byClock}), lastRevision = lastRevision + 1
    RETURNING lastJobId`);
  return String(rows[0]?.lastJobId);
};
