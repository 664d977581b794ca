import type { Access } from '../../jobs/access.ts';
import { type Sql, sql } from './client.ts';
import { firstBlocker } from './holds.ts';
import { UNKNOWN_TYPE } from './sessions.ts';

/** Jobs with their related rows, one row each; conditions name the job `j`. Not limited to what the viewer may see. */
export const jobsFor = (
  access: Access,
): Sql => sql`SELECT j.*, w.details, w.inputJson, w.warnings, w.rerunOf, w.secretPaths, w.rowError, w.result, ${UNKNOWN_TYPE} AS isUnknown, s.name AS coordinator,
    u.isAdmin AS ownerIsAdmin, ${firstBlocker(access)} AS blocker
  FROM Job j JOIN JobWork w ON w.jobId = j.id
  LEFT JOIN WorkerSession s ON s.id = j.claimedBy LEFT JOIN User u ON u.name = j.userName`;
