/** The composition of the server: the only module that creates and closes long-lived objects. */
import { chmodSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { createVerifyJwt } from '../auth/jwt.ts';
import { auditedSettings, type Config } from '../config.ts';
import { DATABASE_QUERIES } from '../databases/sqlite/queries.ts';
import { startCleanUp } from '../engine/clean-up.ts';
import { createControl } from '../engine/control.ts';
import { type Create, createCreate } from '../engine/create.ts';
import { createDatabases } from '../engine/databases.ts';
import { createDelete } from '../engine/delete.ts';
import { startFeed } from '../engine/feed.ts';
import { createFiles } from '../engine/files.ts';
import { createKeyOf, replacePlainHashes } from '../engine/idempotency.ts';
import { startLiveQueries } from '../engine/live-queries.ts';
import { createPlans } from '../engine/plans.ts';
import { createPrepare } from '../engine/prepare.ts';
import { startProcesses } from '../engine/processes.ts';
import { createRemoteKinds } from '../engine/remote-kinds.ts';
import { startRetention } from '../engine/retention.ts';
import { createRunner } from '../engine/runner.ts';
import { startScheduler } from '../engine/scheduler.ts';
import { createSchedules } from '../engine/schedules.ts';
import { startSignIn } from '../engine/sign-in.ts';
import { killSurvivors, recordProcesses } from '../engine/survivors.ts';
import { createUploads } from '../engine/uploads.ts';
import { startViewers } from '../engine/viewers.ts';
import type { KindModule } from '../engine/work-protocol.ts';
import { startWorker } from '../engine/worker.ts';
import { createContext, type Domain, type Service } from '../graphql/context.ts';
import { creatorOf } from '../graphql/create.ts';
import { createDocuments } from '../graphql/documents.ts';
import { createMaskError } from '../graphql/errors.ts';
import { sharingOf } from '../graphql/subscriptions.ts';
import type { Page } from '../http/page.ts';
import { startServer } from '../http/server.ts';
import type { Instant } from '../jobs/job.ts';
import type { Kind } from '../jobs/kind.ts';
import { RETRY, type Retry } from '../jobs/retry.ts';
import { DOWNLOADS } from '../kinds/import/download.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { readJobsPage } from '../web/jobs-page.ts';
import { MAX_WORKER_BODY_BYTES } from '../worker-api/messages.ts';
import { createWorkerApi } from '../worker-api/worker-api.ts';
import { JOBS_PAGE, MIGRATIONS, VERSION } from './assets.ts';
import { lockDataFolder, prepareFolders } from './data-folders.ts';
import { createEnvironmentOf } from './environment.ts';
import { FILE_FOLDER, UPLOAD_FOLDER } from './files.ts';
import { loadKinds } from './kinds.ts';
import { logJobs, logStart } from './log-jobs.ts';
import { createMetrics } from './metrics/metrics.ts';
import { readNodeName } from './node-name.ts';
import { observeStore } from './observed-store.ts';
import { schemaWith } from './schema.ts';
import { openVault } from './secret-key.ts';
import { identify, sessionOf } from './session.ts';
import { startPort } from './sql-port.ts';

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Custom kinds of this server, in addition to the built-in ones. */
  readonly kinds?: readonly (Kind | KindModule)[];
  /** Where work runs; in processes by default. Custom kinds that are passed as objects always run inline. */
  readonly runner?: 'process' | 'inline';
  /** Starts a work process before it is needed, and keeps one running from then on. */
  readonly isWarm?: boolean;
  readonly retry?: Omit<Retry, 'jitter'>;
  /** If false, the store runs in the server's own thread. See `StoreOptions`. */
  readonly storeThreads?: boolean;
  /** The clock, in milliseconds; the system clock by default. */
  readonly now?: () => Instant;
  /** Called when something that the server cannot do without has ended by itself. */
  readonly onLost: (error: Error) => void;
}

export interface App {
  readonly url: string;
  /** The port for SQL statements; null: there is none. */
  readonly sqlPort: number | null;
  readonly store: Store;
  /** Creates a job of any kind, including kinds that have no mutation in the API. */
  create(typeName: string, input: object, userName: string): ReturnType<Create>;
  stop(): Promise<void>;
}

