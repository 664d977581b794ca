/**
 * Finds what jobs left behind without a record in the store: when an older copy of a database was restored, when its
 * file was missing at the end of a job, or when the server was killed. Each database is swept at startup, every hour,
 * and when its file has been replaced; the folders for work in progress and for what ended jobs keep, at startup and
 * every hour. A sweep removes objects of this store's jobs that have ended, that the store no longer knows, or that work
 * in another file: the database is then a copy of it. Objects that belong to another store are logged and never touched.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { keptFileOwner, type OwnedThings } from '../databases/database.ts';
import { conflict, messageOf } from '../errors.ts';
import { type Access, SERVER_REACH } from '../jobs/access.ts';
import type { Job } from '../jobs/job.ts';
import type { Environment, Owner } from '../jobs/kind.ts';
import type { KnownDatabase, Store } from '../store/store.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import type { Runner } from './runner.ts';
import { DATABASE } from './work-protocol.ts';

export interface SweepOptions {
  readonly store: Store;
  readonly runner: Runner;
  readonly log: Logger;
  readonly environmentOf: EnvironmentOf;
  readonly isHere: Databases['isHere'];
}

const SWEEP_MS = 60 * 60_000;
/** More are not looked at: a file that is removed too early is written again. */
const MAX_PENDING = 10_000;
const ALL: Access = { sees: 'all', controls: [], userName: '' };
/** Job ids are numbers; other entries of the folder belong to nobody known. */
const JOB_ID = /^\d{1,19}$/;

interface State {
  /** When a database was last swept, and the identity of its file at that time. */
  readonly swept: Map<string, { readonly at: number; readonly identity: string | null }>;
  /** Objects of other stores that have already been logged. */
  readonly named: Set<string>;
  foldersAt: number;
}

/** Returns a function that sweeps what is due. */
export const startSweep = (options: SweepOptions): (() => Promise<void>) => {
  const state: State = { swept: new Map(), named: new Set(), foldersAt: Number.NEGATIVE_INFINITY };
  return async () => {
    await sweepFolders(options, state);
    await sweepDatabases(options, state);
  };
};

/** Removes the work directories of jobs that have ended and been cleaned up, or that the store does not know. */
const sweepFolders = async ({ store, log, environmentOf }: SweepOptions, state: State): Promise<void> => {
  const now = performance.now();
  if (now - state.foldersAt < SWEEP_MS) return;
  const { workDir } = environmentOf(null, SERVER_REACH);
  const names = (await readdir(workDir).catch(() => [])).filter((name) => JOB_ID.test(name));
  const pending = new Set((await store.pendingCleanups(names.length + 1, null)).map(({ id }) => id));
  const jobs = new Map((await store.jobsById(names, ALL)).map((job) => [job.id, job]));
  for (const name of names) {
    if (jobs.get(name)?.finishedAt === null || pending.has(name)) continue;
    log.info({ jobId: name }, 'removing the work directory of a job that has ended');
    await rm(join(workDir, name), { recursive: true, force: true });
  }
  await sweepKept({ store, log, environmentOf });
  state.foldersAt = now;
};

/** Removes the files of jobs that the store does not know, and incomplete ones that no clean-up is writing. */
const sweepKept = async ({ store, log, environmentOf }: Pick<SweepOptions, 'store' | 'log' | 'environmentOf'>) => {
  const { keptDir } = environmentOf(null, SERVER_REACH);
  const found = (await readdir(keptDir).catch(() => [])).flatMap((name) => {
    const owner = keptFileOwner(name);
    return owner === null ? [] : [{ name, ...owner }];
  });
  if (found.length === 0) return;
  const known = new Set((await store.jobsById([...new Set(found.map(({ jobId }) => jobId))], ALL)).map(({ id }) => id));
  const pending = new Set((await store.pendingCleanups(MAX_PENDING, null)).map(({ id }) => id));
  for (const { name, jobId, isPart } of found) {
    if (known.has(jobId) && (!isPart || pending.has(jobId))) continue;
    log.info({ jobId, name }, 'removing what a job kept for its readers');
    await rm(join(keptDir, name), { force: true });
  }
};

const sweepDatabases = async (options: SweepOptions, state: State): Promise<void> => {
  const now = performance.now();
  for (const database of await options.store.databases()) {
    if (!options.isHere(database)) continue;
    const identity = await identityOf(fileOf(options, database));
    const known = state.swept.get(database.name);
    if (identity === null || (known?.identity === identity && now - known.at < SWEEP_MS)) continue;
    try {
      await sweep(options, state, database);
      state.swept.set(database.name, { at: now, identity });
    } catch (error) {
      options.log.warn({ database: database.name, reason: messageOf(error) }, 'a database could not be swept yet');
    }
  }
};

