/**
 * Where work runs, chosen once for a server. `process` executes jobs and answers queries in processes that can be
 * killed; `inline` does both in the calling thread. A kind that was passed as an object cannot be handed to a process,
 * and a kind marked `inline` need not be: both run inline in either mode.
 */
import type { Environment } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Caller } from '../store/store.ts';
import { createAskInProcess } from './ask-in-process.ts';
import { type ClaimedJob, execute, type Opened, type Outcome } from './execute.ts';
import { executeInProcess } from './execute-in-process.ts';
import type { Processes } from './processes.ts';
import { answerQuery, type Queries, queriesOf } from './queries.ts';
import { DATABASE, type KindModule, type KindName } from './work-protocol.ts';

export interface Runner {
  /** Executes a claimed job until it has ended or stopped. Aborting the signal requests a stop. */
  execute(claimed: Opened, environment: Environment, job: ClaimedJob, signal: AbortSignal): Promise<Outcome>;
  /**
   * Calls one of the `queries` of a kind, or its `create` or `cleanUp`. The kind is named by its type; the name
   * DATABASE selects the queries of databases.
   * @throws UNAVAILABLE when the answer takes too long
   */
  ask<T>(of: string, query: string, ...args: readonly unknown[]): Promise<T>;
  /**
   * The same for a caller who may leave: then the query ends. The queries of different users take turns, so that the
   * many slow queries of one delay no other.
   */
  askFor(caller: Asker): Runner['ask'];
  close(): Promise<void>;
}

/** Queries without a user do not take turns. */
export type Asker = Pick<Caller, 'signal'> & Partial<Caller>;

export interface RunnerOptions {
  readonly registry: Registry;
  /** Null if everything runs inline. */
  readonly processes: Processes | null;
  /** Where processes load each kind that they can run; null for a built-in one. */
  readonly modules: ReadonlyMap<string, KindModule | null>;
  readonly databaseQueries: Queries;
}

const LIMIT_MS = 10_000;
/** Creations read sources over the network; cleanups remove tables in batches. */
const LIMITS_MS: Readonly<Record<string, number>> = { create: 60_000, cleanUp: 600_000 };

export const createRunner = ({ registry, processes, modules, databaseQueries }: RunnerOptions): Runner => {
  const askInProcess = processes === null ? null : createAskInProcess(processes);
  const kills = new Map<string, number>();
  const nameFor = (typeName: string): KindName | null => {
    const module = modules.get(typeName);
    if (module === undefined || registry.find(typeName)?.inline === true) return null;
    return { typeName, module };
  };
  const askFor: Runner['askFor'] =
    ({ userName, signal }) =>
    async <T>(of: string, query: string, ...args: readonly unknown[]): Promise<T> => {
      const kind = of === DATABASE ? { typeName: DATABASE, module: null } : nameFor(of);
      if (askInProcess === null || kind === null) {
        const queries = of === DATABASE ? databaseQueries : queriesOf(registry.get(of));
        return (await answerQuery(queries, query, args)) as T;
      }
      const limitMs = LIMITS_MS[query] ?? LIMIT_MS;
      return (await askInProcess({ kind, query, args, limitMs, userName, signal: signal() })) as T;
    };
  return {
    execute: (claimed, environment, job, signal) => {
      const kind = registry.get(claimed.typeName);
      const name = nameFor(claimed.typeName);
      if (processes === null || name === null) return execute(kind, claimed, environment, job, signal);
      const isContinuous = kind.continuous === true;
      const { progressTimeoutMs } = kind;
      const execution = { kind: name, isContinuous, progressTimeoutMs, claimed, environment, job, signal };
      return executeInProcess(execution, processes, kills);
    },
    ask: askFor({ signal: () => undefined }),
    askFor,
    close: async () => processes?.close(),
  };
};
