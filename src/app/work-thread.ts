/**
 * A thread of work: drives the jobs that it is given, one at a time, and answers questions about databases. The
 * protocol is in engine/threads.ts; this is its other end, and the composition of what runs in it.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { inspect } from '../databases/sqlite/inspect.ts';
import { createDatabaseFile } from '../databases/sqlite/open.ts';
import { execute, type Keep } from '../engine/execute.ts';
import type { FromThread, ToThread } from '../engine/runner.ts';
import { messageOf, SignalboxError } from '../errors.ts';
import type { Environment, Work } from '../jobs/kind.ts';
import { createRegistry } from '../jobs/registry.ts';
import { describeBackup } from '../kinds/backup/describe.ts';
import { readFeed, takeFeed } from '../kinds/changefeed/read.ts';
import { readRejects } from '../kinds/import/rejects.ts';
import { KINDS } from '../kinds/index.ts';

const port = parentPort;
if (port === null) throw new Error('a work thread is started by the server');
// On Linux each thread has a priority of its own: two busy jobs then hardly delay who serves.
if (workerData.lowPriority && process.platform === 'linux') setPriority(19);

const registry = createRegistry(KINDS);
const say = (message: FromThread) => port.postMessage(message);

const QUESTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  backup: describeBackup,
  create: (typeName: string, input: unknown, environment: Environment) =>
    registry.get(typeName).create(input, environment),
  createDatabase: createDatabaseFile,
  cleanUp: (typeName: string, work: Work<unknown, unknown>, environment: Environment) =>
    registry.get(typeName).cleanUp?.(work, environment),
  inspect,
  readFeed,
  rejects: readRejects,
  takeFeed,
};

const waiting = new Map<number, (result: unknown) => void>();
let lastId = 0;
const request = <T>(type: 'save' | 'commit', saved: Parameters<Keep['save']>[0]) =>
  new Promise<T>((resolve) => {
    lastId += 1;
    waiting.set(lastId, resolve as (result: unknown) => void);
    say({ type, id: lastId, saved });
  });
const keep: Keep = {
  save: (saved) => request('save', saved),
  markCommitting: (saved) => request('commit', saved),
  warn: (message) => say({ type: 'warn', message }),
};

let stop = new AbortController();
port.on('message', async (message: ToThread) => {
  if (message.type === 'stop') stop.abort();
  if (message.type === 'answer') {
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  }
  if (message.type === 'drive') {
    stop = new AbortController();
    const { claimed, environment } = message;
    const outcome = await execute(registry.get(claimed.typeName), claimed, environment, keep, stop.signal);
    say({ type: 'done', outcome });
  }
  if (message.type === 'ask') {
    try {
      const answer = QUESTIONS[message.question] as (...args: readonly unknown[]) => unknown;
      say({ type: 'answer', id: message.id, result: await answer(...message.args) });
    } catch (error) {
      const data = error instanceof SignalboxError ? { code: error.code, extensions: error.extensions } : {};
      say({ type: 'error', id: message.id, error: { ...data, message: messageOf(error) } });
    }
  }
});
