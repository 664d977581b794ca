/** Reads rows of a store, in the types that the rest of the server knows. */
import type { Scope } from '../auth/scope.ts';
import type { StoredToken } from '../auth/token.ts';
import { conflict, idempotencyConflict, tooMany } from '../errors.ts';
import type { Actor, ExecutionError, Instant, JobEvent, JobId, JobType, Job as KnownJob } from '../jobs/job.ts';
import type { JobCommand, JobStatus, RevertCause } from '../jobs/status.ts';
import type { AuditEvent, Idempotency, KnownDatabase, LiveSession, NewToken, RegisteredKind } from './store.ts';
import type {
  AuditEvent as AuditRow,
  Database,
  Event,
  ExecutionError as ExecutionErrorRow,
  IdempotencyKey,
  Job,
  JobWork,
  RegisteredKind as RegisteredKindRow,
  Stored,
  Token as TokenRow,
  User,
  WorkerSession,
} from './stored.ts';

/** The status message of a PENDING job that waits for nothing else. */
export const WAITING = 'waiting for a worker';

export type JobRow = Stored<Job> &
  Pick<JobWork, 'details' | 'inputJson' | 'warnings' | 'rerunOf' | 'secretPaths' | 'rowError' | 'result'> & {
    readonly coordinator: WorkerSession['name'] | null;
    readonly ownerIsAdmin: User['isAdmin'] | null;
    /** The first job that it waits for, HIDDEN_BLOCKER if the viewer sees none of them, or null. */
    readonly blocker: bigint | number | null;
    readonly isUnknown: bigint | boolean;
    /** The server that the job waits for, which is away. */
    readonly awaitedNode?: string | null;
  };

/** Greater than the id of any job. */
export const HIDDEN_BLOCKER = Number.MAX_SAFE_INTEGER;

export const instantOf = (at: Date | number): Instant => Number(at);
const instantOrNull = (at: Date | number | null): Instant | null => (at === null ? null : Number(at));

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
  rerunOf: row.rerunOf === null ? null : String(row.rerunOf),
  scheduleId: row.scheduleId === null ? null : String(row.scheduleId),
  secretPaths: row.secretPaths === null ? null : JSON.parse(row.secretPaths),
  rowError: row.rowError,
  warnings: JSON.parse(row.warnings),
  result: row.result === null ? null : JSON.parse(row.result),
  ownerIsAdmin: row.ownerIsAdmin ?? false,
  revision: Number(row.revision),
});

/** The reason for a wait is derived here if it can change without a write to the job. */
const messageOf = (row: JobRow): string | null => {
  if (row.awaitedNode) return `waiting for node ${row.awaitedNode}`;
  if (row.isUnknown) return `no server knows ${row.typeName}`;
  if (Number(row.blocker) === HIDDEN_BLOCKER) return 'waiting for another job';
  if (row.blocker !== null) return `waiting for job ${row.blocker}`;
  if (row.statusMessage !== WAITING || row.startedAt !== null || row.runAt === null) return row.statusMessage;
  return `${WAITING}, not before ${new Date(instantOf(row.runAt)).toISOString()}`;
};

const readActor = (row: Pick<Event, 'actorKind' | 'actorName' | 'tokenId'>): Actor => ({
  kind: row.actorKind as Actor['kind'],
  name: row.actorName,
  ...(row.tokenId === null ? {} : { tokenId: row.tokenId }),
});

export const readEvent = (row: Stored<Event>): JobEvent => ({
  cursor: Number(row.cursor),
  jobId: String(row.jobId),
  at: instantOf(row.at),
  actor: readActor(row),
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
  node = null,
}: Pick<Stored<Database>, 'name' | 'url' | 'createdAt'> & { readonly node?: string | null }): KnownDatabase => ({
  name,
  url,
  createdAt: instantOf(createdAt),
  node,
});

export const readAuditEvent = (row: Stored<AuditRow>): AuditEvent => ({
  cursor: Number(row.cursor),
  at: instantOf(row.at),
  actor: readActor(row),
  action: row.action,
  target: row.target,
  before: row.before === null ? null : JSON.parse(row.before),
  after: row.after === null ? null : JSON.parse(row.after),
  reason: row.reason,
  remoteAddress: row.remoteAddress,
});

