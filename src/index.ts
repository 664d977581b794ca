/**
 * The library: `startSignalbox` runs the server within a program, and `defineKind` adds a kind of job to it.
 *
 * Kinds that are passed as objects run in the program's own thread. Kinds in modules (`kindFiles`) run in processes, which
 * the server can end when they do not stop.
 */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Kind } from './jobs/kind.ts';
import { readSettings } from './settings.ts';

export { defineKind } from './jobs/define.ts';
export type { DefinedIo, DefinedWork, KindDefinition } from './jobs/definition.ts';
export type { Json } from './jobs/json.ts';
export { Fenced, type Kind, PauseAsked, rowError, type Step, Transient } from './jobs/kind.ts';
export type { Concurrency, NeededPrivilege, RetryPolicy } from './jobs/kind-options.ts';
export {
  type PostgresClient,
  type PostgresPosition,
  postgresPosition,
  type SqliteDatabase,
  type SqlitePosition,
  sqlitePosition,
} from './positions.ts';
export { WorkerError } from './remote-worker/calls.ts';
export { startWorker, type Worker, type WorkerOptions } from './remote-worker/start-worker.ts';

export interface SignalboxOptions {
  /** Kinds that run in this program. */
  readonly kinds?: readonly Kind[];
  /** Paths of modules that export kinds, which run in processes. Node must load them without a build step. */
  readonly kindFiles?: readonly string[];
  /** Where the server keeps its files; DATA_DIR if omitted. */
  readonly dataDir?: string;
  /** 0 for any free port; PORT if omitted. */
  readonly port?: number;
  /** Settings by name, as docs/operate.md lists them. The environment if omitted. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** Receives what the server logs. If omitted, warnings and errors go to standard error. */
  readonly log?: Logger;
  /** Called when something that the server cannot do without has ended by itself. If omitted, the error is logged. */
  readonly onLost?: (error: Error) => void;
}

export interface Signalbox {
  /** The URL of the GraphQL API. */
  readonly url: string;
  /**
   * Creates a job of any kind, as a user: `root` if omitted.
   * @returns its id
   * @throws Error for input that the kind refuses, naming the field
   */
  createJob(typeName: string, input: object, options?: { readonly userName?: string }): Promise<string>;
  /** Stops the jobs at a checkpoint and ends the server. The next start continues them. */
  stop(): Promise<void>;
}

/** @throws ConfigError for an invalid setting, and Error when the server cannot start, such as on a port in use */
export const startSignalbox = async (options: SignalboxOptions = {}): Promise<Signalbox> => {
  const { kinds = [], kindFiles = [], dataDir, port, settings = process.env } = options;
  const log = options.log ?? (await standardLog());
  const environment = {
    ...settings,
    ...(dataDir === undefined ? {} : { DATA_DIR: resolve(dataDir) }),
    ...(port === undefined ? {} : { PORT: String(port) }),
  };
  const { config, warnings } = readSettings({ environment });
  for (const warning of warnings) log.warn(warning);
  // A work process loads this module for the kinds in it, and none of the server.
  const [{ startApp }, { findKinds }] = await Promise.all([import('./app/app.ts'), import('./app/kinds.ts')]);
  const app = await startApp({
    config,
    log,
    kinds: [...kinds, ...(await findKinds(kindFiles))],
    onLost: options.onLost ?? ((error) => log.fatal({ err: error }, 'the server cannot go on')),
  });
  return {
    url: app.url,
    createJob: async (typeName, input, { userName = 'root' } = {}) => (await app.create(typeName, input, userName)).id,
    stop: () => app.stop(),
  };
};

const standardLog = async (): Promise<Logger> => {
  const { pino } = await import('pino');
  return pino({ level: 'warn' }, pino.destination(2));
};
