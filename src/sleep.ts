import { setTimeout } from 'node:timers/promises';

/** Resolves after so many milliseconds. Rejects with the signal's reason, immediately, when it is aborted. */
export const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
