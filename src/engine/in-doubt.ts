/** Calls of the store whose answer may have been lost after the commit. */
import { SignalboxError } from '../errors.ts';
import { sleep } from '../sleep.ts';

/** Long enough for another connection to be opened. */
const REPEAT_MS = 100;

export const isUnavailable = (error: unknown): boolean =>
  error instanceof SignalboxError && error.code === 'UNAVAILABLE';

/**
 * Repeats a call once that the store answers in the same way when it was carried out before.
 * @param isShared the store is reached over a network, on which answers are lost. An embedded store knows that it has
 *   not carried out a call that fails, and a second one would wait for its lock again
 */
export const repeatInDoubt = async <T>(isShared: boolean, call: () => Promise<T>): Promise<T> => {
  if (!isShared) return call();
  try {
    return await call();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    await sleep(REPEAT_MS);
    return call();
  }
};
