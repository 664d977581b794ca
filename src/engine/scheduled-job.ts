/**
 * The job of a schedule: what a person gives for it, and what becomes of it at a run. The secrets of its input are
 * sealed as those of jobs are. A backup may have a rhythm: every nth is full, the others are incremental on the last
 * one that succeeded. Where that is not there any more, the next one is full.
 */
import type { Vault } from '../auth/vault.ts';
import { badInput, SignalboxError, unavailable } from '../errors.ts';
import { type Access, fileUrlsIn, requireCreateJobs } from '../jobs/access.ts';
import type { Kind } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Placeholders, Schedule } from '../jobs/schedule.ts';
import type { NewSchedule, Store } from '../store/store.ts';
import type { Databases } from './databases.ts';
import { fill, hasPlaceholder } from './placeholders.ts';
import type { Creator, Prepare, Prepared } from './prepare.ts';
import type { RemoteKinds } from './remote-kinds.ts';
import { valueAt } from './secret-paths.ts';

export interface ScheduledJobOptions {
  readonly store: Pick<Store, 'jobsById' | 'databases'>;
  readonly registry: Registry;
  readonly remoteKinds: Pick<RemoteKinds, 'refresh'>;
  readonly prepare: Prepare;
  readonly databases: Pick<Databases, 'nodeFor'>;
  readonly vault: Vault;
}

/** A job as a person gives it for a schedule. */
export interface ScheduledJob {
  readonly typeName: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly priority: number;
  /** Of backups. Null: other kinds. */
  readonly fullEvery: number | null;
  /** The paths of `typeName` and of the input in the request, for errors. */
  readonly typeField: string;
  readonly field: string;
}

/** A backup has far fewer parents. */
const MOST_FULL_EVERY = 1_000;

type Input = Readonly<Record<string, unknown>>;
type JobColumns = Pick<NewSchedule, 'type' | 'typeName' | 'inputJson' | 'secrets' | 'priority' | 'fullEvery' | 'node'>;

/** A kind may have been registered at another server. */
const findKind = async (
  { registry, remoteKinds }: ScheduledJobOptions,
  typeName: string,
): Promise<Kind | undefined> => {
  if (!registry.isOwn(typeName)) await remoteKinds.refresh();
  return registry.find(typeName);
};

/**
 * Validates the job as its next run would, except that a source with a placeholder need not be there yet.
 * @param creator the owner
 * @throws FORBIDDEN, BAD_USER_INPUT, CONFLICT, UNAVAILABLE
 */
export const readScheduledJob = async (
  options: ScheduledJobOptions,
  job: ScheduledJob,
  creator: Creator,
  values: Placeholders,
): Promise<JobColumns> => {
  requireCreateJobs(creator.viewer);
  const { typeName, priority, fullEvery, field } = job;
  const kind = await findKind(options, typeName);
  if (kind === undefined) {
    throw badInput(job.typeField, `${job.typeField} ${JSON.stringify(typeName)} is no kind of this server`);
  }
  if (kind.continuous === true) {
    throw badInput(job.typeField, `${job.typeField} ${typeName} runs until it is canceled: it cannot be scheduled`);
  }
  const input = withoutKey(job);
  if (fullEvery !== null && (fullEvery < 1 || fullEvery > MOST_FULL_EVERY)) {
    const path = field.replace(/[^.]*$/, 'fullEvery');
    const bound = fullEvery < 1 ? 'at least 1' : `at most ${MOST_FULL_EVERY}`;
    throw badInput(path, `${path} ${fullEvery} must be ${bound}`);
  }
  if ((fullEvery ?? 1) > 1 && input.incrementalFrom != null) {
    throw badInput(
      `${field}.incrementalFrom`,
      `${field}.incrementalFrom cannot be given with fullEvery ${fullEvery}: each backup is incremental on the one before`,
    );
  }
  await tryOut(options, job, fill(input, values), creator);
  const shown = kind.redact?.(input) ?? input;
  if (fullEvery !== null) requireOwnDestination(shown as Input, field);
  const hasSecrets = JSON.stringify(shown) !== JSON.stringify(input);
  const database = (await options.store.databases()).find(({ name }) => name === input.database) ?? null;
  return {
    type: kind.type,
    typeName,
    inputJson: shown,
    secrets: hasSecrets ? options.vault.seal({ input: JSON.stringify(input) }) : null,
    priority,
    fullEvery,
    node: options.databases.nodeFor(database, fileUrlsIn(shown)),
  };
};

