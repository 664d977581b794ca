import type { Access } from '../../jobs/access.ts';
import { type Condition, EVERYTHING } from '../../jobs/filter.ts';
import type { EventCursor, JobEvent, JobId } from '../../jobs/job.ts';
import { keysBetween, page, withinLog } from '../pages.ts';
import { readEvent } from '../rows.ts';
import { type Sql, sql } from '../sql.ts';
import type { LostEvents, PageOf } from '../store.ts';
import type { Event, Stored } from '../stored.ts';
import type { Connection } from './connection.ts';
import { eventColumn, idsOf, whereOf } from './dialect.ts';
import { sees } from './visible.ts';
import type { Order } from './write-order.ts';

export interface Log {
  /** The last event up to which all are decided. */
  readonly head: EventCursor;
  /** No greater cursor has been given to anyone. */
  readonly end: EventCursor;
  readonly horizon: EventCursor;
  readonly revision: number;
  /** These grow when a server changes users, or removes jobs. */
  readonly usersRevision: number;
  readonly removals: number;
  readonly lost: readonly LostEvents[];
}

/** How far the store came: see order.ts. */
export const log = async (db: Connection): Promise<Log> => {
  const [row] = await db.script<LogRow>(logScript(db.order));
  return readLog(db.order, row);
};

type LogRow = Omit<Log, 'end' | 'lost'> & {
  readonly end?: EventCursor;
  readonly cursorHorizon?: EventCursor;
  readonly lost: string;
};

/** Under the store lock, numbers are drawn in the order of commits: all that are smaller than a visible one are decided. */
export const logScript = ({ mode, known }: Order): string =>
  mode === 'floor'
    ? `SELECT * FROM signalbox_log(${known.cursor}, ${known.revision})`
    : `SELECT horizon, users_revision, removals, lost, greatest(horizon, (SELECT max(cursor) FROM event)) AS head,
        greatest(last_revision, (SELECT max(revision) FROM job)) AS revision FROM counters`;

export const readLog = ({ known }: Order, row: LogRow | undefined): Log => {
  if (row === undefined) throw new Error('the job store has no id: its table counters is empty');
  known.cursor = Math.max(known.cursor, row.cursorHorizon ?? row.head);
  known.revision = Math.max(known.revision, row.revision);
  return { ...row, end: row.end ?? row.head, lost: JSON.parse(row.lost) };
};

/** An event after the head may have one before it that is not committed yet: it is not read. */
const upToHead = async (db: Connection): Promise<Sql> =>
  db.order.mode === 'floor' ? sql`cursor <= ${(await log(db)).head}` : sql`TRUE`;

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
  const select = (which: Sql) =>
    sql`SELECT * FROM event WHERE ${which} AND ${sees(access, sql`user_name`)} AND ${whereOf(where, eventColumn)}`;
  const read = (which: Sql, within: PageOf) => page<Stored<Event>>(db, select(which), [sql`cursor`], within);
  if (jobId !== undefined) {
    const { rows, more } = await read(sql`job_id = ${Number(jobId)} AND ${await upToHead(db)}`, query);
    return { events: rows.map(readEvent), more };
  }
  const { head, horizon } = await log(db);
  const { rows, more } = await read(sql`cursor <= ${head}`, withinLog(query, horizon));
  return { events: rows.map(readEvent), more };
};

export const histories = async (db: Connection, ids: readonly JobId[], query: PageOf, access: Access) => {
  const isReadable = await upToHead(db);
  const order: Sql = query.direction === 'ascending' ? sql`cursor` : sql`cursor DESC`;
  const rows = await db.rows<Stored<Event>>(sql`SELECT e.* FROM unnest(${idsOf(ids)}) AS wanted(id)
    CROSS JOIN LATERAL (SELECT * FROM event WHERE job_id = wanted.id AND ${isReadable} AND ${sees(access, sql`user_name`)}
      ${keysBetween([sql`cursor`], query)} ORDER BY ${order} LIMIT ${query.limit + 1}) e ORDER BY ${order}`);
  const byJob = new Map<JobId, JobEvent[]>(ids.map((id) => [id, []]));
  for (const row of rows) byJob.get(String(row.jobId))?.push(readEvent(row));
  return Object.fromEntries(
    [...byJob].map(([id, found]) => [id, { events: found.slice(0, query.limit), more: found.length > query.limit }]),
  );
};
