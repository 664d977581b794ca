import type { Access } from '../../jobs/access.ts';
import { type Condition, EVERYTHING } from '../../jobs/filter.ts';
import type { EventCursor, JobEvent, JobId } from '../../jobs/job.ts';
import type { PageOf } from '../store.ts';
import { type Connection, sql } from './client.ts';
import { page } from './page.ts';
import { readEvent, sees } from './rows.ts';
import { eventColumn, filtered, READ_MS } from './where.ts';

/** The log's end: the greatest cursor ever given out, 0 before the first. */
export const head = async (db: Connection): Promise<EventCursor> => {
  const rows = await db.rows(sql`SELECT seq FROM sqlite_sequence WHERE name = 'Event'`);
  return Number(rows[0]?.seq ?? 0);
};

export const log = async (db: Connection) => {
  const rows = await db.rows(sql`SELECT horizon FROM Counters`);
  return { horizon: Number(rows[0]?.horizon ?? 0), head: await head(db) };
};

/** A page of the log, in the order asked for. */
export const events = async (
  db: Connection,
  wanted: PageOf,
  access: Access,
  { jobId, where = EVERYTHING }: { readonly jobId?: JobId; readonly where?: Condition } = {},
): Promise<{ readonly events: readonly JobEvent[]; readonly more: boolean }> => {
  const ofJob = jobId === undefined ? sql`TRUE` : sql`jobId = ${Number(jobId)}`;
  db.limit(READ_MS);
  const { rows, more } = await page(
    db,
    sql`SELECT * FROM Event WHERE ${ofJob} AND ${sees(access, sql`userName`)} AND ${filtered(where, eventColumn)}`,
    [sql`cursor`],
    wanted,
  );
  return { events: rows.map(readEvent), more };
};
