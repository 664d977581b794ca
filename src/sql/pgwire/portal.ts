/** A statement that is being executed, whose rows are read in parts. */

import { canceled } from '../canceled.ts';
import type { Row } from '../columns.ts';
import type { Answer } from '../session.ts';

export interface Portal {
  readonly answer: Answer;
  /** Hands on at most so many rows; 0: all. Resolves to whether more may follow. @throws 57014 if it is canceled */
  read(limit: number, signal: AbortSignal, use: (row: Row) => Promise<void> | void): Promise<boolean>;
  readonly tag: () => string;
  close(): void;
}

/** Settles with the promise, or rejects when the signal is aborted: not everything that takes long looks at a signal. */
export const orCanceled = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(canceled());
  }
  return new Promise((resolve, reject) => {
    const stop = () => reject(canceled());
    signal.addEventListener('abort', stop, { once: true });
    promise
      .then(resolve, (error) => reject(signal.aborted ? canceled() : error))
      .finally(() => signal.removeEventListener('abort', stop));
  });
};

export const createPortal = (answer: Answer): Portal => {
  const { rows } = answer;
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  let count = 0;
  let isDone = false;
  const close = () => {
    isDone = true;
    // A generator that still waits returns once it has been canceled.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  };
  return {
    answer,
    tag: () => answer.tag(count),
    close,
    read: async (limit, signal, use) => {
      try {
        for (let read = 0; limit === 0 || read < limit; read += 1) {
          if (isDone) return false;
          const next = await orCanceled(Promise.resolve(iterator.next()), signal);
          if (signal.aborted) throw canceled();
          if (next.done === true) {
            isDone = true;
            return false;
          }
          count += 1;
          await use(next.value);
        }
        return !isDone;
      } catch (error) {
        close();
        throw error;
      }
    },
  };
};
