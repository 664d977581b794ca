/**
 * Sessions of workers. A heartbeat is a transaction of its own, outside of the store lock, so that no bulk makes a
 * server lose its claims.
 */

import type { Instant } from '../../jobs/job.ts';
import { type Sql, sql } from '../sql.ts';
import type { NewSession } from '../store.ts';
import type { Connection } from './connection.ts';

/** A live session that can run the type of a job `j`. */
export const KNOWN_TYPE: Sql = sql`EXISTS (SELECT 1 FROM worker_session known
  WHERE known.ended_at IS NULL AND known.types::jsonb ? j.type_name)`;

/** The condition that a job `j` waits for a server that knows its type, while there are servers. */
export const UNKNOWN_TYPE: Sql = sql`(j.status IN ('PENDING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING')
  AND NOT ${KNOWN_TYPE} AND EXISTS (SELECT 1 FROM worker_session WHERE ended_at IS NULL))`;

export const startSession = async (db: Connection, session: NewSession, now: Instant): Promise<void> => {
  await db.run(sql`DELETE FROM worker_session WHERE ended_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM job WHERE claimed_by = worker_session.id)`);
  await db.run(sql`INSERT INTO worker_session (id, name, types, started_at, heartbeat_at)
    VALUES (${session.id}, ${session.name}, ${JSON.stringify(session.types)}, ${now}, ${now})`);
};

/**
 * Renews the session, and declares dead those that were silent for a lease. False: this session has been declared dead.
 */
export const heartbeat = async (db: Connection, sessionId: string, leaseMs: number, now: Sql): Promise<boolean> => {
  const kept = await db.run(
    sql`UPDATE worker_session SET heartbeat_at = ${now} WHERE id = ${sessionId} AND ended_at IS NULL`,
  );
  await endSilent(db, leaseMs, now);
  return kept === 1;
};

/** A row that is locked is being renewed, or ended by another server. */
export const endSilent = (db: Connection, leaseMs: number, now: Sql): Promise<number> =>
  db.run(sql`UPDATE worker_session SET ended_at = ${now} WHERE id IN (SELECT id FROM worker_session
    WHERE ended_at IS NULL AND heartbeat_at < ${now} - ${leaseMs}::bigint FOR UPDATE SKIP LOCKED)`);

export const endSession = async (db: Connection, sessionId: string, now: Instant): Promise<void> => {
  await db.run(sql`UPDATE worker_session SET ended_at = ${now} WHERE id = ${sessionId} AND ended_at IS NULL`);
};
