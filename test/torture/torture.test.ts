import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlan } from './plan.ts';
import { startScene } from './scene.ts';

const SEED = 20261120;

test('whatever people order and workers do, live or dead, the store does what the design says', async () => {
  await using scene = await startScene();
  await fc.assert(createPlan(scene, 'some'), { seed: SEED, numRuns: 60 });
  expect(scene.steps).toBeGreaterThan(1_000);
}, 60_000);