const sweep = async (options: SweepOptions, state: State, database: KnownDatabase): Promise<void> => {
  const { store, runner, log } = options;
  const file = fileOf(options, database);
  const found = await runner.ask<readonly OwnedThings[]>(DATABASE, 'listOwned', file, database.name);
  const ids = [...new Set(found.map(({ owner }) => owner.jobId))];
  const jobs = new Map((await store.jobsById(ids, ALL)).map((job) => [job.id, job]));
  for (const things of found) {
    const { owner, objects } = things;
    const job = jobs.get(owner.jobId);
    if (!isOfStore(owner, job, store.id)) {
      const key = `${database.name} ${owner.storeId} ${owner.jobId}`;
      if (state.named.has(key)) continue;
      state.named.add(key);
      log.info({ database: database.name, ...owner, names: objects.map(({ name }) => name) }, 'left by another store');
      continue;
    }
    // What users may still read of an ended job is moved, from its own database only: a copy may have fewer rows.
    const isMoved = job !== undefined && job.finishedAt !== null && job.database === database.name;
    const left = job === undefined || isMoved ? objects : objects.filter(({ isKept }) => !isKept);
    if (await worksThere(options, job, database)) continue;
    if (left.length === 0 && !things.hasRecord) continue;
    log.info({ database: database.name, ...owner, names: left.map(({ name }) => name) }, 'removing what a job left');
    const { keptDir } = options.environmentOf(database, SERVER_REACH);
    const owned: OwnedThings = { ...things, objects: left };
    await runner.ask(DATABASE, 'removeOwned', file, database.name, owned, isMoved ? keptDir : null);
  }
  for (const storeId of new Set([store.id, ...found.map(({ owner }) => owner.storeId).filter((id) => id === null)])) {
    const others = found.filter(({ owner }) => owner.storeId === storeId).map(({ owner }) => jobs.get(owner.jobId));
    const inUse = await Promise.all(others.map((job) => worksThere(options, job, database)));
    if (!inUse.includes(true)) {
      await runner.ask(DATABASE, 'dropRecords', file, database.name, storeId);
    }
  }
};

/** Whether a job that has not ended works in this file, whatever the name of its database. */
const worksThere = async (options: SweepOptions, job: Job | undefined, database: KnownDatabase): Promise<boolean> => {
  if (job === undefined || job.finishedAt !== null) return false;
  const own = (await options.store.databases()).find(({ name }) => name === job.database);
  if (own === undefined || own.name === database.name) return true;
  const [file, copy] = await Promise.all([own, database].map((known) => identityOf(fileOf(options, known))));
  return file === null || file === copy;
};

/** Removes everything that jobs of this store have in a database, of those as well that can still be read. */
export const removeLeft = async (
  { store, runner, environmentOf }: Pick<SweepOptions, 'store' | 'runner' | 'environmentOf'>,
  database: KnownDatabase,
): Promise<void> => {
  const file = fileOf({ environmentOf }, database);
  const found = await runner.ask<readonly OwnedThings[]>(DATABASE, 'listOwned', file, database.name);
  const ids = [...new Set(found.map(({ owner }) => owner.jobId))];
  const jobs = new Map((await store.jobsById(ids, ALL)).map((job) => [job.id, job]));
  const own = found.filter(({ owner }) => isOfStore(owner, jobs.get(owner.jobId), store.id));
  const live = own.find(({ owner }) => jobs.get(owner.jobId)?.finishedAt === null);
  if (live !== undefined) {
    const { jobId } = live.owner;
    throw conflict(`database ${database.name} is used by job ${jobId}, which has not ended`, { jobId });
  }
  for (const things of own) await runner.ask(DATABASE, 'removeOwned', file, database.name, things, null);
  for (const storeId of new Set([store.id, ...own.map(({ owner }) => owner.storeId)])) {
    await runner.ask(DATABASE, 'dropRecords', file, database.name, storeId);
  }
};

/** Names without a store id belong to a job created before stores had ids: it is this store's if the store knows it. */
const isOfStore = ({ storeId }: Owner, job: Job | undefined, ownId: string): boolean =>
  storeId === null ? job !== undefined : storeId === ownId;

/** Only SQLite databases are cleaned up here. */
const placeFile = ({ database }: Environment): string => (database?.engine === 'sqlite' ? database.file : '');

export const fileOf = ({ environmentOf }: Pick<SweepOptions, 'environmentOf'>, database: KnownDatabase): string =>
  placeFile(environmentOf(database, SERVER_REACH));

const identityOf = async (file: string): Promise<string | null> => {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev}:${found.ino}`;
};
