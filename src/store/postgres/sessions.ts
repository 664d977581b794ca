/**
 * Sessions of workers. A heartbeat is a transaction of its own, outside of the store lock, so that no bulk makes a
 * server lose its claims.
 */

import type { Access } from '../../jobs/access.ts';
import type { Instant } from '../../jobs/job.ts';
import { readRegisteredKind, readSession, type SessionRow } from '../rows.ts';
import { type Sql, sql } from '../sql.ts';
import type { By, NewSession, RegisteredKind } from '../store.ts';
import type { RegisteredKind as KindRow, Stored } from '../stored.ts';
import { record } from './audit.ts';
import type { Connection } from './connection.ts';
import { sees } from './visible.ts';

/** A live session that can run the type of a job `j`. */
export const KNOWN_TYPE: Sql = sql`EXISTS (SELECT 1 FROM worker_session known
  WHERE known.ended_at IS NULL AND known.types::jsonb ? j.type_name)`;

/** The condition that a job `j` waits for a server that knows its type, while there are servers. */
export const UNKNOWN_TYPE: Sql = sql`(j.status IN ('PENDING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING')
  AND NOT ${KNOWN_TYPE} AND EXISTS (SELECT 1 FROM worker_session WHERE ended_at IS NULL))`;

/** The server whose disk a job `j` needs, if it has no session that gets jobs; null otherwise. */
export const AWAITED_NODE: Sql = sql`(CASE WHEN j.finished_at IS NULL AND j.status <> 'PAUSED' AND j.node IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM worker_session here WHERE here.node = j.node AND here.ended_at IS NULL AND NOT here.draining) THEN j.node END)`;

export const startSession = async (db: Connection, session: NewSession, now: Instant): Promise<void> => {
  await db.run(sql`DELETE FROM worker_session WHERE ended_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM job WHERE claimed_by = worker_session.id)`);
  const { id, name, types, node = null, version = null, draining = false, remote = false } = session;
  await db.run(sql`UPDATE worker_session SET ended_at = ${now} WHERE node = ${node} AND ended_at IS NULL`);
  await db.run(sql`INSERT INTO worker_session (id, name, types, node, version, draining, remote, started_at, heartbeat_at)
    VALUES (${id}, ${name}, ${JSON.stringify(types)}, ${node}, ${version}, ${draining}, ${remote}, ${now}, ${now})`);
};

/** See Store. */
export const drainServer = async (db: Connection, node: string | null, by: By): Promise<boolean> => {
  const [session] = await db.rows<{ readonly name: string }>(sql`UPDATE worker_session SET draining = TRUE
    WHERE node IS NOT DISTINCT FROM ${node}::text AND ended_at IS NULL AND NOT remote RETURNING name`);
  if (session === undefined) return false;
  await record(db, { action: 'drainServer', target: node ?? session.name }, by);
  return true;
};

export const liveSessions = async (db: Connection, access: Access) =>
  (
    await db.rows<SessionRow>(sql`SELECT node, version, started_at, heartbeat_at, draining,
      (SELECT count(*) FROM job j WHERE j.claimed_by = s.id AND ${sees(access, sql`j.user_name`)}) AS running_jobs
      FROM worker_session s WHERE ended_at IS NULL AND NOT remote ORDER BY started_at, id`)
  ).map(readSession);

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

export const registeredKinds = async (db: Connection): Promise<readonly RegisteredKind[]> =>
  (await db.rows<Stored<KindRow>>(sql`SELECT * FROM registered_kind ORDER BY name`)).map(readRegisteredKind);

export const registerKinds = async (
  db: Connection,
  kinds: readonly Omit<RegisteredKind, 'registeredAt'>[],
  now: Instant,
): Promise<void> => {
  for (const { name, definition } of kinds) {
    await db.run(sql`INSERT INTO registered_kind (name, definition, registered_at)
      VALUES (${name}, ${JSON.stringify(definition)}, ${now})
      ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, registered_at = excluded.registered_at`);
  }
};
