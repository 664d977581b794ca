/** The audit log: what was done to users, tokens, databases and settings, recorded in the transaction that did it. */
import type { Condition } from '../../jobs/filter.ts';
import type { Instant } from '../../jobs/job.ts';
import { page } from '../pages.ts';
import { jsonOf, readAuditEvent } from '../rows.ts';
import { sql } from '../sql.ts';
import type { AuditEvent, By, PageOf } from '../store.ts';
import type { AuditEvent as AuditRow, Stored } from '../stored.ts';
import type { Connection } from './connection.ts';
import { eventColumn, whereOf } from './dialect.ts';

type Change = Pick<AuditEvent, 'action' | 'target'> & Partial<Pick<AuditEvent, 'before' | 'after' | 'reason'>>;

/** Nothing is recorded for a caller that is nobody: a store in a test. */
export const record = async (db: Connection, change: Change | null, by: By | undefined): Promise<void> => {
  if (by === undefined || change === null) return;
  const { actor, at, remoteAddress = null } = by;
  await db.run(sql`INSERT INTO audit_event (at, actor_kind, actor_name, token_id, action, target, before, after, reason,
      remote_address)
    VALUES (${at}, ${actor.kind}, ${actor.name}, ${actor.tokenId ?? null}, ${change.action}, ${change.target},
      ${jsonOf(change.before)}, ${jsonOf(change.after)}, ${change.reason ?? null}, ${remoteAddress})`);
};

export const auditEvents = async (db: Connection, query: PageOf, where: Condition) => {
  const select = sql`SELECT * FROM audit_event WHERE ${whereOf(where, eventColumn)}`;
  const { rows, more } = await page<Stored<AuditRow>>(db, select, [sql`cursor`], query);
  return { events: rows.map(readAuditEvent), more };
};

/** The end of the audit log, and the greatest cursor that retention has removed. */
export const auditLog = async (db: Connection): Promise<{ readonly head: number; readonly horizon: number }> => {
  const [row] = await db.rows<{ readonly head: number; readonly horizon: number }>(sql`SELECT audit_horizon AS horizon,
    greatest(audit_horizon, (SELECT max(cursor) FROM audit_event)) AS head FROM counters`);
  return row ?? { head: 0, horizon: 0 };
};

/** Records the settings if they differ from those of the last start, or if that is no longer known. */
export const recordSettings = async (db: Connection, settings: Readonly<Record<string, unknown>>, by: By) => {
  const [last] = await db.rows<Pick<AuditRow, 'after'>>(
    sql`SELECT after FROM audit_event WHERE action = 'settings' ORDER BY cursor DESC LIMIT 1`,
  );
  const before = last?.after ?? null;
  if (before === JSON.stringify(settings)) return;
  const change = { action: 'settings', target: 'settings', after: settings };
  await record(db, { ...change, before: before === null ? null : JSON.parse(before) }, by);
};

/** A deleted user is remembered for as long as a job has that name, so that it is not given again. */
export const removeAuditEvents = async (db: Connection, by: Instant, limit: number): Promise<number> => {
  const old = await db.rows<Pick<Stored<AuditRow>, 'cursor'>>(sql`SELECT e.cursor FROM audit_event e WHERE e.at <= ${by}
    AND NOT (e.action = 'deleteUser' AND EXISTS (SELECT 1 FROM job j WHERE j.user_name = e.target))
    ORDER BY e.cursor LIMIT ${limit}`);
  const last = old.at(-1)?.cursor;
  if (last === undefined) return 0;
  // A reader with an older cursor would miss the removed events.
  await db.run(sql`UPDATE counters SET audit_horizon = greatest(audit_horizon, ${last})`);
  return db.run(sql`DELETE FROM audit_event WHERE cursor = ANY(${old.map(({ cursor }) => cursor)}::bigint[])`);
};

/** Whether a user of this name was deleted, and jobs or events may still have the name. */
export const isRetired = async (db: Connection, userName: string): Promise<boolean> =>
  (
    await db.rows(
      sql`SELECT 1 FROM audit_event WHERE action = 'deleteUser' AND lower(target) = lower(${userName} COLLATE "C") LIMIT 1`,
    )
  ).length > 0;
