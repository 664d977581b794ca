// Kinds with the options of defineKind, as a module that work processes, servers and workers load.

import { z } from 'zod';
import { defineKind, PauseAsked, Transient } from '../../dist/index.js';

const input = z.object({});
const retry = { attempts: 2, firstWaitMs: 1, maxWaitMs: 1 };

/** Takes no step, but stops when it is asked to. */
export const idle = defineKind({
  name: 'IDLE',
  input,
  retry,
  progressTimeoutMs: 1_000,
  async *run(_, { signal }) {
    await new Promise((_, stop) => signal.addEventListener('abort', () => stop(signal.reason)));
    yield { checkpoint: null };
  },
});

/** Never yields, and never looks at its signal. */
export const deaf = defineKind({
  name: 'DEAF',
  input,
  retry: { attempts: 1 },
  progressTimeoutMs: 1_000,
  async *run({ checkpoint }) {
    while (checkpoint === null);
    yield { checkpoint };
  },
});

/** Steps for longer than the limit, each in time. */
export const slow = defineKind({
  name: 'SLOW',
  input,
  progressTimeoutMs: 1_000,
  async *run() {
    for (let n = 1; n <= 8; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      yield { checkpoint: n };
    }
  },
});

export const shaky = defineKind({
  name: 'SHAKY',
  input,
  retry,
  async *run(_, { attempt }) {
    if (attempt <= 2) throw new Transient(`the receiver is away, attempt ${attempt}`);
    yield { checkpoint: attempt };
  },
});

/** Asks for a pause until its checkpoint says that it did. */
export const asking = defineKind({
  name: 'ASKING',
  input,
  async *run({ checkpoint }) {
    if (checkpoint === null) throw new PauseAsked('the address is wrong', { checkpoint: 1 });
    yield { checkpoint: 2 };
    return { asked: checkpoint };
  },
});

const resulting = (name, value) =>
  defineKind({
    name,
    input: z.object({ to: z.number().optional() }),
    result: z.object({ count: z.int().describe('How many.') }),
    async *run() {
      yield { checkpoint: 1 };
      return value;
    },
  });
export const counted = resulting('COUNTED', { count: 2, more: true });
export const miscounted = resulting('MISCOUNTED', { count: 'two' });

/** Its fraction falls, and is out of range. */
export const falling = defineKind({
  name: 'FALLING',
  input,
  async *run() {
    for (const fractionCompleted of [0.5, 0.2, 7]) yield { checkpoint: 1, fractionCompleted };
  },
});

/** Its checkpoint has 10 MB. */
export const heavy = defineKind({
  name: 'HEAVY',
  input,
  async *run() {
    yield { checkpoint: 'x'.repeat(10_000_000) };
  },
});

/** Its result is larger than what is kept. */
export const bulky = defineKind({
  name: 'BULKY',
  input,
  async *run() {
    yield { checkpoint: 1 };
    return 'x'.repeat(70_000);
  },
});

/** Its checkpoint has what JSON has not. */
export const dated = defineKind({
  name: 'DATED',
  input,
  async *run() {
    yield { checkpoint: { at: new Date(0) } };
  },
});
