import type { Instant } from '../../jobs/job.ts';
import type { NewSession } from '../store.ts';
import { type Connection, type Sql, sql } from './client.ts';

/** A session that lives and can run the type of a job `j`. */
export const KNOWN_TYPE: Sql = sql`EXISTS (SELECT 1 FROM WorkerSession known, json_each(known.types) t
  WHERE known.endedAt IS NULL AND t.value = j.typeName)`;

/** A job `j` waits for a server that knows its type, and there are servers. */
export const UNKNOWN_TYPE: Sql = sql`(j.status IN ('PENDING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING')
  AND NOT ${KNOWN_TYPE} AND EXISTS (SELECT 1 FROM WorkerSession WHERE endedAt IS NULL))`;

/** The store is this process's alone, so every session that is still open belongs to a process that is gone. */
export const startSession = async (db: Connection, session: NewSession, now: Instant): Promise<void> => {
  await db.run(sql`DELETE FROM WorkerSession WHERE endedAt IS NOT NULL
    AND id NOT IN (SELECT claimedBy FROM Job WHERE claimedBy IS NOT NULL)`);
  await db.run(sql`INSERT INTO WorkerSession (id, name, startedAt, heartbeatAt, types)
    VALUES (${session.id}, ${session.name}, ${now}, ${now}, ${JSON.stringify(session.types)})`);
};

export const endOtherSessions = (db: Connection, now: Instant) =>
  db.run(sql`UPDATE WorkerSession SET endedAt = ${now} WHERE endedAt IS NULL`);

/** Keeps the session, and declares dead those not heard of for a lease. False: this one has been declared dead itself. */
export const heartbeat = async (db: Connection, sessionId: string, leaseMs: number, now: Instant): Promise<boolean> => {
  const kept = await db.run(
    sql`UPDATE WorkerSession SET heartbeatAt = ${now} WHERE id = ${sessionId} AND endedAt IS NULL`,
  );
  await db.run(sql`UPDATE WorkerSession SET endedAt = ${now} WHERE endedAt IS NULL AND heartbeatAt < ${now - leaseMs}`);
  return kept === 1;
};

export const endSession = async (db: Connection, sessionId: string, now: Instant): Promise<void> => {
  await db.run(sql`UPDATE WorkerSession SET endedAt = ${now} WHERE id = ${sessionId} AND endedAt IS NULL`);
};
