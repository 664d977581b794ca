import { AsyncLocalStorage } from 'node:async_hooks';
import { badInput, unavailable } from '../errors.ts';
import { Transient } from '../jobs/kind.ts';
import { limitedBy } from '../sleep.ts';
import { StorageError } from './url.ts';

/** A person is waiting for the result. */
const LOOK_MS = 10_000;

const asked = new AsyncLocalStorage<AbortSignal>();

/** Answers a query of a person. All probes that this makes end when the signal is aborted. */
export const askedUntil = <T>(signal: AbortSignal, answer: () => T): T => asked.run(signal, answer);

/** A signal that is aborted after a time, and when nobody waits for the answer any more. `using` ends it. */
export const probeLimit = (withinMs: number) => limitedBy(withinMs, [asked.getStore() ?? null]);

/**
 * Probes a location on behalf of a person: an error names the argument that contains the URL. @throws SignalboxError
 */
export const probe = async <T>(field: string, use: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  using limit = probeLimit(LOOK_MS);
  const { signal } = limit;
  try {
    return await use(signal);
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    if (signal.aborted) throw unavailable(`${field} names a place that has not answered in ${LOOK_MS / 1000} s`);
    throw error;
  }
};
