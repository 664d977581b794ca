/**
 * One side of the store, in production a thread of its own. The writer has the only connection that writes, and a
 * queue: each call is one BEGIN IMMEDIATE … COMMIT that awaits nothing else, so no other work ever runs inside its
 * transaction. A reader has a read-only connection. Both answer the calls of `StoreThread`.
 */
import type { Retry } from '../../jobs/retry.ts';
import type { Port } from '../../rpc/port.ts';
import { connect as connectTo } from '../../rpc/rpc.ts';
import { FIRST, REPORTED } from '../methods.ts';
import { createQueue, type Ticket } from '../queue.ts';
import type { Commit } from '../store.ts';
import * as audit from './audit.ts';
import * as claims from './claims.ts';
import { type Connection, connect, sql } from './client.ts';
import { control } from './control.ts';
import { deleteJobs } from './delete-jobs.ts';
import * as events from './events.ts';
import * as holds from './holds.ts';
import * as jobs from './jobs.ts';
import * as keys from './keys.ts';
import { watchFile } from './presence.ts';
import * as retention from './retention.ts';
import * as runs from './schedule-runs.ts';
import * as schedules from './schedules.ts';
import * as sessions from './sessions.ts';
import * as tokens from './tokens.ts';
import * as users from './users.ts';
import * as work from './work.ts';
import { startWriter } from './writer.ts';

export interface StoreThreadData {
  readonly file: string;
  readonly storeId: string;
  readonly mode: 'writer' | 'reader';
  readonly retry: Omit<Retry, 'jitter'>;
}
/** The notifications of the thread. */
export interface StoreNews {
  /** Another program has committed. */
  committed(commit: Commit): void;
  setBack(): void;
}

/** The calls that the thread answers. */
export interface StoreThread {
  /** Resolves once the store can be used. */
  ready(): void;
  /** Reads for different users take turns. */
  call(
    method: string,
    args: readonly unknown[],
    user?: string,
  ): { readonly result: unknown; readonly commit: Commit | null };
  /** Ends the thread after the pending calls. */
  close(): void;
}

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
  histories: events.histories,
  log: events.log,
  isCurrent: work.isCurrent,
  endedJobs: retention.endedJobs,
  pendingCleanups: retention.pendingCleanups,
  sessions: sessions.liveSessions,
  registeredKinds: sessions.registeredKinds,
  users: users.users,
  tokens: tokens.tokens,
  auditEvents: audit.auditEvents,
  auditLog: audit.auditLog,
  databases: users.databases,
  makerOf: users.makerOf,
  schedules: schedules.schedules,
  schedulesById: schedules.schedulesById,
  dueSchedules: runs.dueSchedules,
  jobByKey: jobs.jobByKey,
  targetByKey: keys.targetByKey,
  hashesWithout: keys.hashesWithout,
  size: async (db: Connection): Promise<number> => {
    const [row] = await db.rows<{ readonly bytes: bigint }>(
      sql`SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`,
    );
    return Number(row?.bytes ?? 0);
  },
  ping: async (db: Connection) => void (await db.rows(sql`SELECT 1 FROM Counters`)),
};

type Rest<F> = F extends (db: Connection, ...rest: infer R) => unknown ? R : never;

const WRITES = {
  createJob: jobs.createJob,
  control,
  save: work.save,
  markBegan: work.markBegan,
  markCommitting: work.markCommitting,
  startSession: sessions.startSession,
  heartbeat: sessions.heartbeat,
  endSession: sessions.endSession,
  drainServer: sessions.drainServer,
  registerKinds: sessions.registerKinds,
  createUser: users.createUser,
  updateUser: users.updateUser,
  provideUser: users.provideUser,
  createToken: tokens.createToken,
  revokeToken: tokens.revokeToken,
  touchToken: tokens.touchToken,
  deleteUser: users.deleteUser,
  createDatabase: users.createDatabase,
  deleteDatabase: users.deleteDatabase,
  createSchedule: schedules.createSchedule,
  updateSchedule: schedules.updateSchedule,
  deleteSchedule: schedules.deleteSchedule,
  setSchedulesPaused: schedules.setSchedulesPaused,
  startRun: runs.startRun,
  passRun: runs.passRun,
  deleteJobs,
  recordSettings: audit.recordSettings,
  keepSecretProbe: keys.keepSecretProbe,
  replaceHashes: keys.replaceHashes,
  removeAuditEvents: audit.removeAuditEvents,
  cleanedUp: retention.cleanedUp,
  removeJobs: retention.removeJobs,
  removeCommands: retention.removeCommands,
  removeEvents: retention.removeEvents,
};

