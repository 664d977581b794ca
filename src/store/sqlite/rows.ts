import type { Privilege, User } from '../../auth/viewer.ts';
import type { Access } from '../../jobs/access.ts';
import type { Actor, Job, JobEvent, JobType } from '../../jobs/job.ts';
import type { JobCommand, JobStatus, RevertCause } from '../../jobs/status.ts';
import { type Row, type Sql, sql } from './client.ts';
import { FIRST_BLOCKER } from './holds.ts';
import { UNKNOWN_TYPE } from './sessions.ts';

/** The status message of a PENDING job that waits for nothing else. */
export const WAITING = 'waiting for a worker';

const text = (value: unknown) => value as string;
const textOrNull = (value: unknown) => (value ?? null) as string | null;
const number = (value: unknown) => Number(value);
const numberOrNull = (value: unknown) => (value === null || value === undefined ? null : Number(value));
const instant = (value: unknown) => (value instanceof Date ? value.getTime() : Number(value));
const instantOrNull = (value: unknown) => (value === null || value === undefined ? null : instant(value));

export const read = { text, textOrNull, number, numberOrNull, instant, instantOrNull };

/** Jobs with what hangs on them, one row each; conditions name the job `j`. */
export const JOBS = sql`SELECT j.*, w.details, w.inputJson, w.warnings, ${UNKNOWN_TYPE} AS isUnknown, s.name AS coordinator, u.isAdmin AS ownerIsAdmin, ${FIRST_BLOCKER} AS blocker
  FROM Job j JOIN JobWork w ON w.jobId = j.id
  LEFT JOIN WorkerSession s ON s.id = j.claimedBy LEFT JOIN User u ON u.name = j.userName`;

export const readJob = (row: Row): Job => ({
  id: String(row.id),
  type: row.type as JobType,
  typeName: text(row.typeName),
  description: text(row.description),
  userName: text(row.userName),
  database: textOrNull(row.database),
  status: row.status as JobStatus,
  statusMessage: messageOf(row),
  createdAt: instant(row.createdAt),
  runAt: instantOrNull(row.runAt),
  priority: number(row.priority),
  startedAt: instantOrNull(row.startedAt),
  finishedAt: instantOrNull(row.finishedAt),
  modifiedAt: instant(row.modifiedAt),
  fractionCompleted: numberOrNull(row.fractionCompleted),
  counters: JSON.parse(text(row.counters)),
  rateSince: instantOrNull(row.rateSince),
  rateFraction: numberOrNull(row.rateFraction),
  error: textOrNull(row.error),
  attempts: number(row.attempts),
  nextAttemptAt: instantOrNull(row.nextAttemptAt),
  awaitsResume: Boolean(row.awaitsResume),
  pauseReason: textOrNull(row.pauseReason),
  revertCause: row.revertCause as RevertCause | null,
  committing: Boolean(row.committing),
  coordinator: textOrNull(row.coordinator),
  claimedBy: textOrNull(row.claimedBy),
  details: JSON.parse(text(row.details)),
  inputJson: row.inputJson === null ? null : JSON.parse(text(row.inputJson)),
  warnings: JSON.parse(text(row.warnings)),
  ownerIsAdmin: Boolean(row.ownerIsAdmin),
  revision: number(row.revision),
});

/** What a job waits for is derived here where it can change without a write to the job. */
const messageOf = (row: Row): string | null => {
  if (Number(row.isUnknown) === 1) return `no server knows ${row.typeName}`;
  if (row.blocker !== null) return `waiting for job ${row.blocker}`;
  const message = textOrNull(row.statusMessage);
  if (message !== WAITING || row.startedAt !== null || row.runAt === null) return message;
  return `${WAITING}, not before ${new Date(instant(row.runAt)).toISOString()}`;
};

export const readEvent = (row: Row): JobEvent => ({
  cursor: number(row.cursor),
  jobId: String(row.jobId),
  at: instant(row.at),
  actor: { kind: row.actorKind as Actor['kind'], name: text(row.actorName) },
  type: row.type as JobType,
  typeName: text(row.typeName),
  userName: text(row.userName),
  database: textOrNull(row.database),
  description: text(row.description),
  from: row.from as JobStatus | null,
  to: row.to as JobStatus,
  command: row.command as JobCommand | null,
  commandId: textOrNull(row.commandId),
  reason: textOrNull(row.reason),
  error: textOrNull(row.error),
});

export const readUser = (row: Row): User => ({
  name: text(row.name),
  isAdmin: Boolean(row.isAdmin),
  privileges: JSON.parse(text(row.privileges)) as Privilege[],
  createdAt: instant(row.createdAt),
});

/** The permission to see as a condition on `userName`. */
export const sees = (access: Access, userName: Sql): Sql =>
  access.sees === 'all' ? sql`TRUE` : sql`${userName} = ${access.sees.userName}`;

/** The permission to control as a condition on a job `j`. */
export const controls = (access: Access): Sql => {
  if (access.controls.includes('all')) return sql`TRUE`;
  const others = access.controls.includes('non-admins')
    ? sql`NOT EXISTS (SELECT 1 FROM User a WHERE a.name = j.userName AND a.isAdmin)`
    : sql`FALSE`;
  const own = access.controls.includes('own') ? sql`j.userName = ${access.userName}` : sql`FALSE`;
  return sql`(${others} OR ${own})`;
};
