/** Resolves after so many milliseconds. Rejects immediately with the signal's reason if it is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });

/**
 * A signal that is aborted after so many milliseconds, or with one of the others, for its reason. `using` ends it. Node 20 may collect the
 * signals of `AbortSignal.any` and `AbortSignal.timeout` as garbage before they are aborted.
 */
export const limitedBy = (ms: number, signals: readonly (AbortSignal | null)[]) => {
  const controller = new AbortController();
  const end = () => {
    clearTimeout(timer);
    for (const signal of signals) signal?.removeEventListener('abort', abort);
  };
  const abort = () => {
    end();
    controller.abort(signals.find((signal) => signal?.aborted)?.reason);
  };
  const timer = setTimeout(abort, ms);
  for (const signal of signals) signal?.addEventListener('abort', abort);
  if (signals.some((signal) => signal?.aborted)) abort();
  return { signal: controller.signal, abort, [Symbol.dispose]: end };
};
