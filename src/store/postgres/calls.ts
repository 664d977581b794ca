/** The calls of a store, and what executes them. */
import type { Retry } from '../../jobs/retry.ts';
import { FIRST, REPORTED } from '../methods.ts';
import { sql } from '../sql.ts';
import type { Claim, ControlOrder, Saved, Settled, StoreOptions } from '../store.ts';
import * as audit from './audit.ts';
import { claim } from './claims.ts';
import type { Connection } from './connection.ts';
import { control } from './control.ts';
import { deleteJobs } from './delete-jobs.ts';
import * as events from './events.ts';
import { blockers } from './holds.ts';
import * as jobs from './jobs.ts';
import { hashesWithout, keepSecretProbe, replaceHashes, targetByKey } from './keys.ts';
import { reportUsers } from './moves.ts';
import * as retention from './retention.ts';
import { passRun, startRun } from './schedule-runs.ts';
import * as schedules from './schedules.ts';
import { drainServer, endSession, liveSessions, registeredKinds, registerKinds, startSession } from './sessions.ts';
import * as tokens from './tokens.ts';
import * as users from './users.ts';
import * as work from './work.ts';
import type { HowToWrite } from './writer.ts';

export type Method = (db: Connection, ...args: readonly unknown[]) => Promise<unknown>;

const { isCurrent, markBegan, markCommitting, save, settle } = work;
const { endedJobs, pendingCleanups, cleanedUp, removeJobs, removeCommands, removeEvents } = retention;
const { createUser, updateUser, provideUser, deleteUser, createDatabase, deleteDatabase, databases, makerOf } = users;

const READING = {
  ...{ job: jobs.job, jobsById: jobs.jobsById, jobs: jobs.jobs, jobsChangedSince: jobs.jobsChangedSince },
  ...{ statusesOf: jobs.statusesOf, countJobs: jobs.countJobs, countByStatus: jobs.countByStatus, blockers },
  ...{ executionErrors: jobs.executionErrors, events: events.events, histories: events.histories, isCurrent },
  ...{ endedJobs, pendingCleanups, users: users.users, tokens: tokens.tokens, auditEvents: audit.auditEvents },
  ...{
    databases,
    makerOf,
    hashesWithout,
    targetByKey,
    jobByKey: jobs.jobByKey,
    sessions: liveSessions,
    auditLog: audit.auditLog,
    registeredKinds,
    schedules: schedules.schedules,
    schedulesById: schedules.schedulesById,
  },
  log: async (db: Connection) => {
    const { head, end, horizon, revision, lost } = await events.log(db);
    return { head, end, horizon, revision, lost };
  },
  size: async (db: Connection): Promise<number> => {
    const [row] = await db.rows<{ readonly bytes: bigint }>(sql`SELECT pg_database_size(current_database()) AS bytes`);
    return Number(row?.bytes ?? 0);
  },
  ping: async (db: Connection) => {
    await db.rows(sql`SELECT 1 FROM counters`);
  },
};

const WRITING = {
  ...{
    createJob: jobs.createJob,
    control,
    deleteJobs,
    save,
    markBegan,
    markCommitting,
    startSession,
    endSession,
    drainServer,
  },
  ...{ createUser, updateUser, provideUser, deleteUser, createDatabase, deleteDatabase },
  ...{ createSchedule: schedules.createSchedule, updateSchedule: schedules.updateSchedule },
  ...{ deleteSchedule: schedules.deleteSchedule, setSchedulesPaused: schedules.setSchedulesPaused },
  startRun,
  passRun,
  ...{ createToken: tokens.createToken, revokeToken: tokens.revokeToken, touchToken: tokens.touchToken },
  ...{ recordSettings: audit.recordSettings, removeAuditEvents: audit.removeAuditEvents },
  ...{ cleanedUp, removeJobs, removeCommands, removeEvents, keepSecretProbe, replaceHashes, registerKinds },
};

/** Where the time is among the arguments of a call: the database's clock, which all servers share, replaces it. */
const TIME_AT: Readonly<Record<string, number>> = {
  createJob: 1,
  control: 1,
  deleteJobs: 1,
  claim: 2,
  save: 2,
  markCommitting: 2,
  settle: 2,
  startSession: 1,
  endSession: 1,
  registerKinds: 1,
  createUser: 1,
  provideUser: 1,
  createToken: 1,
  touchToken: 1,
  createDatabase: 1,
  createSchedule: 1,
  startRun: 3,
  passRun: 2,
};

/** PostgreSQL's texts cannot contain U+0000. A report of a worker must not fail for that. */
const withoutNul = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === 'string' ? inner.replaceAll('\0', '\uFFFD') : inner,
  );

export const readingOf = (name: string): Method => {
  const method = (READING as unknown as Readonly<Record<string, Method>>)[name];
  if (method === undefined) throw new Error(`the job store has no ${name}`);
  return method;
};

/** Calls that are frequent and short, where writers do not wait for each other. */
const FREQUENT: readonly string[] = [
  ...['createJob', 'claim', 'save', 'markBegan', 'markCommitting', 'settle'],
  ...['startSession', 'endSession', 'cleanedUp', 'touchToken'],
];
/** A command on so many jobs is short. */
const FEW = 100;

/** How a call is written: see writer.ts. */
export const howToWrite = (name: string, args: readonly unknown[]): HowToWrite => {
  const first = FIRST.includes(name);
  const usual = { first, isBulk: false, isRare: false, rank: Number((args[0] as Partial<Claim>)?.jobId ?? 0) };
  if (name === 'deleteJobs') return { ...usual, isBulk: true, isRare: true };
  if (name !== 'control') return { ...usual, isRare: !FREQUENT.includes(name) };
  const { jobs, dryRun, confirms } = args[0] as ControlOrder;
  const ids = 'ids' in jobs && jobs.ids.length <= FEW ? jobs.ids.map(Number) : null;
  // What a plan is shown has to be decided: a batch has floors of its own. A confirmation is in the audit log.
  const isBulk = ids === null || dryRun || confirms !== undefined;
  return { ...usual, isBulk, isRare: confirms !== undefined, rank: Math.min(...(ids ?? [0])) };
};

/** Returns a function that executes a call in a transaction which began at `databaseNow`. */
export const createWriting = ({ retry: rules, clock }: Pick<StoreOptions, 'retry' | 'clock'>) => {
  const retry = (): Retry => ({ ...rules, jitter: Math.random() });
  const methods = {
    ...WRITING,
    claim: (db: Connection, session: string, limits: Parameters<typeof claim>[2], now: number) =>
      claim(db, session, limits, retry(), now),
    save: (db: Connection, held: Claim, saved: Saved, now: number) => save(db, held, withoutNul(saved), now),
    markCommitting: (db: Connection, held: Claim, saved: Saved, now: number) =>
      markCommitting(db, held, withoutNul(saved), now),
    settle: (db: Connection, held: Claim, settled: Settled, now: number) =>
      settle(db, held, withoutNul(settled), retry(), now),
  } as unknown as Readonly<Record<string, Method>>;
  return async (name: string, args: readonly unknown[], db: Connection, databaseNow: number): Promise<unknown> => {
    const method = methods[name];
    if (method === undefined) throw new Error(`the job store has no ${name}`);
    const at = clock === 'given' ? undefined : TIME_AT[name];
    const result = await method(db, ...(at === undefined ? args : args.with(at, databaseNow)));
    if (REPORTED[name]?.users) await reportUsers(db);
    return result;
  };
};
