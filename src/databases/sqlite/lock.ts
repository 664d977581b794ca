import { setTimeout } from 'node:timers/promises';
import { type Step, Transient } from '../../jobs/kind.ts';
import type { Target } from './open.ts';

const LOCK_WAIT_MS = 5_000;
const LOCK_POLL_MS = 10;

/**
 * Begins a transaction in the target. While somebody else writes there it gives the last step again, so that a stop is
 * heard. @throws Transient when that goes on for longer than `waitMs`
 */
export async function* lock<C>(
  target: Target,
  last: Step<C>,
  signal: AbortSignal,
  waitMs = LOCK_WAIT_MS,
): AsyncGenerator<Step<C>, void, void> {
  const until = performance.now() + waitMs;
  while (!target.tryBegin()) {
    if (performance.now() > until) throw new Transient(`database ${target.name} is locked`);
    yield { ...last, message: `waiting: database ${target.name} is locked` };
    await wait(LOCK_POLL_MS, signal);
  }
}

/** The same where nothing can be told meanwhile. @throws Transient when that goes on for long */
export const begin = async (target: Target, signal: AbortSignal): Promise<void> => {
  const until = performance.now() + LOCK_WAIT_MS;
  while (!target.tryBegin()) {
    if (performance.now() > until) throw new Transient(`database ${target.name} is locked`);
    await wait(LOCK_POLL_MS, signal);
  }
};

/** Throws the signal's reason when it is aborted. */
export const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};
