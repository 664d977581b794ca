/**
 * Requests that OpenDAL makes by itself, through the proxy that confines it. It cannot be stopped: the caller stops
 * waiting at a stop or at the time limit.
 */
import type { Operator } from 'opendal';
import { Transient } from '../../jobs/kind.ts';
import { failureOf as connectionFailureOf } from '../../net/request.ts';
import { StorageError } from '../url.ts';
import { type Confined, OtherHost } from './confined.ts';
import { type About, failureOf, refusalOfOperator, type WordsOf } from './errors.ts';
import type { OpenDal } from './opendal.ts';
import { type CloudLimits, TRIES } from './request.ts';

export interface OperatorPlace {
  readonly endpoint: URL;
  readonly allowed: readonly string[];
  readonly limits: CloudLimits;
  readonly wordsOf: WordsOf;
}

export interface Call extends About {
  readonly withinMs: number;
  /** How long a stop waits for a call in progress, so that its effect does not appear after the stop. */
  readonly graceMs?: number;
}

export const operatorCalls =
  ({ endpoint, allowed, limits, wordsOf }: OperatorPlace, open: () => Promise<Confined>) =>
  async <T>(call: Call, signal: AbortSignal, begin: (operator: Operator) => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const attempt = async () => {
      const { operator, takeRefusal } = await open();
      takeRefusal();
      try {
        return await begin(operator);
      } catch (error) {
        const refusal = takeRefusal();
        if (refusal instanceof OtherHost) {
          throw new StorageError(`${call.about} redirects to ${refusal.message}, which is not followed`);
        }
        const endpointUrl = { url: endpoint, redacted: call.about, allowed, limits, done: call.done };
        if (refusal !== null) throw connectionFailureOf(endpointUrl, refusal, signal);
        throw failureOf(refusalOfOperator(error), call, wordsOf);
      }
    };
    return raced(call, signal, attempt());
  };

const raced = async <T>(
  { about, done, withinMs, graceMs = 0 }: Call,
  signal: AbortSignal,
  answer: Promise<T>,
): Promise<T> => {
  // It may fail after the caller has stopped waiting.
  answer.catch(() => undefined);
  const timers: NodeJS.Timeout[] = [];
  let stop = () => {};
  const over = new Promise<never>((_, reject) => {
    const late = () => {
      reject(new Transient(`${about} cannot be ${done} now: its store has not answered for ${withinMs / 1000} s`));
    };
    timers.push(setTimeout(late, withinMs));
    stop = () => void timers.push(setTimeout(() => reject(signal.reason), graceMs));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([answer, over]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    timers.forEach(clearTimeout);
    signal.removeEventListener('abort', stop);
  }
};

/** Each call is retried as often as our own requests. */
export const retrying = ({ layers }: OpenDal, { retryMs }: CloudLimits) => {
  const layer = new layers.RetryLayer();
  layer.maxTimes = TRIES - 1;
  layer.minDelay = retryMs;
  layer.maxDelay = retryMs * 8;
  layer.factor = 2;
  layer.jitter = true;
  return layer.build();
};