export const startApp = async (options: AppOptions): Promise<App> => {
  const { config, log, kinds = [], retry = RETRY, now = Date.now, onLost } = options;
  const verifyJwt = config.jwt === null ? null : await createVerifyJwt({ ...config.jwt, now, onRefused: refused(log) });
  const folders = prepareFolders(config);
  const { registry, modules } = await loadKinds(kinds, config);
  const lock = config.storeFile === null ? lockDataFolder(folders.data) : null;
  const metrics = createMetrics(
    config,
    VERSION,
    registry.kinds.map(({ typeName }) => typeName),
    now,
  );
  const migrations: string[] = [];
  const opened = await openStore({
    url: config.storeUrl,
    listenUrl: config.listenUrl ?? undefined,
    migrations: MIGRATIONS,
    retry,
    threads: options.storeThreads ?? true,
    clock: options.now === undefined ? 'database' : 'given',
    onNotice: (message) => log.warn(message),
    onMigrated: (names) => migrations.push(...names),
    onLost,
    onSetBack: () => log.warn('the job store was restored from an older copy: jobs that had not ended are paused'),
  }).catch((error) => {
    lock?.release();
    throw error;
  });
  const store = observeStore(opened, [metrics.jobs, logJobs(log, opened)]);
  if (config.storeFile !== null) chmodSync(config.storeFile, 0o600);
  const nodeName = readNodeName(folders.data, config.nodeName);
  const node = config.storeFile === null ? nodeName : null;
  const vault = await openVault(config, folders.data, store).catch(async (error) => {
    await store.close();
    lock?.release();
    throw error;
  });
  const keyOf = createKeyOf(vault);
  await killSurvivors(folders.processes);
  const processes = options.runner === 'inline' ? null : startWorkProcesses(config, folders.processes, log);
  const runner = createRunner({ registry, processes, modules, databaseQueries: DATABASE_QUERIES });
  const databases = createDatabases({
    ...{ store, runner, node, now },
    folder: folders.databases,
    storeFile: config.storeFile,
    filesShared: config.filesShared,
  });
  const environmentOf = createEnvironmentOf(config, folders, databases);
  const failed = (what: string) => (error: unknown) => log.error({ err: error }, what);
  const feed = await startFeed(store, failed('the feed failed'));
  await store.recordSettings(auditedSettings(config), { actor: { kind: 'SYSTEM', name: 'server' }, at: now() });
  await replacePlainHashes(store, vault);
  const viewers = await startViewers(store, failed('reading the users failed'));
  viewers.onChange(feed.accessChanged);
  const liveQueries = startLiveQueries(store, viewers, failed('the live queries failed'));
  const signIn = startSignIn({
    auth: config.auth,
    verifyJwt,
    store,
    viewers,
    now,
    onError: failed('recording a sign-in failed'),
  });
  const remoteKinds = createRemoteKinds({ store, registry, log, now });
  await remoteKinds.refresh();
  const workers = createWorkerApi({
    ...{ store, registry, kinds: remoteKinds, viewers, vault, environmentOf, log, now },
    leaseMs: config.leaseMs,
    isInsecure: config.auth === 'insecure',
  });
  await logStart(log, store, { version: VERSION, migrations, isShared: node !== null });
  const worker = await startWorker({
    store,
    registry,
    runner,
    log,
    name: node ?? `${hostname()}:${process.pid}`,
    slots: config.workers,
    leaseMs: config.leaseMs,
    node,
    version: VERSION,
    vault,
    environmentOf,
    now,
  });
  const { retentionMs, auditMs } = config;
  const { isHere } = databases;
  const retention = startRetention({ store, registry, runner, log, retentionMs, auditMs, environmentOf, isHere, now });
  const cleanUp = startCleanUp({ store, registry, runner, log, environmentOf, isHere });
  const prepare = createPrepare({ store, registry, runner, databases, vault, environmentOf });
  const scheduling = { store, registry, remoteKinds, prepare, databases, vault, viewers, now };
  const scheduler = startScheduler({ ...scheduling, log, node, maintenance: config.maintenance });
  const services = new Map<unknown, Service>();
  const { ownersControlJobs, maintenance, maxFilesBytes } = config;
  const files = createFiles({ store, folder: FILE_FOLDER, environmentOf, ownersControlJobs });
  const uploads = createUploads({ folder: UPLOAD_FOLDER, files, environmentOf, maintenance, maxFilesBytes });
  const control = createControl(store, registry, remoteKinds, node !== null, now);
  const domain: Domain = {
    version: VERSION,
    node: nodeName,
    filesShared: config.filesShared,
    startedAt: now(),
    store,
    registry,
    remoteKinds,
    control,
    plans: createPlans(vault, control, now),
    create: createCreate({ store, registry, prepare, keyOf, now, isShared: node !== null }),
    schedules: createSchedules({ ...scheduling, scheduler, keyOf }),
    keyOf,
    delete: createDelete({ store, registry, runner, databases, log, environmentOf, isHere, now }),
    databases,
    files,
    runner,
    environmentOf,
    feed,
    liveQueries,
    viewers,
    serviceOf: <T extends Service>(create: (domain: Domain) => T) => {
      const service = services.get(create) ?? create(domain);
      services.set(create, service);
      return service as T;
    },
    publicUrl: config.publicUrl,
    ownersControlJobs,
    maintenance,
    now,
  };
  const end = async () => {
    await Promise.all([worker.stop(), retention.stop(), scheduler.stop()]);
    await cleanUp.stop();
    for (const service of services.values()) service.stop();
    liveQueries.stop();
    await feed.stop();
    signIn.stop();
    viewers.stop();
    await runner.close();
    await store.close();
    lock?.release();
  };
  try {
    const server = await startServer({
      host: config.host,
      port: config.port,
      version: VERSION,
      schema: schemaWith(registry.kinds),
      readPage: (request) => readJobsPage(JOBS_PAGE, request),
      playground,
      signIn: async (credentials) =>
        sessionOf(domain, uploads, workers, signIn, await identify(signIn, credentials, log)),
      refusedCode: config.auth === 'insecure' ? UNAUTHORIZED : FORBIDDEN,
      maskError: createMaskError(log),
      allowedOrigins: config.allowedOrigins,
      downloads: DOWNLOADS,
      uploads: { folder: folders.uploads, maxBytes: config.maxUploadBytes, now },
      workers: { maxBodyBytes: MAX_WORKER_BODY_BYTES },
      plugins: [createDocuments(config.queryLimits)],
      traffic: metrics.traffic,
      observer: metrics.operations,
      metrics: metrics.page(store, log),
      maxBodyBytes: config.maxBodyBytes,
      checksHost: config.auth === 'insecure',
      publicUrl: config.publicUrl,
      trustProxy: config.trustProxy,
      clientLimits: config.clientLimits,
      sharing: { of: sharingOf, onAccessChange: viewers.onChange },
      notReady: async () => {
        await store.ping();
        return worker.idle === null ? null : `the worker is ${worker.idle}`;
      },
      log,
    });
    const port = await startPort(config, domain, signIn, server.countRequest, log).catch(async (error) => {
      await server.stop();
      throw error;
    });
    metrics.sqlPort = port;
    if (options.isWarm) processes?.warm();
    return {
      url: server.url,
      sqlPort: port?.port ?? null,
      store,
      create: (typeName, input, userName) =>
        domain.create(typeName, input, creatorOf(createContext(domain, { ...LOCAL, userName }))),
      stop: async () => {
        workers.stop();
        await Promise.all([server.stop(), port?.stop(), worker.stop(), retention.stop(), scheduler.stop()]);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};

const startWorkProcesses = ({ maxProcesses, processMemoryMb, stuckMs }: Config, folder: string, log: Logger) =>
  startProcesses({
    records: recordProcesses(folder),
    max: maxProcesses,
    memoryMb: processMemoryMb,
    stuckMs,
    onOutput: (pid, output) => log.info({ pid, output }, 'a work process has printed'),
  });

const refused = (log: Logger) => (reason: string) => log.debug({ reason }, 'a JWT was refused');

/** The user named by the program that started the server. */
const LOCAL = { scope: 'FULL', tokenId: null, expiresAt: null } as const;

/** A client gives up after the first, and tries again after the second, with a new token if it has one. */
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

/** The playground is large and needed only by browsers, so it is rendered on the first request for it. */
let rendered: Promise<Page> | undefined;
const playground = (endpoint: string): Promise<Page> => {
  rendered ??= import('../web/playground.ts').then(({ playgroundPage }) => playgroundPage(endpoint));
  return rendered;
};
