// Kinds of jobs whose steps a test sees from outside: each posts itself to an address before it counts as done.
import { z } from 'zod';
import { defineKind } from '../../dist/index.js';

const report = async (url, body, signal) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  await response.text();
};

const input = z.object({ url: z.string(), steps: z.int(), everyMs: z.int().default(20) });

async function* perform(phase, { jobId, epoch, input: { url, steps, everyMs }, checkpoint }, { signal }) {
  for (let step = (checkpoint ?? 0) + 1; step <= steps; step += 1) {
    await report(url, { job: jobId, epoch, phase, step }, signal);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    yield { checkpoint: step, fractionCompleted: step / steps };
  }
}

/** Takes a number of steps. */
export const steps = defineKind({ name: 'STEPS', input, run: (work, io) => perform('run', work, io) });

/** The same, and as many to revert it. */
export const reverting = defineKind({
  name: 'REVERTING_STEPS',
  input,
  run: (work, io) => perform('run', work, io),
  revert: (work, io) => perform('revert', { ...work, checkpoint: null }, io),
});

/** Does nothing, at once. */
export const empty = defineKind({ name: 'EMPTY', input: z.object({}), async *run() {} });
