/** The statements of retention; see engine/retention.ts for what may be removed when. */
import type { EventCursor, Instant, JobId } from '../../jobs/job.ts';
import { type EndedRow, type LogRow, readEnded, removable } from '../ended.ts';
import { page } from '../pages.ts';
import type { EndedJob, Position } from '../store.ts';
import { type Connection, type Sql, sql } from './client.ts';
import { databases } from './users.ts';

const PENDING_CLEANUP = sql`EXISTS (SELECT 1 FROM PendingCleanup c WHERE c.jobId = j.id)`;

/** The jobs that ended by then and are cleaned up, the first to end first. */
export const endedJobs = (db: Connection, by: Instant, after: Position | null, limit: number) =>
  ended(db, sql`WHERE j.finishOrder <= ${by} AND NOT ${PENDING_CLEANUP}`, after, limit);

export const pendingCleanups = (db: Connection, limit: number, after: Position | null = null) =>
  ended(db, sql`JOIN PendingCleanup c ON c.jobId = j.id WHERE TRUE`, after, limit);

/** Those of these jobs that have ended. */
export const endedAmong = (db: Connection, ids: readonly JobId[]) =>
  ended(
    db,
    sql`WHERE j.finishedAt IS NOT NULL AND j.id IN (SELECT value FROM json_each(${JSON.stringify(ids.map(Number))}))`,
    null,
    ids.length,
  );

export const cleanedUp = async (db: Connection, id: JobId): Promise<void> => {
  await db.run(sql`DELETE FROM PendingCleanup WHERE jobId = ${Number(id)}`);
};

const ended = async (
  db: Connection,
  which: Sql,
  after: Position | null,
  limit: number,
): Promise<readonly EndedJob[]> => {
  const { rows } = await page<EndedRow>(
    db,
    sql`SELECT j.id, j.storeId, j.epoch, j.typeName, j.database, j.finishOrder, w.details, w.checkpoint
      FROM Job j JOIN JobWork w ON w.jobId = j.id ${which}`,
    [sql`j.finishOrder`, sql`j.id`],
    { direction: 'ascending', after, before: null, limit },
  );
  return rows.length === 0 ? [] : readEnded(rows, await databases(db));
};

/** Removes those of these jobs that ended by then, and all rows that refer to them. */
export const removeJobs = async (db: Connection, ids: readonly JobId[], by: Instant): Promise<number> => {
  const wanted = sql`SELECT j.id FROM json_each(${JSON.stringify(ids.map(Number))}) i CROSS JOIN Job j ON j.id = i.value
    WHERE j.finishOrder <= ${by} AND NOT ${PENDING_CLEANUP}`;
  await db.run(sql`DELETE FROM IdempotencyKey WHERE jobId IN (${wanted})`);
  return db.run(sql`DELETE FROM Job WHERE id IN (${wanted})`);
};

export const removeCommands = (db: Connection, by: Instant, limit: number): Promise<number> =>
  db.run(sql`DELETE FROM RecordedCommand WHERE rowid IN
    (SELECT rowid FROM RecordedCommand WHERE at <= ${by} ORDER BY at LIMIT ${limit})`);

/**
 * Scans so many events after a cursor, in their order, and removes those that happened by then, except those of live
 * jobs. Returns the last cursor scanned; null at the first event that is too young, or at the end of the log.
 */
export const removeEvents = async (
  db: Connection,
  by: Instant,
  after: EventCursor,
  limit: number,
): Promise<{ readonly removed: number; readonly upTo: EventCursor | null }> => {
  const rows = await db.rows<LogRow>(sql`SELECT e.cursor, e.at > ${by} AS isYoung, j.id IS NOT NULL AS isLive
    FROM Event e LEFT JOIN Job j ON j.id = e.jobId AND j.finishedAt IS NULL
    WHERE e.cursor > ${after} ORDER BY e.cursor LIMIT ${limit}`);
  const { cursors, upTo } = removable(rows, limit);
  return { removed: await removeAt(db, cursors), upTo };
};

/** The horizon advances with each removal: a reader with an older cursor would miss the removed events. */
const removeAt = async (db: Connection, cursors: readonly EventCursor[]): Promise<number> => {
  const last = cursors.at(-1);
  if (last === undefined) return 0;
  await db.run(sql`UPDATE Counters SET horizon = max(horizon, ${last})`);
  return db.run(sql`DELETE FROM Event WHERE cursor IN (SELECT value FROM json_each(${JSON.stringify(cursors)}))`);
};
