/**
 * Stops a generator that takes no step for too long. It is asked to stop by its signal, as for a pause; where it does not
 * react, only the end of its process helps: see execute-in-process.ts.
 */
import { Transient } from '../jobs/kind.ts';

export interface ProgressLimit {
  /** Aborted when the job has to stop, and when the time is over. */
  readonly signal: AbortSignal;
  /** The failure, once the time is over. */
  readonly expired: Transient | null;
  /** Measures the time that each step takes; not that between steps, in which the engine saves. */
  watch<Y, R>(steps: AsyncGenerator<Y, R, void>): AsyncGenerator<Y, R, void>;
  [Symbol.dispose](): void;
}

/** How long a generator may take to stop. */
export const STOP_MS = 2_000;

export const noStepFor = (ms: number) => `no step for ${ms / 1_000} s`;

/** @param onIgnored called when the generator has not stopped in time */
export const limitProgress = (
  ms: number | undefined,
  stop: AbortSignal,
  onIgnored: (message: string) => void,
): ProgressLimit => {
  if (ms === undefined) return { signal: stop, expired: null, watch: (steps) => steps, [Symbol.dispose]: () => {} };
  const controller = new AbortController();
  const abort = () => controller.abort(stop.reason);
  stop.addEventListener('abort', abort);
  if (stop.aborted) abort();
  let expired: Transient | null = null;
  let timer: NodeJS.Timeout | undefined;
  const expire = () => {
    // It is stopping for another reason, which uses no attempt.
    if (stop.aborted) return;
    expired = new Transient(noStepFor(ms));
    controller.abort(expired);
    timer = setTimeout(() => onIgnored(`${noStepFor(ms)}, and the kind ignores its signal`), STOP_MS);
  };
  const watch = async function* <Y, R>(steps: AsyncGenerator<Y, R, void>): AsyncGenerator<Y, R, void> {
    try {
      for (;;) {
        timer = setTimeout(expire, ms);
        const next = await steps.next();
        clearTimeout(timer);
        if (next.done) return next.value;
        yield next.value;
      }
    } finally {
      clearTimeout(timer);
      await steps.return(undefined as R);
    }
  };
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    watch,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', abort);
    },
  };
};
