import type { Access } from '../../jobs/access.ts';
import type { Instant } from '../../jobs/job.ts';
import { readRegisteredKind, readSession, type SessionRow } from '../rows.ts';
import type { By, NewSession, RegisteredKind } from '../store.ts';
import { record } from './audit.ts';
import { type Connection, type Sql, sql } from './client.ts';
import { sees } from './visible.ts';

/** A live session that can run the type of a job `j`. */
export const KNOWN_TYPE: Sql = sql`EXISTS (SELECT 1 FROM WorkerSession known, json_each(known.types) t
  WHERE known.endedAt IS NULL AND t.value = j.typeName)`;

/** The condition that a job `j` waits for a server that knows its type, while there are servers. */
export const UNKNOWN_TYPE: Sql = sql`(j.status IN ('PENDING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING')
  AND NOT ${KNOWN_TYPE} AND EXISTS (SELECT 1 FROM WorkerSession WHERE endedAt IS NULL))`;

/** The store belongs to this process alone, so every session that is still open belongs to a process that has ended. */
export const startSession = async (db: Connection, session: NewSession, now: Instant): Promise<void> => {
  await db.run(sql`DELETE FROM WorkerSession WHERE endedAt IS NOT NULL
    AND id NOT IN (SELECT claimedBy FROM Job WHERE claimedBy IS NOT NULL)`);
  const at = new Date(now);
  const { id, name, types, draining = false, remote = false } = session;
  const data = { id, name, remote, types: JSON.stringify(types), draining, startedAt: at, heartbeatAt: at };
  await db.model(({ workerSession }) => workerSession.create({ data }));
};

export const endOtherSessions = (db: Connection, now: Instant) =>
  db.run(sql`UPDATE WorkerSession SET endedAt = ${now} WHERE endedAt IS NULL`);

const LIVE = { endedAt: null };

/**
 * Renews the session, and declares dead those that were silent for a lease. False: this session has been declared dead.
 */
export const heartbeat = async (db: Connection, sessionId: string, leaseMs: number, now: Instant): Promise<boolean> => {
  const at = new Date(now);
  const kept = await db.model(({ workerSession }) =>
    workerSession.updateMany({ where: { ...LIVE, id: sessionId }, data: { heartbeatAt: at } }),
  );
  const silent = { ...LIVE, heartbeatAt: { lt: new Date(now - leaseMs) } };
  await db.model(({ workerSession }) => workerSession.updateMany({ where: silent, data: { endedAt: at } }));
  return kept.count === 1;
};

export const endSession = async (db: Connection, sessionId: string, now: Instant): Promise<void> => {
  const data = { endedAt: new Date(now) };
  await db.model(({ workerSession }) => workerSession.updateMany({ where: { ...LIVE, id: sessionId }, data }));
};

/** See Store. An embedded store has one server. */
export const drainServer = async (db: Connection, node: string | null, by: By): Promise<boolean> => {
  const [session] = await db.rows<{ readonly name: string }>(
    sql`UPDATE WorkerSession SET draining = TRUE WHERE endedAt IS NULL AND NOT remote RETURNING name`,
  );
  if (session === undefined) return false;
  await record(db, { action: 'drainServer', target: node ?? session.name }, by);
  return true;
};

export const liveSessions = async (db: Connection, access: Access) =>
  (
    await db.rows<SessionRow>(sql`SELECT startedAt, heartbeatAt, draining,
      (SELECT count(*) FROM Job j WHERE j.claimedBy = s.id AND ${sees(access, sql`j.userName`)}) AS runningJobs
      FROM WorkerSession s WHERE endedAt IS NULL AND NOT remote ORDER BY startedAt, id`)
  ).map(readSession);

export const registeredKinds = async (db: Connection): Promise<readonly RegisteredKind[]> =>
  (await db.model(({ registeredKind }) => registeredKind.findMany({ orderBy: { name: 'asc' } }))).map(
    readRegisteredKind,
  );

export const registerKinds = async (
  db: Connection,
  kinds: readonly Omit<RegisteredKind, 'registeredAt'>[],
  now: Instant,
): Promise<void> => {
  for (const { name, definition } of kinds) {
    await db.run(sql`INSERT INTO RegisteredKind (name, definition, registeredAt)
      VALUES (${name}, ${JSON.stringify(definition)}, ${now})
      ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, registeredAt = excluded.registeredAt`);
  }
};
