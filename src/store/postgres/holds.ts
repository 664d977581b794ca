import { conflict } from '../../errors.ts';
import type { Access } from '../../jobs/access.ts';
import { goTogether, HOLD_MODES, type Hold, refuseEachOther } from '../../jobs/holds.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import { HIDDEN_BLOCKER } from '../rows.ts';
import { raw, type Sql, sql } from '../sql.ts';
import type { Connection } from './connection.ts';
import { idsOf } from './dialect.ts';
import { sees } from './visible.ts';

/** Modes that conflict, as a condition on the holds `one` and `other`. */
const CONFLICT = raw(
  HOLD_MODES.flatMap((one) =>
    HOLD_MODES.filter((other) => !goTogether(one, other)).map((other) => `('${one}', '${other}')`),
  ).join(', '),
);

/**
 * The jobs `k` that hold what the job `j` waits for: those that have started, and those that came before it and also
 * wait, unless they are scheduled for later. Only a job that has never started waits.
 */
const blockersAt = (now: Sql): Sql => sql`job_hold one
  JOIN job_hold other ON other.resource = one.resource AND other.job_id <> one.job_id JOIN job k ON k.id = other.job_id
  WHERE one.job_id = j.id AND one.mode <> 'count' AND (one.mode, other.mode) IN (${CONFLICT}) AND (k.started_at IS NOT NULL
    OR (k.status = 'PENDING' AND k.id < j.id AND (k.run_at IS NULL OR k.run_at <= ${now})))`;

/** The database's own clock, in milliseconds. */
export const CLOCK = sql`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
const BLOCKERS = blockersAt(CLOCK);

/** The condition that a job `j` waits for another job. */
export const blockedAt = (now: Instant): Sql =>
  sql`(j.started_at IS NULL AND EXISTS (SELECT 1 FROM ${blockersAt(sql`${now}::bigint`)}))`;

/**
 * The first job that `j` waits for, to name it; HIDDEN_BLOCKER if it waits only for jobs that the viewer may not see;
 * null if it waits for none.
 */
export const firstBlocker = (access: Access): Sql => sql`(CASE WHEN j.status = 'PENDING' AND j.started_at IS NULL
  THEN (SELECT min(CASE WHEN ${sees(access, sql`k.user_name`)} THEN k.id ELSE ${HIDDEN_BLOCKER}::bigint END)
    FROM ${BLOCKERS}) END)`;

/** The jobs that each of these waits for. */
export const blockers = async (
  db: Connection,
  ids: readonly JobId[],
): Promise<Readonly<Record<JobId, readonly JobId[]>>> => {
  const rows = await db.rows<{
    readonly id: number;
    readonly blocker: number;
  }>(sql`SELECT DISTINCT j.id, b.id AS blocker
    FROM job j CROSS JOIN LATERAL (SELECT k.id FROM ${BLOCKERS}) b
    WHERE j.id = ANY(${idsOf(ids)}) AND j.started_at IS NULL AND j.status = 'PENDING' ORDER BY b.id`);
  const byJob: Record<JobId, JobId[]> = Object.fromEntries(ids.map((id) => [id, []]));
  for (const row of rows) byJob[String(row.id)]?.push(String(row.blocker));
  return byJob;
};

/** Throws if a live job is already creating the object that the new job would create. */
export const refuseConflict = async (db: Connection, holds: readonly Hold[]): Promise<void> => {
  if (holds.length === 0) return;
  const held = await db.rows<Pick<Hold, 'resource' | 'mode'> & { readonly jobId: number }>(
    sql`SELECT job_id, resource, mode FROM job_hold WHERE resource = ANY(${holds.map(({ resource }) => resource)}::text[]) ORDER BY job_id`,
  );
  for (const { resource, mode, label } of holds) {
    const holder = held.find((row) => row.resource === resource && refuseEachOther(row.mode, mode))?.jobId;
    if (holder !== undefined) throw conflict(`job ${holder} already makes table ${label}`, { jobId: String(holder) });
  }
};

export const keepHolds = async (db: Connection, id: JobId, holds: readonly Hold[]): Promise<void> => {
  if (holds.length === 0) return;
  await db.run(sql`INSERT INTO job_hold (job_id, resource, mode) SELECT ${Number(id)}::bigint, h.resource, h.mode
    FROM unnest(${holds.map(({ resource }) => resource)}::text[], ${holds.map(({ mode }) => mode)}::text[]) AS h(resource, mode)`);
};

/** Any number that other programs on the same database are unlikely to use; with the hash of a resource, a key. */
export const RESOURCE_LOCKS = 1_397_640_013;