export const readToken = (row: Stored<TokenRow>): StoredToken => ({
  id: row.id,
  userName: row.userName,
  name: row.name,
  scope: row.scope as Scope,
  kinds: row.kinds === null ? null : JSON.parse(row.kinds),
  createdAt: instantOf(row.createdAt),
  expiresAt: instantOrNull(row.expiresAt),
  lastUsedAt: instantOrNull(row.lastUsedAt),
  hash: row.hash,
});

/** A value of the audit log. */
export const jsonOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

export type ErrorRow = Pick<Stored<ExecutionErrorRow>, 'jobId' | 'at' | 'attempt' | 'message'>;

export const readErrors = (ids: readonly JobId[], rows: readonly ErrorRow[]) => {
  const byJob: Record<JobId, ExecutionError[]> = Object.fromEntries(ids.map((id) => [id, []]));
  for (const { jobId, at, attempt, message } of rows) {
    byJob[String(jobId)]?.push({ at: instantOf(at), attempt, message });
  }
  return byJob;
};

/** The job that was created with a key. @throws IDEMPOTENCY_CONFLICT for a different input */
export const jobOfKey = (row: Stored<IdempotencyKey> | null, { key, inputHash }: Idempotency): JobId | null => {
  if (row === null) return null;
  if (row.inputHash === inputHash) return String(row.jobId);
  throw idempotencyConflict(`idempotencyKey ${JSON.stringify(key)} was used with another input for job ${row.jobId}`);
};

/** The user or database that was created with a key. @throws IDEMPOTENCY_CONFLICT for a different input */
export const targetOfKey = (
  row: Pick<Stored<IdempotencyKey>, 'inputHash' | 'target'> | null,
  { key, inputHash }: Idempotency,
): string | null => {
  if (row === null || row.inputHash === inputHash) return row?.target ?? null;
  throw idempotencyConflict(`idempotencyKey ${JSON.stringify(key)} was used with another input for ${row.target}`);
};

/** More would slow down nothing, but are a sign of a program that creates one for each run. */
export const MOST_TOKENS = 100;

export const tooManyTokens = (userName: string) =>
  tooMany(`user ${userName} has ${MOST_TOKENS} tokens: revoke those that are not used`);

/** The token that was created with a key. @throws IDEMPOTENCY_CONFLICT for a different input */
export const tokenOfKey = (
  row: Pick<TokenRow, 'id' | 'inputHash'> | null,
  { key, inputHash }: NonNullable<NewToken['idempotency']>,
): string | null => {
  if (row === null) return null;
  if (row.inputHash === inputHash) return row.id;
  throw idempotencyConflict(`idempotencyKey ${JSON.stringify(key)} was used with another input for token ${row.id}`);
};

/** The job that makes a database, until it has succeeded. */
export const makerIn = (row: Pick<Stored<Database>, 'madeBy'> | null): JobId | null =>
  row === null || row.madeBy === null ? null : String(row.madeBy);

export const databaseInUse = (name: string, jobId: bigint | number) =>
  conflict(`database ${name} is used by job ${jobId}, which has not ended, or whose traces have not been removed yet`, {
    jobId: String(jobId),
  });

export const readSession = (row: SessionRow): LiveSession => ({
  node: row.node ?? null,
  version: row.version ?? null,
  startedAt: instantOf(row.startedAt),
  heartbeatAt: instantOf(row.heartbeatAt),
  draining: Boolean(row.draining),
  runningJobs: Number(row.runningJobs),
});

export type SessionRow = Pick<Stored<WorkerSession>, 'startedAt' | 'heartbeatAt'> & {
  readonly runningJobs: bigint | number;
  readonly draining: boolean | bigint | number;
  readonly node?: string | null;
  readonly version?: string | null;
};

export const readRegisteredKind = (row: Stored<RegisteredKindRow>): RegisteredKind => ({
  name: row.name,
  definition: JSON.parse(row.definition),
  registeredAt: instantOf(row.registeredAt),
});
