/**
 * A worker in a program of one's own: it claims jobs from a server over HTTP, runs them where the program is, and reports
 * them. docs/worker-protocol.md describes the requests.
 */
import { hostname } from 'node:os';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Kind } from '../jobs/kind.ts';
import { limitedBy } from '../sleep.ts';
import { type CallOptions, createCall, isPassing, pauseAfter, WorkerError } from './calls.ts';
import { createSession, type WorkSession } from './session.ts';

export interface WorkerOptions extends CallOptions {
  /** The kinds that the worker runs. The server must not have kinds with these names itself. */
  readonly kinds: readonly Kind[];
  /** Shown as the coordinator of its jobs: the name of the machine and the number of the process if omitted. */
  readonly name?: string;
  /** How many jobs run at the same time, not counting continuous ones: 4 if omitted. */
  readonly slots?: number;
  /** Receives a line about what an administrator may want to know. If omitted, it goes to standard error. */
  readonly log?: (message: string) => void;
}

export interface Worker {
  /** Resolves when the worker has stopped; rejects when it cannot go on, such as after its token was revoked. */
  readonly ended: Promise<void>;
  /** Stops the jobs at a checkpoint, reports them, and ends the worker. Another worker continues them. */
  stop(): Promise<void>;
}

/**
 * Resolves once the server has accepted the kinds.
 * @throws Error for a kind whose texts are functions, WorkerError if the server refuses the token or a kind, and the error
 *   of `fetch` if it cannot be reached
 */
export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const { kinds, slots = 4, name = `${hostname()}:${process.pid}` } = options;
  const log = options.log ?? ((message) => void process.stderr.write(`signalbox worker: ${message}\n`));
  const call = createCall(options);
  const byName = new Map(kinds.map((kind) => [kind.typeName, kind]));
  const stopping = new AbortController();
  const registration = { name, kinds: kinds.map(registrationOf) };

  const begin = async (): Promise<WorkSession> => {
    using limit = limitedBy(START_MS, [stopping.signal]);
    const { session, leaseMs } = await call<{ readonly session: string; readonly leaseMs: number }>(
      'start',
      registration,
      limit.signal,
    );
    return createSession({ session, leaseMs, kinds: byName, slots, call, log });
  };

  let session = await begin();

  const goOn = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (session.lost.aborted) session = await begin();
        await session.claim(stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (error instanceof WorkerError && error.code === 'NOT_FOUND') session.lose(error.message);
        else if (isPassing(error)) await pauseAfter(error, stopping.signal);
        else {
          session.lose(messageOf(error));
          throw error;
        }
      }
    }
  };

  const ended = goOn();
  // Its reader may come later.
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      stopping.abort();
      await ended.catch(() => undefined);
      await session.stop();
    },
  };
};

const START_MS = 10_000;

const registrationOf = (kind: Kind) => {
  const { typeName, description, input, pausable, cancelable, continuous = false, texts = {} } = kind;
  const { priority, privileges, concurrency } = kind;
  for (const [what, text] of Object.entries(texts)) {
    if (typeof text !== 'function') continue;
    throw new Error(
      `${what} of kind ${typeName} is a function, which the server cannot call for a worker: ` +
        'give a template such as "REINDEX {index}"',
    );
  }
  return {
    name: typeName,
    inputSchema:
      input === undefined ? { type: 'object' } : z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
    ...{ description, pausable, cancelable, continuous, priority, privileges, concurrency, ...texts },
  };
};
