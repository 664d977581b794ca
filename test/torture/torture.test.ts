import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlan } from './plan.ts';
import { startScene } from './scene.ts';

/** The same histories each time: new ones are for `npm run torture`. */
const SEED = 20261120;
/** On a machine that is busy elsewhere fewer of them are tried. */
const LONGEST_MS = 12_000;

test('whatever people order and workers do, live or dead, the store does what the design says', async () => {
  await using scene = await startScene();
  await fc.assert(createPlan(scene, 'some'), { seed: SEED, numRuns: 30, interruptAfterTimeLimit: LONGEST_MS });
  expect(scene.steps).toBeGreaterThan(100);
});
