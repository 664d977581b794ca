import type { Access } from '../../jobs/access.ts';
import { type Condition, EVERYTHING } from '../../jobs/filter.ts';
import type { EventCursor, JobEvent, JobId } from '../../jobs/job.ts';
import { keysBetween, page, withinLog } from '../pages.ts';
import { readEvent } from '../rows.ts';
import type { PageOf } from '../store.ts';
import type { Counters, Event } from './client/client.ts';
import { type Connection, sql } from './client.ts';
import { sees } from './visible.ts';
import { eventColumn, filtered, READ_MS } from './where.ts';

/** The end of the log: the greatest cursor ever assigned, 0 before the first. */
export const head = async (db: Connection): Promise<EventCursor> => {
  const rows = await db.rows(sql`SELECT seq FROM sqlite_sequence WHERE name = 'Event'`);
  return Number(rows[0]?.seq ?? 0);
};

export const log = async (db: Connection) => {
  const rows = await db.rows<
    Pick<Counters, 'horizon' | 'lastRevision'> & { readonly head: number | null }
  >(sql`SELECT horizon, lastRevision,
    (SELECT seq FROM sqlite_sequence WHERE name = 'Event') AS head FROM Counters`);
  const row = rows[0];
  const end = Number(row?.head ?? 0);
  return {
    horizon: Number(row?.horizon ?? 0),
    head: end,
    end,
    lost: [],
    revision: Number(row?.lastRevision ?? 0),
  };
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
  const ofJob = jobId === undefined ? sql`TRUE` : sql`jobId = ${Number(jobId)}`;
  db.limit(READ_MS);
  const { rows, more } = await page<Event>(
    db,
    sql`SELECT * FROM Event WHERE ${ofJob} AND ${sees(access, sql`userName`)} AND ${filtered(where, eventColumn)}`,
    [sql`cursor`],
    jobId === undefined ? withinLog(query, (await log(db)).horizon) : query,
  );
  return { events: rows.map(readEvent), more };
};

export const histories = async (
  db: Connection,
  ids: readonly JobId[],
  query: PageOf,
  access: Access,
): Promise<Readonly<Record<JobId, { readonly events: readonly JobEvent[]; readonly more: boolean }>>> => {
  db.limit(READ_MS);
  const ascends = query.direction === 'ascending';
  const order = ascends ? sql`cursor` : sql`cursor DESC`;
  const rows = await db.rows<Event>(sql`SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY jobId ORDER BY ${order}) AS rank FROM Event
    WHERE jobId IN (SELECT value FROM json_each(${JSON.stringify(ids.map(Number))}))
      AND ${sees(access, sql`userName`)} ${keysBetween([sql`cursor`], query)})
    WHERE rank <= ${query.limit + 1} ORDER BY ${order}`);
  const byJob = new Map<JobId, JobEvent[]>(ids.map((id) => [id, []]));
  for (const row of rows) byJob.get(String(row.jobId))?.push(readEvent(row));
  return Object.fromEntries(
    [...byJob].map(([id, found]) => [id, { events: found.slice(0, query.limit), more: found.length > query.limit }]),
  );
};
