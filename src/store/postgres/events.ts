import type { Access } from '../../jobs/access.ts';
import { type Condition, EVERYTHING } from '../../jobs/filter.ts';
import type { EventCursor, JobEvent, JobId } from '../../jobs/job.ts';
import { keysBetween, page, withinLog } from '../pages.ts';
import { readEvent } from '../rows.ts';
import { type Sql, sql } from '../sql.ts';
import type { PageOf } from '../store.ts';
import type { Event, Stored } from '../stored.ts';
import type { Connection } from './connection.ts';
import { eventColumn, idsOf, whereOf } from './dialect.ts';
import { sees } from './visible.ts';

export interface Log {
  readonly head: EventCursor;
  readonly horizon: EventCursor;
  readonly revision: number;
  /** These grow when a server changes users, or removes jobs. */
  readonly usersRevision: number;
  readonly removals: number;
}

/**
 * How far the store came. Sequences are no answer: they also count what is not committed. The numbers are drawn under
 * the store lock, so that all smaller ones are decided.
 */
export const log = async (db: Connection): Promise<Log> => {
  const [row] = await db.rows<Log>(sql`SELECT horizon, users_revision, removals,
    greatest(horizon, (SELECT max(cursor) FROM event)) AS head,
    greatest(last_revision, (SELECT max(revision) FROM job)) AS revision FROM counters`);
  if (row === undefined) throw new Error('the job store has no id: its table counters is empty');
  return row;
};

/**
 * A page of the log, in the given order. The log begins after the horizon: below it, retention has left gaps, and no
 * page could continue there. The history of a single job is read as far as it is kept.
 */
export const events = async (
  db: Connection,
  query: PageOf,
  access: Access,
  { jobId, where = EVERYTHING }: { readonly jobId?: JobId; readonly where?: Condition } = {},
): Promise<{ readonly events: readonly JobEvent[]; readonly more: boolean }> => {
  const ofJob = jobId === undefined ? sql`TRUE` : sql`job_id = ${Number(jobId)}`;
  const { rows, more } = await page<Stored<Event>>(
    db,
    sql`SELECT * FROM event WHERE ${ofJob} AND ${sees(access, sql`user_name`)} AND ${whereOf(where, eventColumn)}`,
    [sql`cursor`],
    jobId === undefined ? withinLog(query, (await log(db)).horizon) : query,
  );
  return { events: rows.map(readEvent), more };
};

export const histories = async (db: Connection, ids: readonly JobId[], query: PageOf, access: Access) => {
  const order: Sql = query.direction === 'ascending' ? sql`cursor` : sql`cursor DESC`;
  const rows = await db.rows<Stored<Event>>(sql`SELECT e.* FROM unnest(${idsOf(ids)}) AS wanted(id)
    CROSS JOIN LATERAL (SELECT * FROM event WHERE job_id = wanted.id AND ${sees(access, sql`user_name`)}
      ${keysBetween([sql`cursor`], query)} ORDER BY ${order} LIMIT ${query.limit + 1}) e ORDER BY ${order}`);
  const byJob = new Map<JobId, JobEvent[]>(ids.map((id) => [id, []]));
  for (const row of rows) byJob.get(String(row.jobId))?.push(readEvent(row));
  return Object.fromEntries(
    [...byJob].map(([id, found]) => [id, { events: found.slice(0, query.limit), more: found.length > query.limit }]),
  );
};
