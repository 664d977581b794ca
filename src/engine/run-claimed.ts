/** Executes one claimed job, gives it access to the store, and settles its outcome. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Vault } from '../auth/vault.ts';
import { messageOf } from '../errors.ts';
import { fileUrlsIn, lostGrant, reachOf, SERVER_REACH } from '../jobs/access.ts';
import type { Instant } from '../jobs/job.ts';
import { Transient } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Claimed, Store } from '../store/store.ts';
import type { EnvironmentOf } from './databases.ts';
import type { ClaimedJob, Outcome } from './execute.ts';
import { WHEN_BROKEN } from './execute-in-process.ts';
import { isUnavailable } from './in-doubt.ts';
import { usedBackups } from './live-jobs.ts';
import type { Runner } from './runner.ts';

export interface RunOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly log: Logger;
  /** The name of the worker. */
  readonly name: string;
  readonly vault: Vault;
  readonly environmentOf: EnvironmentOf;
  readonly now: () => Instant;
}

const STORE_RETRY_MS = 1_000;

/**
 * Returns the resulting status, or null when the claim was lost. The result is PAUSE_REQUESTED when the pause came
 * before the fence was acquired: the claim is kept, and the fence has to be acquired before the job counts as paused.
 * @param stopping aborted when the worker stops; what the store does not accept now is left to the next worker
 */
export const runClaimed = async (
  claimed: Claimed,
  options: RunOptions,
  signal: AbortSignal,
  stopping: AbortSignal,
): Promise<JobStatus | null> => {
  const { claim } = claimed;
  const { store, name, now } = options;
  const log = options.log.child({ jobId: claim.jobId, epoch: claim.epoch });
  log.debug({ task: claimed.task }, 'claimed');
  const outcome = await executeClaimed(claimed, { ...options, log }, signal, stopping);
  if (outcome === null) {
    log.warn('the claim was lost: the job is released');
    return null;
  }
  const retry = options.registry.find(claimed.typeName)?.retry;
  const settled = { ...outcome, actor: name, ...(retry === undefined ? {} : { retry }) };
  const status = await untilStored(() => store.settle(claim, settled, now()), log, stopping);
  if (status !== 'PAUSE_REQUESTED') log.info({ report: outcome.report, status, error: outcome.error }, 'settled');
  return status;
};

const executeClaimed = async (
  claimed: Claimed,
  options: RunOptions,
  signal: AbortSignal,
  stopping: AbortSignal,
): Promise<Outcome> => {
  const { log, runner, vault } = options;
  const { secrets: sealed, owner, inputJson, databaseName, ...job } = claimed;
  const refused = lostGrantOf(claimed);
  if (refused !== null) return { report: 'pauseAsked', fenceAcquired: false, error: refused };
  let opened = {};
  try {
    if (sealed !== undefined && claimed.task !== 'release') opened = { secrets: vault.open(sealed) };
  } catch (error) {
    return { report: WHEN_SEALED[claimed.task], fenceAcquired: false, error: messageOf(error) };
  }
  // What a job wrote can be removed, whatever has been granted since.
  const granted = reachOf(owner);
  const { files } = granted;
  const reach = { ...granted, files: claimed.task === 'run' && !claimed.committing ? files : SERVER_REACH.files };
  const environment = { ...options.environmentOf(claimed.database, reach), creator: owner.name };
  try {
    return await runner.execute({ ...job, ...opened }, environment, claimedJob(claimed, options, stopping), signal);
  } catch (error) {
    log.error({ err: error }, 'the work ended by itself');
    return { report: WHEN_BROKEN[claimed.task], error: messageOf(error) };
  }
};

/** Why a claimed job may not run now; null if it may. What a job wrote can be removed, whatever has been granted since. */
export const lostGrantOf = (claimed: Claimed): string | null =>
  claimed.task === 'run' && !claimed.committing ? lostGrant(claimed.owner, neededBy(claimed)) : null;

const neededBy = ({ database, databaseName, inputJson }: Claimed) => ({
  database: databaseName,
  makesDatabase: database?.isReserved === true,
  urls: fileUrlsIn(inputJson === null ? null : JSON.parse(inputJson)),
});

/** The outcome reported for a job whose secrets cannot be decrypted, since the setting may be corrected later. */
const WHEN_SEALED = { ...WHEN_BROKEN, run: 'pauseAsked' } as const;

const claimedJob = ({ claim }: Claimed, { store, log, now }: RunOptions, stopping: AbortSignal): ClaimedJob => {
  /**
   * A store failure is no fault of the job: the call is retried or, while the worker stops, left to the next worker.
   */
  const retryStore = async <T>(ask: () => Promise<T>, claimLost: T): Promise<T> => {
    try {
      return await untilStored(ask, log, stopping);
    } catch (error) {
      if (isUnavailable(error)) return claimLost;
      log.error({ err: error }, 'the job store failed');
      throw new Transient('the job store failed');
    }
  };
  return {
    save: (saved) => retryStore(() => store.save(claim, saved, now()), null),
    markCommitting: (saved) => retryStore(() => store.markCommitting(claim, saved, now()), false),
    isCurrent: () => retryStore(() => store.isCurrent(claim), false),
    markBegan: () => retryStore(() => store.markBegan(claim), false),
    usedBackups: () => retryStore(() => usedBackups(store, claim.jobId), []),
    warn: (message) => log.warn(message),
    log: (message) => log.info({ message }, 'the job reports'),
  };
};

/** If the store is full or locked, its workers wait and do not fail: their work is safe in its target. */
const untilStored = async <T>(write: () => Promise<T>, log: Logger, stopping: AbortSignal): Promise<T> => {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isUnavailable(error) || stopping.aborted) throw error;
      log.warn({ err: error }, 'the job store is unavailable: trying again');
      await sleep(STORE_RETRY_MS);
    }
  }
};
