/** Runs of schedules: which are due, and what a run makes of its schedule. */
import type { Instant, JobId } from '../../jobs/job.ts';
import type { ScheduleId } from '../../jobs/schedule.ts';
import type { NewJob } from '../records.ts';
import { DUE_AT_ONCE, type DueRow, jobColumns, passedColumns, readDue, startedColumns } from '../schedule-rows.ts';
import type { PassedRun, RunOf, StartedRun } from '../schedules.ts';
import type { By } from '../store.ts';
import { record } from './audit.ts';
import { type Connection, sql } from './client.ts';
import { createJob } from './jobs.ts';
import { assigned } from './schedules.ts';

const LIVE_JOB = sql`(SELECT j.id FROM Job j WHERE j.id = s.lastJobId AND j.finishedAt IS NULL)`;

/** The embedded store has one server, which can run everything. */
export const dueSchedules = async (
  db: Connection,
  _node: string | null,
  now: Instant,
  except: readonly ScheduleId[],
) => {
  const exceptIds = JSON.stringify(except.map(Number));
  const rows = await db.rows<DueRow>(sql`SELECT s.*, ${LIVE_JOB} AS liveJobId FROM Schedule s
    WHERE NOT s.paused AND s.id NOT IN (SELECT value FROM json_each(${exceptIds}))
      AND (s.nextRunAt <= ${now} OR (s.queuedAt IS NOT NULL AND ${LIVE_JOB} IS NULL))
    ORDER BY s.nextRunAt, s.id LIMIT ${DUE_AT_ONCE}`);
  const [next] = await db.rows<{ readonly at: bigint | number | null }>(
    sql`SELECT CAST(min(nextRunAt) AS INTEGER) AS at FROM Schedule WHERE nextRunAt > ${now} AND NOT paused`,
  );
  return { at: now, due: rows.map(readDue), nextInMs: next?.at == null ? null : Number(next.at) - now };
};

/** A run of this time was made already. */
const isMade = async (db: Connection, { scheduleId }: RunOf, dueAt: Instant): Promise<boolean> => {
  const made = await db.rows(
    sql`SELECT id FROM Job WHERE scheduleId = ${Number(scheduleId)} AND scheduledAt = ${dueAt}`,
  );
  return made.length > 0;
};

/** The schedule is as it was when it was read. */
const unchanged = ({ scheduleId, version, runs, nextRunAt, queuedAt }: RunOf) => sql`id = ${Number(scheduleId)}
  AND version = ${version} AND runs = ${runs} AND nextRunAt IS ${nextRunAt} AND queuedAt IS ${queuedAt}`;

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
  const changed = await db.run(sql`UPDATE Schedule AS s SET ${assigned(startedColumns(started, run.runs, now))}
    WHERE ${unchanged(run)} AND ${LIVE_JOB} IS NULL`);
  if (changed === 0) return null;
  const { scheduleId } = run;
  const { id } = await createJob(db, { ...job, schedule: { id: scheduleId, dueAt: started.dueAt } }, now);
  await db.run(sql`UPDATE Schedule SET ${assigned(jobColumns(started, id))} WHERE id = ${Number(scheduleId)}`);
  await record(db, { action: 'runSchedule', target: scheduleId, after: { jobId: id } }, by);
  return id;
};

export const passRun = async (db: Connection, run: RunOf, passed: PassedRun, now: Instant): Promise<boolean> => {
  const columns = passedColumns(passed, now);
  return (await db.run(sql`UPDATE Schedule SET ${assigned(columns)} WHERE ${unchanged(run)}`)) > 0;
};
