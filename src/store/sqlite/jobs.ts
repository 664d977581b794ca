import { SignalboxError } from '../../errors.ts';
import type { Access } from '../../jobs/access.ts';
import type { Condition } from '../../jobs/filter.ts';
import type { Instant, JobId } from '../../jobs/job.ts';
import type { JobStatus } from '../../jobs/status.ts';
import { page } from '../pages.ts';
import { type ErrorRow, type JobRow, jobOfKey, readErrors, readJob, WAITING } from '../rows.ts';
import type { Idempotency, JobCount, JobOrderField, NewJob, PageOf, Selection } from '../store.ts';
import type { Job } from './client/client.ts';
import { type Connection, type Sql, sql } from './client.ts';
import { head, log } from './events.ts';
import { keepHolds, refuseConflict } from './holds.ts';
import { nextJobId } from './numbers.ts';
import { jobsFor } from './rows.ts';
import { reserveDatabase } from './users.ts';
import { sees } from './visible.ts';
import { filtered, jobColumn, READ_MS } from './where.ts';

const seen = (access: Access) => sees(access, sql`j.userName`);

export const job = async (db: Connection, id: JobId, access: Access) => (await jobsById(db, [id], access))[0] ?? null;

export const jobsById = async (db: Connection, ids: readonly JobId[], access: Access) => {
  const idList = JSON.stringify(ids.map(Number));
  return (
    await db.rows<JobRow>(
      sql`${jobsFor(access)} WHERE j.id IN (SELECT value FROM json_each(${idList})) AND ${seen(access)}`,
    )
  ).map(readJob);
};

/** The sort keys of each order, with the id as the last key if the first is not unique. */
const ORDERS: Readonly<Record<JobOrderField, readonly Sql[]>> = {
  CREATED_AT: [sql`j.id`],
  MODIFIED_AT: [sql`j.modifiedAt`, sql`j.id`],
  FINISHED_AT: [sql`j.finishOrder`, sql`j.id`],
};

type JobPage = PageOf & { readonly orderBy: JobOrderField; readonly where: Condition };

/** A page of jobs. `head` is read before it: subscribe after it without a gap. */
export const jobs = async (db: Connection, query: JobPage, access: Access) => {
  const before = await head(db);
  db.limit(READ_MS);
  const select = sql`${jobsFor(access)} WHERE ${seen(access)} AND ${filtered(query.where, jobColumn)}`;
  const { rows, more } = await page<JobRow>(db, select, ORDERS[query.orderBy], query);
  return { jobs: rows.map(readJob), more, head: before };
};

/**
 * `+` makes SQLite use the index on the revision: the index on the user name would read all jobs that the user ever
 * created.
 */
export const jobsChangedSince = async (db: Connection, since: number, limit: number, access: Access) => {
  // Read before the jobs: a job written in between is among them, or has a greater revision.
  const { revision } = await log(db);
  const rows = await db.rows<Pick<Job, 'id' | 'revision'>>(sql`SELECT j.id, j.revision FROM Job j
    WHERE j.revision > ${since} AND ${sees(access, sql`+j.userName`)} ORDER BY j.revision LIMIT ${limit}`);
  return {
    ids: rows.map((row) => String(row.id)),
    revision: Math.max(since, revision, Number(rows.at(-1)?.revision ?? 0)),
  };
};

export const statusesOf = async (db: Connection, selection: Selection, limit: number, access: Access) => {
  db.limit(READ_MS);
  const condition =
    'where' in selection
      ? filtered(selection.where, jobColumn)
      : sql`j.id IN (SELECT value FROM json_each(${JSON.stringify(selection.ids.map(Number))}))`;
  const rows = await db.rows<Pick<Job, 'id' | 'status'>>(
    sql`SELECT j.id, j.status FROM Job j WHERE ${seen(access)} AND ${condition} ORDER BY j.id LIMIT ${limit}`,
  );
  return rows.map((row) => ({ id: String(row.id), status: row.status as JobStatus }));
};

