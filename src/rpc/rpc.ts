/**
 * One remote procedure call for threads and processes. Both sides may call: a call has an id, and is answered by a
 * result or an error. An abort is passed to the side that executes the call, which then decides how to answer. When the
 * other side ends, pending calls are rejected with `PortClosed`, and calls that this side executes for it are aborted.
 *
 *     call ──▶ { id, method, args }      { id, abort }
 *              { id, value } or { id, error } ──▶ answer      id 0: nobody waits for an answer
 */
import { type ErrorData, errorData, errorOf } from './crossing-errors.ts';
import type { Port } from './port.ts';

export type Methods<M> = { readonly [K in keyof M]: (...args: never[]) => unknown };

/** Executes a call. Its result or error has to survive a structured clone. */
export type Answer = (method: string, args: readonly unknown[], signal: AbortSignal) => unknown;

export interface Connection<M extends Methods<M>> {
  /**
   * Settles with the answer of the other side, even after an abort. @throws PortClosed if the other side ends before
   * that
   */
  call<K extends keyof M & string>(
    method: K,
    args: Parameters<M[K]>,
    signal?: AbortSignal,
  ): Promise<Awaited<ReturnType<M[K]>>>;
  /** Calls without waiting for an answer. */
  notify<K extends keyof M & string>(method: K, args: Parameters<M[K]>): void;
  /** Rejects all pending calls, and every later call. */
  close(reason: Error): void;
}

/** The other side has ended: whether it executed the call is unknown. */
export class PortClosed extends Error {
  override readonly name = 'PortClosed';
}

type Message =
  | { readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly abort: true }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorData };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Answers calls, and makes none. */
export const serve = (port: Port, answer: Answer): void => void connect(port, answer);

export const connect = <M extends Methods<M>>(port: Port, answer: Answer = refuse): Connection<M> => {
  const waiting = new Map<number, Waiting>();
  const working = new Map<number, AbortController>();
  let closed: Error | null = null;
  let lastId = 0;

  const close = (reason: Error) => {
    if (closed !== null) return;
    closed = new PortClosed(reason.message, { cause: reason });
    for (const { reject } of waiting.values()) reject(closed);
    waiting.clear();
    for (const stop of working.values()) stop.abort(closed);
  };

  const settle = (message: Message) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(errorOf(message.error));
    else if ('value' in message) call?.resolve(message.value);
  };

  const work = async (id: number, method: string, args: readonly unknown[]) => {
    const stop = new AbortController();
    working.set(id, stop);
    const reply = await answered(id, () => answer(method, args, stop.signal));
    if (working.get(id) === stop) working.delete(id);
    if (id !== 0 && closed === null) post(reply);
  };

  /** A value that cannot be cloned is an error of the caller, not a call that is never answered. */
  const post = (message: Message) => {
    try {
      port.post(message);
    } catch (error) {
      port.post({ id: message.id, error: errorData(error) } satisfies Message);
    }
  };

  port.listen((received) => {
    const message = received as Message;
    if ('method' in message) void work(message.id, message.method, message.args);
    else if ('abort' in message) working.get(message.id)?.abort();
    else settle(message);
  }, close);

  return {
    call: (method, args, signal) =>
      new Promise((resolve, reject) => {
        if (closed !== null) return reject(closed);
        lastId += 1;
        const id = lastId;
        const abort = () => port.post({ id, abort: true } satisfies Message);
        const done = () => signal?.removeEventListener('abort', abort);
        waiting.set(id, {
          resolve: (value) => {
            done();
            resolve(value as Awaited<ReturnType<M[typeof method]>>);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        try {
          port.post({ id, method, args } satisfies Message);
        } catch (error) {
          waiting.delete(id);
          return reject(error);
        }
        signal?.addEventListener('abort', abort);
        if (signal?.aborted) abort();
      }),
    notify: (method, args) => {
      if (closed === null) port.post({ id: 0, method, args } satisfies Message);
    },
    close,
  };
};

const answered = async (id: number, answer: () => unknown): Promise<Message> => {
  try {
    return { id, value: await answer() };
  } catch (error) {
    return { id, error: errorData(error) };
  }
};

const refuse: Answer = (method) => {
  throw new Error(`the other side answers no calls, ${method} among them`);
};