/** The destination of a backup is refused once it holds one: each run needs another. */
const requireOwnDestination = ({ destination }: Input, field: string): void => {
  if (hasPlaceholder(destination)) return;
  const path = `${field}.destination`;
  throw badInput(
    path,
    `${path} ${JSON.stringify(destination)} must contain {date}, {time} or {run}: each run creates a backup of its own`,
  );
};

const withoutKey = ({ input, field }: ScheduledJob): Input => {
  const { idempotencyKey = null, ...others } = input;
  if (idempotencyKey === null) return others;
  const path = `${field}.idempotencyKey`;
  throw badInput(path, `${path} ${JSON.stringify(idempotencyKey)} cannot be given: each run creates a job of its own`);
};

const tryOut = async ({ prepare }: ScheduledJobOptions, job: ScheduledJob, input: Input, creator: Creator) => {
  try {
    await prepare(job.typeName, input, creator, { runAt: null, priority: job.priority });
  } catch (error) {
    if (!(error instanceof SignalboxError) || typeof error.extensions.field !== 'string') throw error;
    const path = error.extensions.field.replace(/^input\.?/, '');
    if (/^source/.test(path) && hasPlaceholder(valueAt(job.input, path))) return;
    const field = path === '' ? job.field : `${job.field}.${path}`;
    const message = error.message.replace(/(?<![\w.])input\.(?=\w)/g, `${job.field}.`);
    throw new SignalboxError(error.code, message, { ...error.extensions, field });
  }
};

export interface PreparedRun extends Prepared {
  /** See StartedRun. */
  readonly chain: { readonly before: Schedule['chain']; readonly values: Placeholders } | null;
}

/** @throws what the creation of such a job throws, and UNAVAILABLE if no server knows the kind now */
export const prepareRun = async (
  options: ScheduledJobOptions,
  schedule: Schedule,
  creator: Creator,
  values: Placeholders,
): Promise<PreparedRun> => {
  const { typeName, priority, secrets, inputJson, fullEvery } = schedule;
  requireCreateJobs(creator.viewer);
  if ((await findKind(options, typeName)) === undefined) throw unavailable(`no server knows ${typeName}`);
  const given: Input = secrets === null ? inputJson : JSON.parse(options.vault.open(secrets).input ?? '{}');
  const timing = { runAt: null, priority };
  const prepareWith = (input: Input) => options.prepare(typeName, input, creator, timing);
  const input = fill(given, values);
  const parents = fullEvery === null ? [] : await usableParents(options, schedule);
  const parent = parents.length < (fullEvery ?? 1) ? parents.at(-1) : undefined;
  if (parent !== undefined) {
    const incrementalFrom = fill(given.destination, parent.values);
    try {
      return { ...(await prepareWith({ ...input, incrementalFrom })), chain: { before: parents, values } };
    } catch (error) {
      const isParent = error instanceof SignalboxError && error.extensions.field === 'input.incrementalFrom';
      if (!isParent) throw error;
    }
  }
  return { ...(await prepareWith(input)), chain: fullEvery === null ? null : { before: [], values } };
};

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };

/** The backups since the last full one that succeeded. One that retention has removed may still be there. */
const usableParents = async ({ store }: ScheduledJobOptions, { chain }: Schedule): Promise<Schedule['chain']> => {
  const jobs = await store.jobsById(
    chain.map(({ jobId }) => jobId),
    EVERYTHING,
  );
  const failed = new Set(jobs.filter(({ status }) => status !== 'SUCCEEDED').map(({ id }) => id));
  const [full] = chain;
  return full === undefined || failed.has(full.jobId) ? [] : chain.filter(({ jobId }) => !failed.has(jobId));
};
