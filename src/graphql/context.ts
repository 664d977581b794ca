import DataLoader from 'dataloader';
import type { Identity } from '../auth/identity.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Control } from '../engine/control.ts';
import type { Create } from '../engine/create.ts';
import type { Databases, EnvironmentOf } from '../engine/databases.ts';
import type { Delete } from '../engine/delete.ts';
import type { Feed } from '../engine/feed.ts';
import type { Files } from '../engine/files.ts';
import type { KeyOf } from '../engine/idempotency.ts';
import type { LiveQueries } from '../engine/live-queries.ts';
import type { Plans } from '../engine/plans.ts';
import type { RemoteKinds } from '../engine/remote-kinds.ts';
import type { Runner } from '../engine/runner.ts';
import type { Schedules } from '../engine/schedules.ts';
import type { Viewers } from '../engine/viewers.ts';
import { unauthenticated } from '../errors.ts';
import { type Access, accessOf } from '../jobs/access.ts';
import type { ExecutionError, Instant, Job, JobEvent, JobId } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Schedule, ScheduleId } from '../jobs/schedule.ts';
import type { By, PageOf, Store } from '../store/store.ts';

/** A long-lived object that a kind adds to the server. */
export interface Service {
  stop(): void;
}

/** The objects that every operation uses, created once. */
export interface Domain {
  /** The version of the server, from package.json. */
  readonly version: string;
  /** The name of the server. */
  readonly node: string;
  /** All servers have the same data folders. */
  readonly filesShared: boolean;
  readonly startedAt: Instant;
  readonly store: Store;
  readonly registry: Registry;
  /** The kinds that workers in other programs run. */
  readonly remoteKinds: RemoteKinds;
  readonly control: Control;
  readonly plans: Plans;
  readonly create: Create;
  readonly keyOf: KeyOf;
  readonly delete: Delete;
  readonly schedules: Schedules;
  readonly databases: Databases;
  readonly files: Files;
  readonly runner: Runner;
  readonly environmentOf: EnvironmentOf;
  readonly feed: Feed;
  readonly liveQueries: LiveQueries;
  readonly viewers: Viewers;
  /**
   * Returns an object that a kind keeps while the server runs. It is created on first use and stopped with the server.
   */
  serviceOf<T extends Service>(create: (domain: Domain) => T): T;
  /** The URL under which a proxy offers the server, without a slash at its end. */
  readonly publicUrl: string | null;
  readonly ownersControlJobs: boolean;
  /** Only admins may change anything. */
  readonly maintenance: boolean;
  readonly now: () => Instant;
}

interface History {
  readonly events: readonly JobEvent[];
  readonly more: boolean;
}

export interface Context extends Domain {
  /** How the viewer signed in, and what the token permits. */
  readonly identity: Identity;
  /** The current viewer, read again on each call: a stream outlives changes of its viewer's privileges. */
  viewer(): Viewer;
  access(): Access;
  /** The signal is aborted when the client no longer waits for the operation. Streams have none: they are closed. */
  readonly operation: { signal?: AbortSignal };
  /** The viewer, for the audit log. */
  by(): By;
  /** Loads individually requested jobs in batches. A job that the viewer may not see is null. */
  readonly jobs: DataLoader<JobId, Job | null>;
  /** Loads pages of the histories of jobs: one read for all jobs of which the same page is wanted. */
  readonly histories: DataLoader<readonly [JobId, PageOf], History, string>;
  readonly executionErrors: DataLoader<JobId, readonly ExecutionError[]>;
  /** Loads schedules. One that the viewer may not see is null. */
  readonly schedulesById: DataLoader<ScheduleId, Schedule | null>;
  /** The jobs that a job waits for. */
  readonly blockers: DataLoader<JobId, readonly JobId[]>;
}

export const createContext = (shared: Domain, identity: Identity): Context => {
  const { userName } = identity;
  const operation: { signal?: AbortSignal } = {};
  const caller = { userName, signal: () => operation.signal };
  const reads = shared.store.readsFor(caller);
  const { job, jobs, jobsById, events, histories, statusesOf, countJobs, countByStatus, blockers, executionErrors } =
    reads;
  const domain: Domain = {
    ...shared,
    store: {
      ...shared.store,
      ...{ job, jobs, jobsById, events, histories, statusesOf, countJobs, countByStatus, blockers, executionErrors },
    },
    runner: { ...shared.runner, ask: shared.runner.askFor(caller) },
    databases: {
      ...shared.databases,
      read: (database) => shared.databases.read(database, caller),
      create: (input, viewer, by, key) => shared.databases.create(input, viewer, by, key, caller),
    },
  };
  const viewer = () => {
    const user = domain.viewers.find(userName);
    if (user === undefined) throw unauthenticated(`user ${userName} does not exist`);
    return user;
  };
  const access = () => accessOf(viewer(), domain);
  return {
    ...domain,
    identity,
    viewer,
    access,
    operation,
    by: () => ({
      actor: { kind: 'USER', name: viewer().name, tokenId: identity.tokenId },
      at: domain.now(),
      remoteAddress: identity.remoteAddress,
    }),
    jobs: new DataLoader(
      async (ids) => {
        const found = new Map((await domain.store.jobsById(ids, access())).map((job) => [job.id, job]));
        return ids.map((id) => found.get(id) ?? null);
      },
      { cache: false },
    ),
    schedulesById: new DataLoader(
      async (ids) => {
        const found = new Map((await domain.store.schedulesById(ids, access())).map((one) => [one.id, one]));
        return ids.map((id) => found.get(id) ?? null);
      },
      { cache: false },
    ),
    blockers: new DataLoader(
      async (ids) => {
        const found = await domain.store.blockers(ids);
        return ids.map((id) => found[id] ?? []);
      },
      { cache: false },
    ),
    histories: new DataLoader<readonly [JobId, PageOf], History, string>(
      async (wanted) => {
        const pages = new Map<string, readonly [PageOf, JobId[]]>();
        for (const [id, page] of wanted) {
          const key = JSON.stringify(page);
          const known = pages.get(key);
          if (known === undefined) pages.set(key, [page, [id]]);
          else known[1].push(id);
        }
        const found = new Map<string, Readonly<Record<JobId, History>>>();
        for (const [key, [page, ids]] of pages) found.set(key, await domain.store.histories(ids, page, access()));
        return wanted.map(([id, page]) => found.get(JSON.stringify(page))?.[id] ?? { events: [], more: false });
      },
      { cache: false },
    ),
    executionErrors: new DataLoader(
      async (ids) => {
        const found = await domain.store.executionErrors(ids);
        return ids.map((id) => found[id] ?? []);
      },
      { cache: false },
    ),
  };
};
