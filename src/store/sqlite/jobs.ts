import { conflict, idempotencyConflict } from '../../errors.ts';
import type { Access } from '../../jobs/access.ts';
import type { ExecutionError, Instant, JobId } from '../../jobs/job.ts';
import type { NewJob, PageOf } from '../store.ts';
import { type Connection, sql } from './client.ts';
import { head } from './events.ts';
import { page } from './page.ts';
import { JOBS, read, readJob, sees } from './rows.ts';

const seen = (access: Access) => sees(access, sql`j.userName`);

export const job = async (db: Connection, id: JobId, access: Access) => (await jobsById(db, [id], access))[0] ?? null;

export const jobsById = async (db: Connection, ids: readonly JobId[], access: Access) => {
  const wanted = JSON.stringify(ids.map(Number));
  return (await db.rows(sql`${JOBS} WHERE j.id IN (SELECT value FROM json_each(${wanted})) AND ${seen(access)}`)).map(
    readJob,
  );
};

/** A page by id, which is the order of creation. `head` is read before the page: subscribe after it without a gap. */
export const jobs = async (db: Connection, wanted: PageOf<JobId>, access: Access) => {
  const before = await head(db);
  const { rows, more } = await page(db, sql`${JOBS} WHERE ${seen(access)}`, sql`j.id`, wanted);
  return { jobs: rows.map(readJob), more, head: before };
};

export const countJobs = async (db: Connection, access: Access) => {
  const rows = await db.rows(sql`SELECT count(*) AS n FROM Job j WHERE ${seen(access)}`);
  return Number(rows[0]?.n ?? 0);
};

export const executionErrors = async (db: Connection, ids: readonly JobId[]) => {
  const rows = await db.rows(sql`SELECT jobId, at, attempt, message FROM ExecutionError
    WHERE jobId IN (SELECT value FROM json_each(${JSON.stringify(ids.map(Number))})) ORDER BY id DESC`);
  const byJob: Record<JobId, ExecutionError[]> = Object.fromEntries(ids.map((id) => [id, []]));
  for (const row of rows) {
    byJob[String(row.jobId)]?.push({
      at: read.instant(row.at),
      attempt: read.number(row.attempt),
      message: read.text(row.message),
    });
  }
  return byJob;
};

/** A job and its first event. The same idempotency key answers with the job that is there. */
export const createJob = async (db: Connection, job: NewJob, now: Instant) => {
  const known = await knownByKey(db, job);
  if (known !== null) return { id: known, created: false };
  await refuseConflict(db, job);
  const id = await nextJobId(db, now);
  await db.run(sql`INSERT INTO Job
    (id, type, typeName, description, userName, database, status, statusMessage, createdAt, modifiedAt, fractionCompleted, endless, holds, revision)
    SELECT ${Number(id)}, ${job.type}, ${job.typeName}, ${job.description}, ${job.userName}, ${job.database}, 'PENDING',
      'waiting for a worker', ${now}, ${now}, ${job.endless ? null : 0}, ${job.endless}, ${job.holds}, lastRevision FROM Counters`);
  await db.run(sql`INSERT INTO JobWork (jobId, details) VALUES (${Number(id)}, ${JSON.stringify(job.details)})`);
  await db.run(sql`INSERT INTO Event
    (jobId, at, actorKind, actorName, type, typeName, userName, database, description, "from", "to")
    VALUES (${Number(id)}, ${now}, 'USER', ${job.userName}, ${job.type}, ${job.typeName}, ${job.userName}, ${job.database},
      ${job.description}, NULL, 'PENDING')`);
  if (job.idempotency !== null) {
    const { mutation, key, inputHash } = job.idempotency;
    await db.run(sql`INSERT INTO IdempotencyKey (userName, mutation, key, inputHash, jobId)
      VALUES (${job.userName}, ${mutation}, ${key}, ${inputHash}, ${Number(id)})`);
  }
  return { id, created: true };
};

const knownByKey = async (db: Connection, job: NewJob): Promise<JobId | null> => {
  if (job.idempotency === null) return null;
  const { mutation, key, inputHash } = job.idempotency;
  const rows = await db.rows(sql`SELECT inputHash, jobId FROM IdempotencyKey
    WHERE userName = ${job.userName} AND mutation = ${mutation} AND key = ${key}`);
  const row = rows[0];
  if (row === undefined) return null;
  if (row.inputHash !== inputHash) {
    throw idempotencyConflict(`idempotencyKey ${JSON.stringify(key)} was used with another input for job ${row.jobId}`);
  }
  return String(row.jobId);
};

const refuseConflict = async (db: Connection, job: NewJob) => {
  if (job.holds === null) return;
  const rows = await db.rows(sql`SELECT id FROM Job WHERE holds = ${job.holds}`);
  const holder = rows[0]?.id;
  if (holder !== undefined) throw conflict(`job ${holder} already makes ${job.holds}`, { jobId: String(holder) });
};

/** Grows with time: 128 places for each millisecond since 2020, and always past the one before. */
const nextJobId = async (db: Connection, now: Instant): Promise<JobId> => {
  const byClock = (now - Date.UTC(2020, 0)) * 128;
  const rows =
    await db.rows(sql`UPDATE Counters SET lastJobId = max(lastJobId + 1, ${byClock}), lastRevision = lastRevision + 1
    RETURNING lastJobId`);
  return String(rows[0]?.lastJobId);
};
