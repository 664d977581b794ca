/** Runs of schedules: which are due, and what a run makes of its schedule. */
import type { Instant, JobId } from '../../jobs/job.ts';
import type { ScheduleId } from '../../jobs/schedule.ts';
import type { NewJob } from '../records.ts';
import { DUE_AT_ONCE, type DueRow, jobColumns, passedColumns, readDue, startedColumns } from '../schedule-rows.ts';
import type { PassedRun, RunOf, StartedRun } from '../schedules.ts';
import { type Sql, sql } from '../sql.ts';
import type { By } from '../store.ts';
import { record } from './audit.ts';
import type { Connection } from './connection.ts';
import { idsOf } from './dialect.ts';
import { createJob } from './jobs.ts';
import { assigned } from './schedules.ts';

const LIVE_JOB = sql`(SELECT j.id FROM job j WHERE j.id = s.last_job_id AND j.finished_at IS NULL)`;

/** @param now the time as an expression: servers of a store agree on its clock */
export const dueSchedules = async (db: Connection, node: string | null, now: Sql, except: readonly ScheduleId[]) => {
  const [clock] = await db.rows<{ readonly at: number }>(sql`SELECT ${now} AS at`);
  const at = Number(clock?.at);
  const isMine = sql`(s.node IS NULL OR s.node = ${node}::text) AND NOT s.paused`;
  const rows = await db.rows<DueRow>(sql`SELECT s.*, ${LIVE_JOB} AS live_job_id FROM schedule s
    WHERE ${isMine} AND s.id <> ALL(${idsOf(except)}) AND (s.next_run_at <= ${at}::bigint OR (s.queued_at IS NOT NULL AND ${LIVE_JOB} IS NULL))
    ORDER BY s.next_run_at, s.id LIMIT ${DUE_AT_ONCE}`);
  const [next] = await db.rows<{ readonly nextAt: number | null }>(
    sql`SELECT min(next_run_at) AS next_at FROM schedule s WHERE next_run_at > ${at}::bigint AND ${isMine}`,
  );
  return { at, due: rows.map(readDue), nextInMs: next?.nextAt == null ? null : Number(next.nextAt) - at };
};

/** A run of this time was made already. */
const isMade = async (db: Connection, { scheduleId }: RunOf, dueAt: Instant): Promise<boolean> => {
  const made = await db.rows(
    sql`SELECT id FROM job WHERE schedule_id = ${Number(scheduleId)} AND scheduled_at = ${dueAt}::bigint`,
  );
  return made.length > 0;
};

/** The schedule is as it was when it was read. */
const unchanged = ({ scheduleId, version, runs, nextRunAt, queuedAt }: RunOf) => sql`id = ${Number(scheduleId)}
  AND version = ${version} AND runs = ${runs} AND next_run_at IS NOT DISTINCT FROM ${nextRunAt}::bigint
  AND queued_at IS NOT DISTINCT FROM ${queuedAt}::bigint`;

export const startRun = async (
  db: Connection,
  run: RunOf,
  started: StartedRun,
  job: NewJob,
  now: Instant,
  by?: By,
): Promise<JobId | null> => {
  if (started.dueAt !== null && (await isMade(db, run, started.dueAt))) {
    await passRun(db, run, { ...started, error: null, isAttempt: false }, now);
    return null;
  }
  const changed = await db.run(sql`UPDATE schedule AS s SET ${assigned(startedColumns(started, run.runs, now))}
    WHERE ${unchanged(run)} AND ${LIVE_JOB} IS NULL`);
  if (changed === 0) return null;
  const { scheduleId } = run;
  const { id } = await createJob(db, { ...job, schedule: { id: scheduleId, dueAt: started.dueAt } }, now);
  await db.run(sql`UPDATE schedule SET ${assigned(jobColumns(started, id))} WHERE id = ${Number(scheduleId)}`);
  await record(db, { action: 'runSchedule', target: scheduleId, after: { jobId: id } }, by);
  return id;
};

export const passRun = async (db: Connection, run: RunOf, passed: PassedRun, now: Instant): Promise<boolean> => {
  const columns = passedColumns(passed, now);
  return (await db.run(sql`UPDATE schedule SET ${assigned(columns)} WHERE ${unchanged(run)}`)) > 0;
};
