import type { Access } from '../../jobs/access.ts';
import type { Actor, Instant, JobEvent, JobType, Job as KnownJob } from '../../jobs/job.ts';
import type { JobCommand, JobStatus, RevertCause } from '../../jobs/status.ts';
import type { KnownDatabase } from '../store.ts';
import type { Database, Event, Job, JobWork, User, WorkerSession } from './client/client.ts';
import { type Sql, sql } from './client.ts';
import { firstBlocker, HIDDEN_BLOCKER } from './holds.ts';
import { UNKNOWN_TYPE } from './sessions.ts';

/** The status message of a PENDING job that waits for nothing else. */
export const WAITING = 'waiting for a worker';

/**
 * Rows of raw statements, in the types that Prisma generates from the schema: a column that is renamed or changes its
 * type there causes a compile error here. An expression is a bigint, or a type derived from it.
 */
export type JobRow = Job &
  Pick<JobWork, 'details' | 'inputJson' | 'warnings'> & {
    readonly coordinator: WorkerSession['name'] | null;
    readonly ownerIsAdmin: User['isAdmin'] | null;
    readonly blocker: bigint | null;
    readonly isUnknown: bigint;
  };

/** Jobs with their related rows, one row each; conditions name the job `j`. Not limited to what the viewer may see. */
export const jobsFor = (
  access: Access,
): Sql => sql`SELECT j.*, w.details, w.inputJson, w.warnings, ${UNKNOWN_TYPE} AS isUnknown, s.name AS coordinator,
    u.isAdmin AS ownerIsAdmin, ${firstBlocker(access)} AS blocker
  FROM Job j JOIN JobWork w ON w.jobId = j.id
  LEFT JOIN WorkerSession s ON s.id = j.claimedBy LEFT JOIN User u ON u.name = j.userName`;

export const instantOf = (at: Date): Instant => at.getTime();
export const instantOrNull = (at: Date | null): Instant | null => (at === null ? null : at.getTime());

export const readJob = (row: JobRow): KnownJob => ({
  id: String(row.id),
  type: row.type as JobType,
  typeName: row.typeName,
  description: row.description,
  userName: row.userName,
  database: row.database,
  status: row.status as JobStatus,
  statusMessage: messageOf(row),
  createdAt: instantOf(row.createdAt),
  runAt: instantOrNull(row.runAt),
  priority: row.priority,
  startedAt: instantOrNull(row.startedAt),
  finishedAt: instantOrNull(row.finishedAt),
  modifiedAt: instantOf(row.modifiedAt),
  fractionCompleted: row.fractionCompleted,
  counters: JSON.parse(row.counters),
  rateSince: instantOrNull(row.rateSince),
  rateFraction: row.rateFraction,
  error: row.error,
  attempts: row.attempts,
  nextAttemptAt: instantOrNull(row.nextAttemptAt),
  awaitsResume: row.awaitsResume,
  pauseReason: row.pauseReason,
  revertCause: row.revertCause as RevertCause | null,
  committing: row.committing,
  coordinator: row.coordinator,
  claimedBy: row.claimedBy,
  details: JSON.parse(row.details),
  inputJson: row.inputJson === null ? null : JSON.parse(row.inputJson),
  warnings: JSON.parse(row.warnings),
  ownerIsAdmin: row.ownerIsAdmin ?? false,
  revision: Number(row.revision),
});

/** The reason for a wait is derived here if it can change without a write to the job. */
const messageOf = (row: JobRow): string | null => {
  if (row.isUnknown === 1n) return `no server knows ${row.typeName}`;
  if (row.blocker === HIDDEN_BLOCKER) return 'waiting for another job';
  if (row.blocker !== null) return `waiting for job ${row.blocker}`;
  if (row.statusMessage !== WAITING || row.startedAt !== null || row.runAt === null) return row.statusMessage;
  return `${WAITING}, not before ${row.runAt.toISOString()}`;
};

export const readEvent = (row: Event): JobEvent => ({
  cursor: row.cursor,
  jobId: String(row.jobId),
  at: instantOf(row.at),
  actor: {
    kind: row.actorKind as Actor['kind'],
    name: row.actorName,
    ...(row.tokenId === null ? {} : { tokenId: row.tokenId }),
  },
  type: row.type as JobType,
  typeName: row.typeName,
  userName: row.userName,
  database: row.database,
  description: row.description,
  from: row.from as JobStatus | null,
  to: row.to as JobStatus,
  command: row.command as JobCommand | null,
  commandId: row.commandId,
  reason: row.reason,
  error: row.error,
});

export const readDatabase = ({
  name,
  url,
  createdAt,
}: Pick<Database, 'name' | 'url' | 'createdAt'>): KnownDatabase => ({
  name,
  url,
  createdAt: instantOf(createdAt),
});
