/**
 * One of the store's threads. The writer has the one connection that writes, and a queue: each call is one BEGIN
 * IMMEDIATE … COMMIT, with nothing foreign awaited in it, so nothing ever runs inside somebody else's transaction. A
 * reader has a read-only connection. Both answer messages of the form { id, method, args }.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { SignalboxError } from '../../errors.ts';
import type { Retry } from '../../jobs/retry.ts';
import type { Commit } from '../store.ts';
import * as claims from './claims.ts';
import { type Connection, connect, sql, transaction } from './client.ts';
import { control } from './control.ts';
import * as events from './events.ts';
import * as holds from './holds.ts';
import * as jobs from './jobs.ts';
import { createChosen } from './moves.ts';
import { watchFile } from './presence.ts';
import * as retention from './retention.ts';
import * as sessions from './sessions.ts';
import * as users from './users.ts';
import * as work from './work.ts';

export interface StoreThreadData {
  readonly file: string;
  readonly mode: 'writer' | 'reader';
  readonly retry: Omit<Retry, 'jitter'>;
}
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type Answer =
  | { readonly id: number; readonly result: unknown; readonly commit?: Commit }
  | { readonly id: number; readonly error: ErrorData };
export interface ErrorData {
  readonly code?: string;
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

const { file, mode, retry: rules } = workerData as StoreThreadData;
const retry = (): Retry => ({ ...rules, jitter: Math.random() });

const READS = {
  job: jobs.job,
  jobsById: jobs.jobsById,
  jobs: jobs.jobs,
  jobsChangedSince: jobs.jobsChangedSince,
  statusesOf: jobs.statusesOf,
  countJobs: jobs.countJobs,
  countByStatus: jobs.countByStatus,
  blockers: holds.blockers,
  executionErrors: jobs.executionErrors,
  events: events.events,
  log: events.log,
  endedJobs: retention.endedJobs,
  users: users.users,
  databases: users.databases,
  makerOf: users.makerOf,
  jobByKey: jobs.jobByKey,
  ping: async (db: Connection) => void (await db.rows(sql`SELECT 1 FROM Counters`)),
};

type Rest<F> = F extends (db: Connection, ...rest: infer R) => unknown ? R : never;

const WRITES = {
  createJob: jobs.createJob,
  control,
  claim: (db: Connection, ...[session, limits, now]: [string, Rest<typeof claims.claim>[1], number]) =>
    claims.claim(db, session, limits, retry(), now),
  save: work.save,
  markCommitting: work.markCommitting,
  settle: (
    db: Connection,
    ...[claim, settled, now]: [Rest<typeof work.settle>[0], Rest<typeof work.settle>[1], number]
  ) => work.settle(db, claim, settled, retry(), now),
  startSession: sessions.startSession,
  heartbeat: sessions.heartbeat,
  endSession: sessions.endSession,
  createUser: users.createUser,
  updateUser: users.updateUser,
  createDatabase: users.createDatabase,
  removeJobs: retention.removeJobs,
  removeEvents: retention.removeEvents,
};

/** What the commits of these tell, beside where the log and the jobs' rows end. */
const TOLD: Readonly<Record<string, Partial<Commit>>> = {
  createUser: { users: true },
  updateUser: { users: true },
  removeJobs: { removed: true },
};

const METHODS = (mode === 'writer' ? WRITES : READS) as unknown as Readonly<
  Record<string, (db: Connection, ...args: readonly unknown[]) => Promise<unknown>>
>;

const prepare = async (): Promise<Connection> => {
  const db = await connect(file, mode);
  if (mode === 'writer') {
    await createChosen(db);
    await transaction(db, async () => {
      await users.seed(db, Date.now());
      await sessions.endOtherSessions(db, Date.now());
    });
  }
  return db;
};

const answer = async (db: Connection, { id, method, args }: Call): Promise<Answer> => {
  const call = METHODS[method];
  try {
    if (call === undefined) throw new Error(`the store's ${mode} has no ${method}`);
    requirePresence();
    if (mode === 'reader') return { id, result: await call(db, ...args) };
    const result = await transaction(db, () => call(db, ...args));
    const { head, revision } = await events.log(db);
    return { id, result, commit: { head, revision, users: false, removed: false, ...TOLD[method] } };
  } catch (error) {
    return { id, error: errorData(error) };
  }
};

const errorData = (error: unknown): ErrorData => {
  if (error instanceof SignalboxError) {
    return { code: error.code, message: error.message, extensions: error.extensions };
  }
  const { message, stack } = error as Error;
  return { message, ...(stack === undefined ? {} : { stack }) };
};

const port = parentPort;
if (port === null) throw new Error('the store runs in a thread of its own');
const db = await prepare();
const requirePresence = watchFile(file);
let queue: Promise<void> = Promise.resolve();
port.on('message', (message: Call | 'close') => {
  queue = queue.then(async () => {
    if (message === 'close') {
      await db.close();
      port.close();
    } else {
      port.postMessage(await answer(db, message));
    }
  });
});
port.postMessage('ready');
