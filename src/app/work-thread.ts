/** The worker thread of a work process: executes jobs and answers queries. See engine/work-protocol.ts. */
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { watchLocks } from '../databases/lock-watch.ts';
import { DATABASE_QUERIES } from '../databases/sqlite/queries.ts';
import { type ClaimedJob, execute } from '../engine/execute.ts';
import { answerQuery, queriesOf } from '../engine/queries.ts';
import { DATABASE, type KindName, type WorkServer, type WorkThread } from '../engine/work-protocol.ts';
import type { Kind } from '../jobs/kind.ts';
import { KINDS } from '../kinds/index.ts';
import { inPieces, threadPort } from '../rpc/port.ts';
import { type Connection, connect } from '../rpc/rpc.ts';
import { stepCounter } from '../rpc/steps.ts';
import { askedUntil } from '../storage/probe.ts';
import { loadKind } from './kinds.ts';

export const work = (shared: Int32Array): void => {
  if (parentPort === null) throw new Error('work runs in a thread of its own');
  const steps = stepCounter(shared);
  watchLocks(steps.locked);
  const server: Connection<WorkServer> = connect<WorkServer>(
    inPieces(threadPort(parentPort, 'the server')),
    (method, args, signal) => {
      if (method === 'execute') return run(signal, ...(args as Parameters<WorkThread['execute']>));
      if (method === 'ask') return ask(server, signal, ...(args as Parameters<WorkThread['ask']>));
      return turn();
    },
  );

  const run = async (signal: AbortSignal, ...[id, name, claimed, environment]: Parameters<WorkThread['execute']>) => {
    const job: ClaimedJob = {
      save: (saved) => server.call('save', [id, saved]),
      markCommitting: (saved) => server.call('markCommitting', [id, saved]),
      isCurrent: () => server.call('isCurrent', [id]),
      markBegan: () => server.call('markBegan', [id]),
      usedBackups: () => server.call('usedBackups', [id]),
      warn: (message) => server.notify('warn', [id, message]),
      log: (message) => server.notify('log', [id, message]),
      fenceAcquired: () => server.notify('fenceAcquired', [id]),
      stepped: steps.stepped,
    };
    return execute(await kindOf(name), claimed, environment, job, signal);
  };
};

const ask = async (
  server: Connection<WorkServer>,
  signal: AbortSignal,
  ...[question, name, query, args]: Parameters<WorkThread['ask']>
): Promise<unknown> => {
  const queries = name.typeName === DATABASE ? DATABASE_QUERIES : queriesOf(await kindOf(name));
  // The query may keep the thread busy forever from here on, so the server has to know which one it was.
  server.notify('asking', [question]);
  return askedUntil(signal, () => answerQuery(queries, query, args));
};

const kindOf = async ({ typeName, module }: KindName): Promise<Kind> => {
  if (module !== null) return loadKind(module);
  const load = KINDS[typeName];
  if (load === undefined) throw new Error(`there is no built-in kind ${typeName}`);
  return load();
};
