import { SignalboxError } from '../../errors.ts';
import type { Access } from '../../jobs/access.ts';
import type { Condition } from '../../jobs/filter.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import type { JobStatus } from '../../jobs/status.ts';
import { page } from '../pages.ts';
import { type ErrorRow, type JobRow, jobOfKey, readErrors, readJob, WAITING } from '../rows.ts';
import { type Sql, sql } from '../sql.ts';
import type { Idempotency, JobCount, JobOrderField, NewJob, PageOf, Selection } from '../store.ts';
import type { IdempotencyKey, Job, Stored } from '../stored.ts';
import type { Connection } from './connection.ts';
import { idsOf, jobColumn, whereOf } from './dialect.ts';
import { log } from './events.ts';
import { firstBlocker, keepHolds, refuseConflict } from './holds.ts';
import { publishFloors } from './order.ts';
import { AWAITED_NODE, UNKNOWN_TYPE } from './sessions.ts';
import { reserveDatabase } from './users.ts';
import { sees } from './visible.ts';

const seen = (access: Access) => sees(access, sql`j.user_name`);

/** Jobs with their related rows, one row each; conditions name the job `j`. Not limited to what the viewer may see. */
const jobsFor = (
  access: Access,
): Sql => sql`SELECT j.*, w.details, w.input_json, w.warnings, w.rerun_of, w.secret_paths, w.row_error, w.result, ${UNKNOWN_TYPE} AS is_unknown, ${AWAITED_NODE} AS awaited_node, s.name AS coordinator,
    u.is_admin AS owner_is_admin, ${firstBlocker(access)} AS blocker
  FROM job j JOIN job_work w ON w.job_id = j.id
  LEFT JOIN worker_session s ON s.id = j.claimed_by LEFT JOIN "user" u ON u.name = j.user_name`;

export const job = async (db: Connection, id: JobId, access: Access) => (await jobsById(db, [id], access))[0] ?? null;

export const jobsById = async (db: Connection, ids: readonly JobId[], access: Access) =>
  (
    await db.rows<JobRow>(sql`${jobsFor(access)} WHERE j.id = ANY(${idsOf(ids)}) AND ${seen(access)} ORDER BY j.id`)
  ).map(readJob);

/** The sort keys of each order, with the id as the last key if the first is not unique. */
const ORDERS: Readonly<Record<JobOrderField, readonly Sql[]>> = {
  CREATED_AT: [sql`j.id`],
  MODIFIED_AT: [sql`j.modified_at`, sql`j.id`],
  FINISHED_AT: [sql`j.finish_order`, sql`j.id`],
};

type JobPage = PageOf & { readonly orderBy: JobOrderField; readonly where: Condition };

/** A page of jobs. `head` is read before it: subscribe after it without a gap. */
export const jobs = async (db: Connection, query: JobPage, access: Access) => {
  const { head } = await log(db);
  const select = sql`${jobsFor(access)} WHERE ${seen(access)} AND ${whereOf(query.where, jobColumn)}`;
  const { rows, more } = await page<JobRow>(db, select, ORDERS[query.orderBy], query);
  return { jobs: rows.map(readJob), more, head };
};

export const jobsChangedSince = async (db: Connection, since: number, limit: number, access: Access) => {
  // Read before the jobs: a job written in between is among them, or has a greater revision.
  const { revision } = await log(db);
  const isDecided = db.order.mode === 'floor' ? sql`j.revision <= ${revision}` : sql`TRUE`;
  const rows = await db.rows<Pick<Stored<Job>, 'id' | 'revision'>>(sql`SELECT j.id, j.revision FROM job j
    WHERE j.revision > ${since} AND ${isDecided} AND ${seen(access)} ORDER BY j.revision LIMIT ${limit}`);
  return {
    ids: rows.map((row) => String(row.id)),
    revision: Math.max(since, revision, Number(rows.at(-1)?.revision ?? 0)),
  };
};

export const statusesOf = async (db: Connection, selection: Selection, limit: number, access: Access) => {
  const condition =
    'where' in selection ? whereOf(selection.where, jobColumn) : sql`j.id = ANY(${idsOf(selection.ids)})`;
  const rows = await db.rows<Pick<Stored<Job>, 'id' | 'status'>>(
    sql`SELECT j.id, j.status FROM job j WHERE ${seen(access)} AND ${condition} ORDER BY j.id LIMIT ${limit}`,
  );
  return rows.map((row) => ({ id: String(row.id), status: row.status as JobStatus }));
};

