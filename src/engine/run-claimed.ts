/** Has one claimed job executed, gives it what it may ask of the store, and settles what became of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Vault } from '../auth/vault.ts';
import { messageOf, SignalboxError } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import { Transient } from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Claimed, Store } from '../store/store.ts';
import type { EnvironmentOf } from './databases.ts';
import type { ClaimedJob, Outcome } from './execute.ts';
import { WHEN_BROKEN } from './execute-in-process.ts';
import type { Runner } from './runner.ts';

export interface RunOptions {
  readonly store: Store;
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
 * Answers the status after it; null when the claim was lost. PAUSE_REQUESTED where the pause came before the fence was
 * acquired: the claim is kept then, and the fence has to be acquired before the pause is true.
 * @param stopping aborted when the worker stops: the next one does what the store does not take now
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
  const status = await untilStored(() => store.settle(claim, { ...outcome, actor: name }, now()), log, stopping);
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
  const { secrets: sealed, ...job } = claimed;
  let opened = {};
  try {
    if (sealed !== undefined && claimed.task !== 'release') opened = { secrets: vault.open(sealed) };
  } catch (error) {
    return { report: WHEN_SEALED[claimed.task], fenceAcquired: false, error: messageOf(error) };
  }
  const environment = options.environmentOf(claimed.database, claimed.ownerIsAdmin);
  try {
    return await runner.execute({ ...job, ...opened }, environment, claimedJob(claimed, options, stopping), signal);
  } catch (error) {
    log.error({ err: error }, 'the work ended by itself');
    return { report: WHEN_BROKEN[claimed.task], error: messageOf(error) };
  }
};

/** What is reported of a job whose secrets cannot be opened: the setting may be put right. */
const WHEN_SEALED = { ...WHEN_BROKEN, run: 'pauseAsked' } as const;

const claimedJob = ({ claim }: Claimed, { store, log, now }: RunOptions, stopping: AbortSignal): ClaimedJob => {
  /** A store that fails is no fault of the work's: that is tried again or, while the worker stops, by the next one. */
  const asked = async <T>(ask: () => Promise<T>, claimLost: T): Promise<T> => {
    try {
      return await untilStored(ask, log, stopping);
    } catch (error) {
      if (isUnavailable(error)) return claimLost;
      log.error({ err: error }, 'the job store failed');
      throw new Transient('the job store failed');
    }
  };
  return {
    save: (saved) => asked(() => store.save(claim, saved, now()), null),
    markCommitting: (saved) => asked(() => store.markCommitting(claim, saved, now()), false),
    isCurrent: () => asked(() => store.isCurrent(claim), false),
    markBegan: () => asked(() => store.markBegan(claim), false),
    warn: (message) => log.warn(message),
  };
};

const isUnavailable = (error: unknown) => error instanceof SignalboxError && error.code === 'UNAVAILABLE';

/** A store that is full or locked keeps its workers waiting, not failing: what they did is safe where they did it. */
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
