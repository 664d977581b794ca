import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlan } from './plan.ts';
import { SCENES, startScene } from './scene.ts';

/** The same histories each time: new ones are for `npm run torture`. */
const SEED = 20261120;
/** On a machine that is busy elsewhere fewer of them are tried. */
const LONGEST_MS = 12_000;

/** On PostgreSQL three stores share a database, and each step uses the next of them. */
const scenes = SCENES.filter((name) => (name === 'sqlite') === (process.env.STORE !== 'postgres'));

test.each(scenes)(
  'whatever people order and workers do, live or dead, the store does what the design says: %s',
  async (of) => {
    await using scene = await startScene(of);
    await fc.assert(createPlan(scene, 'some'), { seed: SEED, numRuns: 30, interruptAfterTimeLimit: LONGEST_MS });
    // Each step of three stores is several round trips and a commit.
    expect(scene.steps).toBeGreaterThan(of === 'sqlite' ? 100 : 20);
  },
);