export const countJobs = async (db: Connection, access: Access, where: Condition): Promise<number | null> => {
  try {
    const [row] = await db.rows(
      sql`SELECT count(*) AS n FROM job j WHERE ${seen(access)} AND ${whereOf(where, jobColumn)}`,
    );
    return Number(row?.n ?? 0);
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'FILTER_TOO_BROAD') return null;
    throw error;
  }
};

export const countByStatus = async (db: Connection, access: Access, where: Condition): Promise<readonly JobCount[]> => {
  const rows = await db.rows<
    Pick<Job, 'type' | 'status'> & { readonly n: number }
  >(sql`SELECT j.type, j.status, count(*) AS n
    FROM job j WHERE ${seen(access)} AND ${whereOf(where, jobColumn)} GROUP BY j.type, j.status ORDER BY j.type, j.status`);
  return rows.map(({ type, status, n }) => ({
    type: type as JobCount['type'],
    status: status as JobStatus,
    count: n,
  }));
};

export const executionErrors = async (db: Connection, ids: readonly JobId[]) =>
  readErrors(
    ids,
    await db.rows<ErrorRow>(sql`SELECT job_id, at, attempt, message FROM execution_error
      WHERE job_id = ANY(${idsOf(ids)}) ORDER BY id DESC`),
  );

/** Creates a job and its first event. If the idempotency key exists, returns the existing job. */
export const createJob = async (db: Connection, job: NewJob, now: Instant) => {
  const known = job.idempotency === null ? null : await jobByKey(db, job.userName, job.idempotency);
  if (known !== null) return { id: known, created: false };
  await refuseConflict(db, job.holds);
  await publishFloors(db, 'both');
  const [row] = await db.rows<Pick<Stored<Job>, 'id'>>(sql`WITH created AS (INSERT INTO job
    (type, type_name, description, user_name, database, status, status_message, created_at, modified_at, run_at, priority,
      fraction_completed, continuous, node, schedule_id, scheduled_at, store_id)
    SELECT ${job.type}::text, ${job.typeName}::text, ${job.description}::text, ${job.userName}::text, ${job.database}::text,
      'PENDING', ${WAITING}::text, ${now}::bigint, ${now}::bigint, ${job.runAt}::bigint, ${job.priority}::int,
      ${job.continuous ? null : 0}::float8, ${job.continuous}::boolean, ${job.node ?? null}::text,
      ${job.schedule ? Number(job.schedule.id) : null}::bigint, ${job.schedule?.dueAt ?? null}::bigint, store_id FROM counters
    RETURNING id, type, type_name, user_name, database, description),
  work AS (INSERT INTO job_work (job_id, details, input_json, secret_paths, rerun_of)
    SELECT id, ${JSON.stringify(job.details)}::text, ${job.inputJson}::text, ${JSON.stringify(job.secretPaths ?? [])}::text,
      ${job.rerunOf ? Number(job.rerunOf) : null}::bigint FROM created),
  credentials AS (INSERT INTO job_credentials (job_id, secrets)
    SELECT id, ${job.secrets ?? null}::text FROM created WHERE ${job.secrets ?? null}::text IS NOT NULL),
  appended AS (INSERT INTO event
    (job_id, at, actor_kind, actor_name, token_id, type, type_name, user_name, database, description, "from", "to")
    SELECT id, ${now}::bigint, 'USER', user_name, ${job.tokenId ?? null}::text, type, type_name, user_name, database,
      description, NULL, 'PENDING' FROM created)
  SELECT id FROM created`);
  const id = String(row?.id);
  await keepHolds(db, id, job.holds);
  if (job.makes !== null) await reserveDatabase(db, id, job.makes);
  if (job.idempotency !== null) {
    const { mutation, key, inputHash } = job.idempotency;
    await db.run(sql`INSERT INTO idempotency_key (user_name, mutation, key, input_hash, job_id)
      VALUES (${job.userName}, ${mutation}, ${key}, ${inputHash}, ${Number(id)})`);
  }
  return { id, created: true };
};

export const jobByKey = async (db: Connection, userName: string, idempotency: Idempotency): Promise<JobId | null> => {
  const { mutation, key } = idempotency;
  const [row] = await db.rows<Stored<IdempotencyKey>>(
    sql`SELECT * FROM idempotency_key WHERE user_name = ${userName} AND mutation = ${mutation} AND key = ${key}`,
  );
  return jobOfKey(row ?? null, idempotency);
};
