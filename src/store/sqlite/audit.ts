/** The audit log: what was done to users, tokens, databases and settings, recorded in the transaction that did it. */
import type { Condition } from '../../jobs/filter.ts';
import type { Instant } from '../../jobs/job.ts';
import { page } from '../pages.ts';
import { jsonOf, readAuditEvent } from '../rows.ts';
import type { AuditEvent, By, PageOf } from '../store.ts';
import type { AuditEvent as AuditRow } from './client/client.ts';
import { type Connection, raw, type Sql, sql } from './client.ts';
import { filtered, READ_MS } from './where.ts';

type Change = Pick<AuditEvent, 'action' | 'target'> & Partial<Pick<AuditEvent, 'before' | 'after' | 'reason'>>;

/** Nothing is recorded for a caller that is nobody: a store in a test. */
export const record = async (db: Connection, change: Change | null, by: By | undefined): Promise<void> => {
  if (by === undefined || change === null) return;
  const { actor, at, remoteAddress = null } = by;
  const { action, target, before, after, reason = null } = change;
  await db.run(sql`INSERT INTO AuditEvent (at, actorKind, actorName, tokenId, action, target, before, after, reason,
      remoteAddress)
    VALUES (${at}, ${actor.kind}, ${actor.name}, ${actor.tokenId ?? null}, ${action}, ${target}, ${jsonOf(before)},
      ${jsonOf(after)}, ${reason}, ${remoteAddress})`);
};

const column = (field: string): Sql => raw(field === 'actor' ? 'actorName' : `"${field}"`);

export const auditEvents = async (
  db: Connection,
  query: PageOf,
  where: Condition,
): Promise<{ readonly events: readonly AuditEvent[]; readonly more: boolean }> => {
  db.limit(READ_MS);
  const select = sql`SELECT * FROM AuditEvent WHERE ${filtered(where, column)}`;
  const { rows, more } = await page<AuditRow>(db, select, [sql`cursor`], query);
  return { events: rows.map(readAuditEvent), more };
};

/** The end of the audit log, and the greatest cursor that retention has removed. */
export const auditLog = async (db: Connection): Promise<{ readonly head: number; readonly horizon: number }> => {
  const [row] = await db.rows<{ readonly head: number | null; readonly horizon: number }>(sql`SELECT
    auditHorizon AS horizon, (SELECT seq FROM sqlite_sequence WHERE name = 'AuditEvent') AS head FROM Counters`);
  return { head: Number(row?.head ?? 0), horizon: Number(row?.horizon ?? 0) };
};

/** Records the settings if they differ from those of the last start, or if that is no longer known. */
export const recordSettings = async (db: Connection, settings: Readonly<Record<string, unknown>>, by: By) => {
  const [last] = await db.rows<Pick<AuditRow, 'after'>>(
    sql`SELECT after FROM AuditEvent WHERE action = 'settings' ORDER BY cursor DESC LIMIT 1`,
  );
  const before = last?.after ?? null;
  if (before === JSON.stringify(settings)) return;
  const change = { action: 'settings', target: 'settings', after: settings };
  await record(db, { ...change, before: before === null ? null : JSON.parse(before) }, by);
};

/** A deleted user is remembered for as long as a job has that name, so that it is not given again. */
export const removeAuditEvents = async (db: Connection, by: Instant, limit: number): Promise<number> => {
  const old = await db.rows<Pick<AuditRow, 'cursor'>>(sql`SELECT e.cursor FROM AuditEvent e WHERE e.at <= ${by}
    AND NOT (e.action = 'deleteUser' AND EXISTS (SELECT 1 FROM Job j WHERE j.userName = e.target))
    ORDER BY e.cursor LIMIT ${limit}`);
  const last = old.at(-1)?.cursor;
  if (last === undefined) return 0;
  // A reader with an older cursor would miss the removed events.
  await db.run(sql`UPDATE Counters SET auditHorizon = max(auditHorizon, ${last})`);
  const cursors = JSON.stringify(old.map(({ cursor }) => cursor));
  return db.run(sql`DELETE FROM AuditEvent WHERE cursor IN (SELECT value FROM json_each(${cursors}))`);
};

/** Whether a user of this name was deleted, and jobs or events may still have the name. */
export const isRetired = async (db: Connection, userName: string): Promise<boolean> =>
  (
    await db.rows(
      sql`SELECT 1 FROM AuditEvent WHERE action = 'deleteUser' AND lower(target) = lower(${userName}) LIMIT 1`,
    )
  ).length > 0;