export const countJobs = async (db: Connection, access: Access, where: Condition): Promise<number | null> => {
  db.limit(READ_MS);
  try {
    const rows = await db.rows(
      sql`SELECT count(*) AS n FROM Job j WHERE ${seen(access)} AND ${filtered(where, jobColumn)}`,
    );
    return Number(rows[0]?.n ?? 0);
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'FILTER_TOO_BROAD') return null;
    throw error;
  }
};

export const countByStatus = async (db: Connection, access: Access, where: Condition): Promise<readonly JobCount[]> => {
  db.limit(READ_MS);
  const rows = await db.rows<
    Pick<Job, 'type' | 'status'> & { readonly n: bigint }
  >(sql`SELECT j.type, j.status, count(*) AS n FROM Job j
    WHERE ${seen(access)} AND ${filtered(where, jobColumn)} GROUP BY j.type, j.status ORDER BY j.type, j.status`);
  return rows.map((row) => ({
    type: row.type as JobCount['type'],
    status: row.status as JobStatus,
    count: Number(row.n),
  }));
};

export const executionErrors = async (db: Connection, ids: readonly JobId[]) => {
  const rows = await db.rows<ErrorRow>(sql`SELECT jobId, at, attempt, message FROM ExecutionError
    WHERE jobId IN (SELECT value FROM json_each(${JSON.stringify(ids.map(Number))})) ORDER BY id DESC`);
  return readErrors(ids, rows);
};

/** Creates a job and its first event. If the idempotency key exists, returns the existing job. */
export const createJob = async (db: Connection, job: NewJob, now: Instant) => {
  const known = job.idempotency === null ? null : await jobByKey(db, job.userName, job.idempotency);
  if (known !== null) return { id: known, created: false };
  await refuseConflict(db, job.holds);
  const id = await nextJobId(db, now);
  await db.run(sql`INSERT INTO Job
    (id, type, typeName, description, userName, database, status, statusMessage, createdAt, modifiedAt, runAt, priority,
      fractionCompleted, continuous, scheduleId, scheduledAt, storeId, revision)
    SELECT ${Number(id)}, ${job.type}, ${job.typeName}, ${job.description}, ${job.userName}, ${job.database}, 'PENDING',
      ${WAITING}, ${now}, ${now}, ${job.runAt}, ${job.priority}, ${job.continuous ? null : 0}, ${job.continuous},
      ${job.schedule ? Number(job.schedule.id) : null}, ${job.schedule?.dueAt ?? null}, storeId, lastRevision FROM Counters`);
  await db.run(sql`INSERT INTO JobWork (jobId, details, inputJson, secretPaths, rerunOf)
    VALUES (${Number(id)}, ${JSON.stringify(job.details)}, ${job.inputJson}, ${JSON.stringify(job.secretPaths ?? [])},
      ${job.rerunOf ? Number(job.rerunOf) : null})`);
  if (job.secrets !== undefined) {
    await db.run(sql`INSERT INTO JobCredentials (jobId, secrets) VALUES (${Number(id)}, ${job.secrets})`);
  }
  await db.run(sql`INSERT INTO Event
    (jobId, at, actorKind, actorName, tokenId, type, typeName, userName, database, description, "from", "to")
    VALUES (${Number(id)}, ${now}, 'USER', ${job.userName}, ${job.tokenId ?? null}, ${job.type}, ${job.typeName}, ${job.userName}, ${job.database},
      ${job.description}, NULL, 'PENDING')`);
  await keepHolds(db, id, job.holds);
  if (job.makes !== null) await reserveDatabase(db, id, job.makes);
  if (job.idempotency !== null) {
    const data = { ...job.idempotency, userName: job.userName, jobId: BigInt(id) };
    await db.model(({ idempotencyKey }) => idempotencyKey.create({ data }));
  }
  return { id, created: true };
};

export const jobByKey = async (db: Connection, userName: string, idempotency: Idempotency): Promise<JobId | null> => {
  const { mutation, key } = idempotency;
  const where = { userName_mutation_key: { userName, mutation, key } };
  const row = await db.model(({ idempotencyKey }) => idempotencyKey.findUnique({ where }));
  return jobOfKey(row, idempotency);
};
