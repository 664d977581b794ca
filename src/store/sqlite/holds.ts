import { conflict } from '../../errors.ts';
import type { Access } from '../../jobs/access.ts';
import { goTogether, HOLD_MODES, type Hold, refuseEachOther } from '../../jobs/holds.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import { HIDDEN_BLOCKER } from '../rows.ts';
import { type Connection, raw, type Sql, sql } from './client.ts';
import { sees } from './visible.ts';

/** Pairs of modes, as an SQL condition on the holds `one` and `other`. */
const pairs = (wanted: typeof goTogether) =>
  raw(
    HOLD_MODES.flatMap((one) =>
      HOLD_MODES.filter((other) => wanted(one, other)).map(
        (other) => `(one.mode = '${one}' AND other.mode = '${other}')`,
      ),
    ).join(' OR '),
  );
const CONFLICT = pairs((one, other) => !goTogether(one, other));

/**
 * The jobs `k` that hold what the job `j` waits for: those that have started, and those that came before it and also
 * wait, unless they are scheduled for later. Only a job that has never started waits.
 */
const blockersAt = (
  now: Sql,
): Sql => sql`JobHold one JOIN JobHold other ON other.resource = one.resource AND other.jobId <> one.jobId
  JOIN Job k ON k.id = other.jobId
  WHERE one.jobId = j.id AND one.mode <> 'count' AND (${CONFLICT}) AND (k.startedAt IS NOT NULL
    OR (k.status = 'PENDING' AND k.id < j.id AND (k.runAt IS NULL OR k.runAt <= ${now})))`;

/** Readers have no other clock. */
const CLOCK = sql`(unixepoch('subsec') * 1000)`;
const BLOCKERS = blockersAt(CLOCK);

/** The condition that a job `j` waits for another job. */
export const blockedAt = (now: Instant): Sql =>
  sql`(j.startedAt IS NULL AND EXISTS (SELECT 1 FROM ${blockersAt(sql`${now}`)}))`;

/**
 * The first job that `j` waits for, to name it; HIDDEN_BLOCKER if it waits only for jobs that the viewer may not see;
 * null if it waits for none.
 */
export const firstBlocker = (access: Access): Sql => sql`(CASE WHEN j.status = 'PENDING' AND j.startedAt IS NULL
  THEN (SELECT min(CASE WHEN ${sees(access, sql`k.userName`)} THEN k.id ELSE ${HIDDEN_BLOCKER} END)
    FROM ${BLOCKERS}) END)`;

/** The jobs that each of these waits for. */
export const blockers = async (
  db: Connection,
  ids: readonly JobId[],
): Promise<Readonly<Record<JobId, readonly JobId[]>>> => {
  const rows = await db.rows(sql`SELECT DISTINCT j.id, k.id AS blocker FROM Job j, ${BLOCKERS}
    AND j.id IN (SELECT value FROM json_each(${JSON.stringify(ids.map(Number))}))
    AND j.startedAt IS NULL AND j.status = 'PENDING' ORDER BY k.id`);
  const byJob: Record<JobId, JobId[]> = Object.fromEntries(ids.map((id) => [id, []]));
  for (const row of rows) byJob[String(row.id)]?.push(String(row.blocker));
  return byJob;
};

/** Throws if a live job is already creating the object that the new job would create. */
export const refuseConflict = async (db: Connection, holds: readonly Hold[]): Promise<void> => {
  for (const { resource, mode, label } of holds) {
    const rows = await db.rows(sql`SELECT jobId, mode FROM JobHold WHERE resource = ${resource} ORDER BY jobId`);
    const holder = rows.find((row) => refuseEachOther(row.mode as Hold['mode'], mode))?.jobId;
    if (holder !== undefined) throw conflict(`job ${holder} already makes table ${label}`, { jobId: String(holder) });
  }
};

export const keepHolds = async (db: Connection, id: JobId, holds: readonly Hold[]): Promise<void> => {
  for (const { resource, mode } of holds) {
    await db.run(sql`INSERT INTO JobHold (jobId, resource, mode) VALUES (${Number(id)}, ${resource}, ${mode})`);
  }
};
