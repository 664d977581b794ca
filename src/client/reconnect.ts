/** Opens a stream again, with a growing delay, as long as the reason for its end may pass. */
import { isPassing } from './errors.ts';

const FIRST_MS = 200;
const LONGEST_MS = 30_000;

export interface ReconnectOptions {
  readonly signal: AbortSignal;
  /** Called before each attempt to reconnect, with the reason. */
  readonly onReconnect?: ((reason: Error) => void) | undefined;
}

/**
 * @param open begins at the position that the caller has reached
 * @throws the error that ended the stream, if it does not pass
 */
export async function* reconnecting<T>(
  open: () => AsyncIterable<T>,
  { signal, onReconnect }: ReconnectOptions,
): AsyncGenerator<T, void, void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const value of open()) {
        failures = 0;
        yield value;
        if (signal.aborted) return;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      onReconnect?.(error as Error);
    }
    await pause(Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + Math.random() / 2), signal);
  }
}

/** Ends early when the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
