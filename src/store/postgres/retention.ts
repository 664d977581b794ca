/** The statements of retention; see engine/retention.ts for what may be removed when. */
import type { EventCursor, Instant, JobId } from '../../jobs/job.ts';
import { type EndedRow, type LogRow, readEnded, removable } from '../ended.ts';
import { page } from '../pages.ts';
import { type Sql, sql } from '../sql.ts';
import type { EndedJob, Position } from '../store.ts';
import type { Connection } from './connection.ts';
import { idsOf } from './dialect.ts';
import { log } from './events.ts';
import { PENDING_CLEANUP } from './moves.ts';
import { databases } from './users.ts';

/** The jobs that ended by then and are cleaned up, the first to end first. */
export const endedJobs = (db: Connection, by: Instant, after: Position | null, limit: number) =>
  ended(db, sql`WHERE j.finish_order <= ${by} AND NOT ${PENDING_CLEANUP}`, after, limit);

export const pendingCleanups = (db: Connection, limit: number, after: Position | null = null) =>
  ended(db, sql`JOIN pending_cleanup p ON p.job_id = j.id WHERE TRUE`, after, limit);

/** Those of these jobs that have ended. */
export const endedAmong = (db: Connection, ids: readonly JobId[]) =>
  ended(db, sql`WHERE j.finished_at IS NOT NULL AND j.id = ANY(${idsOf(ids)})`, null, ids.length);

export const cleanedUp = async (db: Connection, id: JobId): Promise<void> => {
  await db.run(sql`DELETE FROM pending_cleanup WHERE job_id = ${Number(id)}`);
};

const ended = async (
  db: Connection,
  which: Sql,
  after: Position | null,
  limit: number,
): Promise<readonly EndedJob[]> => {
  const { rows } = await page<EndedRow>(
    db,
    sql`SELECT j.id, j.store_id, j.epoch, j.type_name, j.database, j.finish_order, w.details, w.checkpoint
      FROM job j JOIN job_work w ON w.job_id = j.id ${which}`,
    [sql`j.finish_order`, sql`j.id`],
    { direction: 'ascending', after, before: null, limit },
  );
  return rows.length === 0 ? [] : readEnded(rows, await databases(db));
};

/** Removes those of these jobs that ended by then, and all rows that refer to them. */
export const removeJobs = async (db: Connection, ids: readonly JobId[], by: Instant): Promise<number> => {
  const wanted = sql`SELECT j.id FROM job j WHERE j.id = ANY(${idsOf(ids)})
    AND j.finish_order <= ${by} AND NOT ${PENDING_CLEANUP}`;
  await db.run(sql`UPDATE counters SET removals = removals + 1,
    last_revision = greatest(last_revision, (SELECT max(revision) FROM job))`);
  await db.run(sql`DELETE FROM idempotency_key WHERE job_id IN (${wanted})`);
  return db.run(sql`DELETE FROM job WHERE id IN (${wanted})`);
};

export const removeCommands = (db: Connection, by: Instant, limit: number): Promise<number> =>
  db.run(sql`DELETE FROM recorded_command WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM recorded_command WHERE at <= ${by} ORDER BY at LIMIT ${limit}))`);

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
  const rows = await db.rows<LogRow>(sql`SELECT e.cursor, e.at > ${by} AS is_young, j.id IS NOT NULL AS is_live
    FROM event e LEFT JOIN job j ON j.id = e.job_id AND j.finished_at IS NULL
    WHERE e.cursor > ${after} AND e.cursor <= ${(await log(db)).head} ORDER BY e.cursor LIMIT ${limit}`);
  const { cursors, upTo } = removable(rows, limit);
  return { removed: await removeAt(db, cursors), upTo };
};

/** The horizon advances with each removal: a reader with an older cursor would miss the removed events. */
const removeAt = async (db: Connection, cursors: readonly EventCursor[]): Promise<number> => {
  const last = cursors.at(-1);
  if (last === undefined) return 0;
  await db.run(sql`UPDATE counters SET horizon = greatest(horizon, ${last})`);
  return db.run(sql`DELETE FROM event WHERE cursor = ANY(${cursors}::bigint[])`);
};
