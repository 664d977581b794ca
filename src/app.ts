/** The composition of the server: the only place that makes long-lived things, and ends them. */
import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createVault } from './auth/vault.ts';
import { ROOT } from './auth/viewer.ts';
import type { Config } from './config.ts';
import { createBackups } from './engine/backups.ts';
import { createChangefeeds } from './engine/changefeeds.ts';
import { createControl } from './engine/control.ts';
import { type Create, createCreate } from './engine/create.ts';
import { createDatabases } from './engine/databases.ts';
import { startFeed } from './engine/feed.ts';
import { createRejects } from './engine/rejects.ts';
import { startRetention } from './engine/retention.ts';
import { startThreads } from './engine/threads.ts';
import { startViewers } from './engine/viewers.ts';
import { startWorker } from './engine/worker.ts';
import { unauthenticated } from './errors.ts';
import { createContext, type Domain } from './graphql/context.ts';
import { createMaskError } from './graphql/errors.ts';
import { schema } from './graphql/schema.ts';
import { sharingOf } from './graphql/sharing.ts';
import type { Instant } from './jobs/job.ts';
import type { Kind } from './jobs/kind.ts';
import { createRegistry } from './jobs/registry.ts';
import { RETRY, type Retry } from './jobs/retry.ts';
import { KINDS } from './kinds/index.ts';
import { writeSample } from './sample.ts';
import { type Credentials, startServer } from './server.ts';
import { openStore } from './store/open.ts';
import type { KnownDatabase, Store } from './store/store.ts';

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Kinds of this server's own, beside the built-in ones. */
  readonly kinds?: readonly Kind[];
  readonly retry?: Omit<Retry, 'jitter'>;
  /** The clock, in milliseconds; left out: the system's. */
  readonly now?: () => Instant;
  /** Something without which nothing can go on has ended by itself. */
  readonly onLost: (error: Error) => void;
}

export interface App {
  readonly url: string;
  readonly store: Store;
  /** Makes a job of any kind, for those that the API has no mutation for. */
  create(typeName: string, input: object, userName: string): ReturnType<Create>;
  stop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

export const startApp = async (options: AppOptions): Promise<App> => {
  const { config, log, kinds = [], retry = RETRY, now = Date.now, onLost } = options;
  const folders = prepareFolders(config);
  const registry = createRegistry([...KINDS, ...kinds]);
  const store = await openStore({ file: config.storeFile, migrations: MIGRATIONS, retry, onLost });
  chmodSync(config.storeFile, 0o600);
  const vault = createVault(config.secret);
  const threads = startThreads();
  const databases = createDatabases({ store, threads, folder: folders.databases, storeFile: config.storeFile, now });
  const placesOf = (database: KnownDatabase | null, forAdmin: boolean) => ({
    filesDir: folders.files,
    allowPrivateHosts: config.allowPrivateHosts,
    databaseFile: database === null ? null : databases.fileOf(database),
    scratchDir: folders.scratch,
    serverCredentials: forAdmin ? config.serverCredentials : null,
    maxFeedBytes: config.maxFeedBytes,
  });
  const failed = (what: string) => (error: unknown) => log.error({ err: error }, what);
  const feed = await startFeed(store, failed('the feed failed'));
  const viewers = await startViewers(store, failed('reading the users failed'));
  const worker = await startWorker({
    store,
    registry,
    threads,
    log,
    name: `${hostname()}:${process.pid}`,
    places: config.workers,
    leaseMs: config.leaseMs,
    vault,
    placesOf,
    now,
  });
  const { retentionMs, auditMs } = config;
  const retention = startRetention({ store, registry, threads, log, retentionMs, auditMs, placesOf, now });
  const changefeeds = createChangefeeds({ store, threads, viewers, fileOf: databases.fileOf });
  const domain: Domain = {
    store,
    registry,
    control: createControl(store, registry, now),
    create: createCreate({ store, registry, threads, databases, vault, placesOf, now }),
    databases,
    rejects: createRejects({ store, threads, fileOf: databases.fileOf }),
    backups: createBackups({ threads, placesOf }),
    feed,
    changefeeds,
    viewers,
    ownersControlJobs: config.ownersControlJobs,
    now,
  };
  const end = async () => {
    await Promise.all([worker.stop(), retention.stop()]);
    changefeeds.stop();
    await feed.stop();
    viewers.stop();
    await threads.close();
    await store.close();
  };
  try {
    const server = await startServer({
      host: config.host,
      port: config.port,
      schema,
      contextOf: (credentials) => contextOf(domain, credentials),
      maskError: createMaskError(log),
      allowedOrigins: config.allowedOrigins,
      sharing: { of: sharingOf, onAccessChange: viewers.onChange },
      notReady: async () => {
        await store.ping();
        return worker.claiming ? null : 'the worker is stopping';
      },
      log,
    });
    return {
      url: server.url,
      store,
      create: (typeName, input, userName) =>
        domain.create(typeName, input, contextOf(domain, userCredentials(userName)).viewer()),
      stop: async () => {
        await Promise.all([server.stop(), worker.stop(), retention.stop()]);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};

/** The folders of the data, for their owner alone, and the sample in a new one. Real paths: a folder is its place. */
const prepareFolders = ({ dataDir, storeFile }: Config) => {
  const isNew = !existsSync(join(dataDir, 'files'));
  const inside = ['databases', 'files', 'scratch'].map((name) => join(dataDir, name));
  for (const folder of [dataDir, ...inside, dirname(storeFile)]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const data = realpathSync(dataDir);
  if (isNew) writeSample(join(data, 'files', 'sample.csv'));
  return { files: join(data, 'files'), databases: join(data, 'databases'), scratch: join(data, 'scratch') };
};

const userCredentials = (user: string): Credentials => ({ headers: {}, params: { user } });

/** AUTH=insecure: everyone is root, or the existing user whom a header or the socket's parameters name. */
const contextOf = (domain: Domain, { headers, params }: Credentials) => {
  const named = params.user ?? headers['x-signalbox-user'] ?? ROOT;
  const name = typeof named === 'string' ? named : '';
  if (domain.viewers.find(name) === undefined) throw unauthenticated(`user ${name} does not exist`);
  return createContext(domain, name);
};
