/**
 * One session of a worker: from its start until it stops, or until its claims are lost. A worker that has not reached the
 * server for two thirds of a lease stops its jobs: after the whole lease other workers may take them over.
 */
import { type ClaimedJob, execute, type Outcome } from '../engine/execute.ts';
import { cutText, messageOf } from '../errors.ts';
import type { DatabasePlace, Environment, Kind } from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import { limitedBy } from '../sleep.ts';
import type { Saved } from '../store/store.ts';
import { createBatches } from './batches.ts';
import type { Call } from './calls.ts';

/** A job as the server sends it. */
export interface SentJob {
  readonly jobId: string;
  readonly epoch: number;
  readonly typeName: string;
  readonly task: 'run' | 'revert' | 'release';
  readonly input: unknown;
  readonly checkpoint: unknown;
  readonly attempt: number;
  /** Omitted by servers of before. */
  readonly database?: DatabasePlace | null;
  readonly committing: boolean;
}

export interface SessionOptions {
  readonly session: string;
  readonly leaseMs: number;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly slots: number;
  readonly call: Call;
  readonly log: (message: string) => void;
}

interface Running {
  readonly job: SentJob;
  readonly isContinuous: boolean;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Reverting jobs never wait for the slots of running jobs. */
const REVERTING_SLOTS = 8;
/** The lost part of a lease after which the jobs stop. */
const LOST_SHARE = 2 / 3;
const CHECKS_PER_LEASE = 24;

/** A worker has nothing of the server's, except that it learns the place of a database. */
const ENVIRONMENT: Environment = {
  filesDir: '',
  filesFolder: null,
  restoresTriggers: false,
  allowPrivateHosts: [],
  database: null,
  workDir: '',
  keptDir: '',
  serverCredentials: null,
  maxFeedBytes: 0,
  maxWindowBytes: 0,
};

export type WorkSession = ReturnType<typeof createSession>;

export const createSession = (options: SessionOptions) => {
  const { session, leaseMs, kinds, slots, call, log } = options;
  const lost = new AbortController();
  const running = new Map<string, Running>();
  let beatAt = performance.now();
  let isStopping = false;
  const save = createBatches<{ readonly status?: JobStatus | null; readonly committing?: boolean }>(
    'save',
    session,
    call,
    leaseMs / 3,
    lost.signal,
  );
  const settle = createBatches<{ readonly status: JobStatus | null }>(
    'settle',
    session,
    call,
    leaseMs / 3,
    lost.signal,
  );

  const lose = (reason: string) => {
    if (lost.signal.aborted) return;
    clearInterval(timer);
    if (running.size > 0) log(`${reason}: ${running.size === 1 ? 'the job is' : 'all jobs are'} stopped`);
    lost.abort();
    for (const { stop } of running.values()) stop.abort();
  };
  const timer = setInterval(() => {
    if (performance.now() - beatAt > leaseMs * LOST_SHARE)
      lose('the server has not answered for two thirds of a lease');
  }, leaseMs / CHECKS_PER_LEASE);

  const claimedJob = ({ jobId, epoch }: SentJob): ClaimedJob => ({
    save: async (saved) => (await save({ jobId, epoch, ...fieldsOf(saved) }))?.status ?? null,
    markCommitting: async (saved) =>
      (await save({ jobId, epoch, ...fieldsOf(saved), commit: true }))?.committing ?? false,
    isCurrent: async () => !lost.signal.aborted,
    markBegan: async () => !lost.signal.aborted,
    usedBackups: async () => [],
    warn: (message) => log(`job ${jobId}: ${message}`),
    log: (message) => log(`job ${jobId}: ${message}`),
  });

  const run = async (job: SentJob, signal: AbortSignal): Promise<void> => {
    const { jobId, epoch, typeName, task, input, checkpoint, attempt } = job;
    const kind = kinds.get(typeName);
    const claim = { jobId, epoch, sessionId: session };
    const claimed = {
      ...{ claim, typeName, task, details: { input }, checkpoint, attempts: attempt - 1, committing: job.committing },
      ...{ storeId: null, began: false, database: null, fractionCompleted: null },
    };
    const environment = { ...ENVIRONMENT, database: job.database ?? null };
    const outcome: Outcome =
      kind === undefined ? { report: 'stopped' } : await execute(kind, claimed, environment, claimedJob(job), signal);
    if (outcome === null || lost.signal.aborted) return;
    await report(job, outcome);
  };

  const report = async (
    { jobId, epoch, typeName }: SentJob,
    { report: what, error, message, saved }: NonNullable<Outcome>,
  ) => {
    const fields = fieldsOf({ ...saved, ...(message !== undefined && { message }) });
    const failure = error === undefined ? {} : { error: cutText(error), retry: kinds.get(typeName)?.retry };
    const answer = await settle({ jobId, epoch, report: what, ...failure, ...fields });
    if (answer !== null && answer.status === null) log(`job ${jobId}: the claim was lost`);
  };

  const start = (job: SentJob) => {
    // The answer to an earlier claim was late: the job has been started already.
    if (lost.signal.aborted || running.get(job.jobId)?.job.epoch === job.epoch) return;
    const stop = new AbortController();
    if (isStopping) stop.abort();
    const ended = run(job, stop.signal)
      .catch((error) => log(`job ${job.jobId} was left without a report: ${messageOf(error)}`))
      .finally(() => {
        if (running.get(job.jobId) === entry) running.delete(job.jobId);
      });
    const isContinuous = kinds.get(job.typeName)?.continuous === true;
    const entry: Running = { job, isContinuous, stop, ended };
    running.set(job.jobId, entry);
  };

  const freeSlots = () => {
    const used = (task: SentJob['task']) =>
      [...running.values()].filter(({ job, isContinuous }) => job.task === task && !isContinuous).length;
    return {
      running: isStopping ? 0 : Math.max(0, slots - used('run')),
      reverting: isStopping ? 0 : Math.max(0, REVERTING_SLOTS - used('revert')),
    };
  };

  const claim = async (stopping: AbortSignal | null): Promise<void> => {
    const sentAt = performance.now();
    const asked = [...running.values()].filter(({ stop }) => stop.signal.aborted).map(({ job }) => job.jobId);
    using limit = limitedBy(leaseMs / 2, [lost.signal, stopping]);
    const body = { session, ...freeSlots(), holding: [...running.keys()], stopping: asked, wait: !isStopping };
    const { jobs, stop } = await call<Answer>('claim', body, limit.signal);
    beatAt = sentAt;
    for (const job of jobs) start(job);
    for (const id of stop) running.get(id)?.stop.abort();
  };

  return {
    lost: lost.signal,
    lose,
    /** Claims jobs, starts them, and stops those that were asked to stop. It is a heartbeat. */
    claim,
    /** Asks every job to save and stop, waits until all have stopped, and ends the session. */
    stop: async (): Promise<void> => {
      isStopping = true;
      for (const { stop } of running.values()) stop.abort();
      // The answer to the last claim may be lost: its jobs are stopped too, since they have not begun.
      await claim(null).catch(() => undefined);
      await Promise.all([...running.values()].map(({ ended }) => ended));
      clearInterval(timer);
      using limit = limitedBy(leaseMs / 3, []);
      await call('stop', { session }, limit.signal).catch(() => undefined);
    },
  };
};

interface Answer {
  readonly jobs: readonly SentJob[];
  /** Those that have to stop. */
  readonly stop: readonly string[];
}

/** As the protocol has them: values, and no JSON within JSON. */
const fieldsOf = ({ checkpoint, result, counters, ...others }: Saved) => ({
  ...others,
  ...(checkpoint !== undefined && { checkpoint: JSON.parse(checkpoint) }),
  ...(result !== undefined && { result: JSON.parse(result) }),
  ...(counters !== undefined && { counters: Object.fromEntries(counters.map(({ name, value }) => [name, value])) }),
});
