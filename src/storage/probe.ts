import { badInput, unavailable } from '../errors.ts';
import { Transient } from '../jobs/kind.ts';
import { StorageError } from './url.ts';

/** A person is waiting for the result. */
const LOOK_MS = 10_000;

/**
 * Probes a location on behalf of a person: an error names the argument that contains the URL. @throws SignalboxError
 */
export const probe = async <T>(field: string, use: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const signal = AbortSignal.timeout(LOOK_MS);
  try {
    return await use(signal);
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    if (signal.aborted) throw unavailable(`${field} names a place that has not answered in ${LOOK_MS / 1000} s`);
    throw error;
  }
};
