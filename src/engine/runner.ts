/**
 * The threads that work. Each drives one job at a time, at a lower priority than the thread that serves, and is kept
 * for the next; one more, at normal priority, answers questions about databases. What a thread says is in `FromThread`.
 */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, SignalboxError } from '../errors.ts';
import type { Environment } from '../jobs/kind.ts';
import { threadFile } from '../rpc/entry-point.ts';
import type { Saved } from '../store/store.ts';
import type { Keep, Opened, Outcome } from './execute.ts';

export type ToThread =
  | { readonly type: 'drive'; readonly claimed: Opened; readonly environment: Environment }
  | { readonly type: 'stop' }
  | { readonly type: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly type: 'ask'; readonly id: number; readonly question: string; readonly args: readonly unknown[] };
export type FromThread =
  | { readonly type: 'save' | 'commit'; readonly id: number; readonly saved: Saved }
  | { readonly type: 'warn'; readonly message: string }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'answer'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly error: {
        readonly code?: string;
        readonly message: string;
        readonly extensions?: Readonly<Record<string, unknown>>;
      };
    };

export interface Threads {
  /** Drives a job in a thread of its own. Rejects when the thread ends under it. */
  execute(claimed: Opened, environment: Environment, keep: Keep, signal: AbortSignal): Promise<Outcome>;
  /** Has a question answered by src/app/work-thread.ts. */
  ask<T>(question: string, ...args: readonly unknown[]): Promise<T>;
  close(): Promise<void>;
}

export const startThreads = (): Threads => {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const start = (lowPriority: boolean) => {
    const worker = new Worker(threadFile('work-thread'), { workerData: { lowPriority }, name: 'work' });
    all.add(worker);
    worker.setMaxListeners(0);
    worker.once('exit', () => {
      all.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
    });
    worker.on('error', () => undefined);
    return worker;
  };
  let asked: Asked | undefined;
  return {
    execute: async (claimed, environment, keep, signal) => {
      const worker = idle.pop() ?? start(true);
      try {
        const outcome = await executeIn(worker, { type: 'drive', claimed, environment }, keep, signal);
        idle.push(worker);
        return outcome;
      } catch (error) {
        // What it was about to write must not go on without anybody to answer it.
        await worker.terminate();
        throw error;
      }
    },
    ask: (question, ...args) => {
      if (asked === undefined || !all.has(asked.worker)) asked = createAsked(start(false));
      return asked.ask(question, args);
    },
    close: async () => {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
};

const executeIn = (worker: Worker, order: ToThread, keep: Keep, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const stop = () => worker.postMessage({ type: 'stop' } satisfies ToThread);
    const answer = (id: number, result: unknown) =>
      worker.postMessage({ type: 'answer', id, result } satisfies ToThread);
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      worker.off('message', listen).off('error', failed).off('exit', ended);
      settle();
    };
    const failed = (error: Error) => finish(() => reject(error));
    const ended = () => finish(() => reject(new Error('the work thread ended')));
    const listen = (message: FromThread) => {
      if (message.type === 'save') keep.save(message.saved).then((status) => answer(message.id, status), failed);
      else if (message.type === 'commit')
        keep.markCommitting(message.saved).then((ok) => answer(message.id, ok), failed);
      else if (message.type === 'warn') keep.warn(message.message);
      else if (message.type === 'done') finish(() => resolve(message.outcome));
    };
    worker.on('message', listen).on('error', failed).on('exit', ended);
    worker.postMessage(order);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });

interface Asked {
  readonly worker: Worker;
  ask<T>(question: string, args: readonly unknown[]): Promise<T>;
}

const createAsked = (worker: Worker): Asked => {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  worker.on('message', (message: FromThread) => {
    if (message.type !== 'answer' && message.type !== 'error') return;
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === 'answer') return call?.resolve(message.result);
    const { code, message: text, extensions } = message.error;
    call?.reject(code === undefined ? new Error(text) : new SignalboxError(code as ErrorCode, text, extensions));
  });
  worker.once('exit', () => {
    for (const call of waiting.values()) call.reject(new Error('the thread that was asked ended'));
  });
  return {
    worker,
    ask: <T>(question: string, args: readonly unknown[]) =>
      new Promise<T>((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as (result: unknown) => void, reject });
        worker.postMessage({ type: 'ask', id: lastId, question, args } satisfies ToThread);
      }),
  };
};
