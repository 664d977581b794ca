/** A recurring event and those who wait for its next occurrence. */
export interface Notifier {
  /** Resolves at the next `notify`, or when the signal is aborted. It is armed immediately, so it misses nothing. */
  next(signal: AbortSignal): Promise<void>;
  notify(): void;
}

export const createNotifier = (): Notifier => {
  let waiting = new Set<() => void>();
  return {
    next: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = () => {
          signal.removeEventListener('abort', done);
          waiting.delete(done);
          resolve();
        };
        signal.addEventListener('abort', done);
        waiting.add(done);
      }),
    notify: () => {
      const notified = waiting;
      waiting = new Set();
      for (const resume of notified) resume();
    },
  };
};
