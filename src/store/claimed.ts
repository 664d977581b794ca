/** Reads what a session has claimed. */
import type { JobId } from '../jobs/job.ts';
import type { JobStatus } from '../jobs/status.ts';
import { type OwnerRow, readOwner } from './owners.ts';
import { readDatabase } from './rows.ts';
import type { ClaimAnswer, Claimed, ClaimLimits } from './store.ts';
import type { Database, Job, JobCredentials, JobWork, Stored } from './stored.ts';

export const NO_CLAIMS: ClaimAnswer = { claimed: [], requested: [], draining: false, nextAttemptInMs: null };

export interface OwnJob {
  readonly id: JobId;
  readonly status: JobStatus;
  readonly continuous: boolean;
}

export const readOwnJob = (row: Pick<Stored<Job>, 'id' | 'status' | 'continuous'>): OwnJob => ({
  id: String(row.id),
  status: row.status as JobStatus,
  continuous: row.continuous,
});

/** The slots that remain after jobs that the session owns, but does not hold, are returned to it. */
export const limitsWithout = (limits: ClaimLimits, unheld: readonly OwnJob[]): ClaimLimits => {
  const held = (wanted: JobStatus) =>
    unheld.filter(({ status, continuous }) => status === wanted && !continuous).length;
  return {
    ...limits,
    running: Math.max(0, limits.running - held('RUNNING')),
    reverting: Math.max(0, limits.reverting - held('REVERTING')),
  };
};

/** The jobs of the session that have to stop. */
export const requestedOf = (
  own: readonly OwnJob[],
  claimed: readonly Claimed[],
  draining: boolean,
): readonly JobId[] => {
  const requested = own.filter(
    ({ status }) => draining || status === 'PAUSE_REQUESTED' || status === 'CANCEL_REQUESTED',
  );
  const released = claimed.filter(({ task }) => task === 'release');
  return [...new Set([...requested.map(({ id }) => id), ...released.map(({ claim }) => claim.jobId)])];
};

type JobColumns = Pick<
  Stored<Job>,
  | 'id'
  | 'epoch'
  | 'typeName'
  | 'status'
  | 'fractionCompleted'
  | 'storeId'
  | 'began'
  | 'attempts'
  | 'committing'
  | 'userName'
>;

export type ClaimedRow = JobColumns &
  Pick<JobWork, 'details' | 'checkpoint' | 'inputJson'> &
  OwnerRow & {
    readonly secrets: JobCredentials['secrets'] | null;
    readonly databaseName: Database['name'] | null;
    readonly databaseUrl: Database['url'] | null;
    readonly databaseCreatedAt: Stored<Database>['createdAt'] | null;
    readonly wantedDatabase: Job['database'];
    readonly isReserved: bigint | boolean | null;
    readonly databaseNode?: string | null;
  };

const TASKS: Readonly<Record<string, Claimed['task']>> = {
  RUNNING: 'run',
  REVERTING: 'revert',
  PAUSE_REQUESTED: 'release',
};

export const readClaimed = (row: ClaimedRow, sessionId: string): Claimed => ({
  claim: { jobId: String(row.id), sessionId, epoch: row.epoch },
  storeId: row.storeId,
  began: row.began,
  attempts: row.attempts,
  typeName: row.typeName,
  task: TASKS[row.status] ?? 'release',
  details: JSON.parse(row.details),
  ...(row.secrets === null ? {} : { secrets: row.secrets }),
  checkpoint: row.checkpoint === null ? null : JSON.parse(row.checkpoint),
  databaseName: row.wantedDatabase,
  database: databaseOf(row),
  owner: readOwner(row),
  inputJson: row.inputJson,
  committing: row.committing,
  fractionCompleted: row.fractionCompleted,
});

const databaseOf = ({ databaseName: name, databaseUrl: url, databaseCreatedAt: createdAt, ...row }: ClaimedRow) =>
  name === null || url === null || createdAt === null
    ? null
    : {
        ...readDatabase({ name, url, createdAt, node: row.databaseNode ?? null }),
        ...(row.isReserved ? { isReserved: true } : {}),
      };