type Method = (db: Connection, ...args: readonly unknown[]) => Promise<unknown>;
type Methods = Readonly<Record<string, Method>>;

const methodsOf = ({ mode, retry: rules }: StoreThreadData): Methods => {
  if (mode === 'reader') return READS as unknown as Methods;
  const retry = (): Retry => ({ ...rules, jitter: Math.random() });
  const withRetry = {
    claim: (db: Connection, ...[session, limits, now]: [string, Rest<typeof claims.claim>[1], number]) =>
      claims.claim(db, session, limits, retry(), now),
    settle: (
      db: Connection,
      ...[claim, settled, now]: [Rest<typeof work.settle>[0], Rest<typeof work.settle>[1], number]
    ) => work.settle(db, claim, settled, retry(), now),
  };
  return { ...WRITES, ...withRetry } as unknown as Methods;
};

interface Role {
  call: (method: string, args: readonly unknown[]) => Promise<ReturnType<StoreThread['call']>>;
  close(): Promise<void>;
}

/** How often the writer checks whether another program has written. */
const POLL_MS = 500;

/** Opens the store and answers calls through the port until it is method to close. */
export const serveStore = (port: Port, data: StoreThreadData, end: () => void): void => {
  const { file, storeId, mode } = data;
  const methods = methodsOf(data);
  const methodOf = (name: string) => {
    const method = methods[name];
    if (method === undefined) throw new Error(`the ${mode} of the job store has no ${name}`);
    return method;
  };
  const inTurn = createQueue();
  const requirePresence = watchFile(file);

  const startReader = async (): Promise<Role> => {
    const db = await connect(file, 'reader');
    return {
      call: async (name, args) => ({ result: await methodOf(name)(db, ...args), commit: null }),
      close: db.close,
    };
  };

  const startWriting = async (): Promise<Role> => {
    const writer = await startWriter(file, storeId, () => parent.notify('setBack', []));
    const polling = setInterval(() => {
      const polled = inTurn({}, async () => {
        const seen = await writer.poll();
        if (seen !== null) parent.notify('committed', [{ ...seen, users: true, removed: true }]);
      });
      // A store that cannot be used reports that to its callers.
      polled.catch(() => undefined);
    }, POLL_MS);
    return {
      call: async (name, args) => {
        const method = methodOf(name);
        const { result, head, revision, changedElsewhere, grantsChanged } = await writer.write((db) =>
          method(db, ...args),
        );
        const unknown = { users: changedElsewhere || grantsChanged, removed: changedElsewhere };
        return { result, commit: { head, revision, ...unknown, ...REPORTED[name] } };
      },
      close: () => {
        clearInterval(polling);
        return writer.close();
      },
    };
  };

  const ticketOf = (args: readonly unknown[], signal: AbortSignal): Ticket => {
    if (mode === 'writer') return { first: args[0] !== undefined && FIRST.includes(args[0]) };
    return { first: FIRST.includes(args[0]), line: String(args[2] ?? ''), signal };
  };
  const parent = connectTo<StoreNews>(port, (method, args, signal) =>
    inTurn(ticketOf(args, signal), async () => {
      const { call, close } = await role;
      if (method === 'ready') return;
      if (method === 'call') {
        requirePresence();
        const [name, given] = args as Parameters<StoreThread['call']>;
        return call(name, given);
      }
      await close();
      end();
    }),
  );
  const role = mode === 'writer' ? startWriting() : startReader();
  // Every call that needs it reports the failure.
  role.catch(() => undefined);
};
