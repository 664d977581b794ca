/**
 * After a failover to a replica that lacked the last transactions, or with a restored copy, the log ends earlier than it
 * did, and its numbers would be given again. Such a server has a new timeline, or its last number is smaller than one
 * that was seen. Each writing transaction looks at both when it begins; the first to notice continues the numbers far
 * beyond all that were given, records which cursors were lost, ends all sessions, and raises the epochs of jobs beyond
 * those that their targets may have seen. What the lost transactions had acknowledged is lost all the same.
 */
import { sql } from '../sql.ts';
import type { LostEvents } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Order } from './write-order.ts';

export interface ServerState {
  readonly timeline: string | null;
  readonly lastCursor: number;
}

/** A replica has no timeline of its own: it refuses the write. */
export const SERVER_STATE = `CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
  AS timeline, (SELECT last_value FROM event_cursor_seq) AS last_cursor`;

export const isSetBack = ({ server, known }: Order, { timeline, lastCursor }: ServerState): boolean =>
  timeline !== null && ((server.timeline !== null && server.timeline !== timeline) || lastCursor < known.cursor);

/** More numbers than are drawn while a replica is behind. */
const AHEAD = 2 ** 32;
/** More claims of a job than are made while a replica is behind. */
const EPOCHS_AHEAD = 1_000;

/** Compares the server with what the store recorded, and repairs it. Returns whether it did: another may have before. */
export const repair = async (db: Connection, storeLock: string): Promise<boolean> => {
  const { server, known } = db.order;
  await db.script(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = 5000;
    SET LOCAL statement_timeout = 60000; SELECT pg_advisory_xact_lock(${storeLock})`);
  try {
    const [row] = await db.script<ServerState & { readonly recorded: string | null }>(
      `SELECT ${SERVER_STATE}, counters.timeline AS recorded FROM counters`,
    );
    if (row === undefined) throw new Error('the job store has no id: its table counters is empty');
    const isRepaired = row.recorded === null || !isSetBack({ ...db.order, server: { timeline: row.recorded } }, row);
    if (!isRepaired) await continueNumbers(db, Math.max(row.lastCursor, known.cursor));
    if (row.timeline !== null)
      await db.run(sql`UPDATE counters SET timeline = ${row.timeline} WHERE timeline IS DISTINCT FROM ${row.timeline}`);
    await db.script('COMMIT');
    server.timeline = row.timeline;
    return !isRepaired;
  } catch (error) {
    await db.script('ROLLBACK').catch(() => undefined);
    throw error;
  }
};

const continueNumbers = async (db: Connection, lastCursor: number) => {
  const [log] = await db.rows<{ readonly head: number; readonly lost: string }>(sql`SELECT lost,
    greatest(horizon, (SELECT max(cursor) FROM event)) AS head FROM counters`);
  const lost: LostEvents = { after: log?.head ?? 0, upTo: lastCursor + AHEAD };
  await db.script(`SELECT setval('event_cursor_seq', ${lost.upTo}),
    setval('job_revision_seq', (SELECT last_value FROM job_revision_seq) + ${AHEAD}),
    setval('audit_event_cursor_seq', (SELECT last_value FROM audit_event_cursor_seq) + ${AHEAD}),
    setval('job_id_seq', greatest((SELECT last_value FROM job_id_seq), (extract(epoch FROM clock_timestamp())
      - extract(epoch FROM timestamptz '2020-01-01 00:00:00+00'))::numeric * 128000)::bigint)`);
  const all = [...(JSON.parse(log?.lost ?? '[]') as LostEvents[]), lost];
  await db.run(sql`UPDATE counters SET lost = ${JSON.stringify(all)}, users_revision = users_revision + 1,
    removals = removals + 1, last_revision = (SELECT last_value FROM job_revision_seq)`);
  await db.run(sql`UPDATE worker_session SET ended_at = heartbeat_at WHERE ended_at IS NULL`);
  await db.run(sql`UPDATE job SET epoch = epoch + ${EPOCHS_AHEAD}::int WHERE finished_at IS NULL
    OR EXISTS (SELECT 1 FROM pending_cleanup p WHERE p.job_id = job.id)`);
};
