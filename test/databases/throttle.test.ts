import { expect, it } from 'vitest';
import { throttle } from '../../src/databases/throttle.ts';

const STEP = { checkpoint: 1 };
const { signal } = new AbortController();

it('repeats the step until the bytes may have moved, and not at all without a limit', async () => {
  const stepsOf = async (order: Parameters<typeof throttle>[0]) => {
    let steps = 0;
    for await (const step of throttle(order, STEP, signal)) {
      expect(step).toBe(STEP);
      steps++;
    }
    return steps;
  };
  const startedAt = performance.now();
  expect(await stepsOf({ bytes: 1e9, startedAt, bytesPerSecond: null })).toBe(0);
  expect(await stepsOf({ bytes: 100, startedAt: startedAt - 10_000, bytesPerSecond: 100 })).toBe(0);
  expect(await stepsOf({ bytes: 60, startedAt: performance.now(), bytesPerSecond: 100 })).toBeGreaterThanOrEqual(2);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(600);
});

it('stops waiting when the job has to stop', async () => {
  const stop = new AbortController();
  const waiting = throttle({ bytes: 1e9, startedAt: performance.now(), bytesPerSecond: 1 }, STEP, stop.signal);
  const next = waiting.next();
  stop.abort(new Error('stopped'));
  await expect(next).rejects.toThrow('stopped');
});
