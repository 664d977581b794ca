/**
 * Tries whatever people and workers may do, for as long as it is asked to:
 * npm run torture -- --steps 100000 [--seed 1] [--store sqlite | postgres-lock | postgres-floor]
 * A failure is printed as the shortest history that was found for it, with the seed to have it again.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { endCluster, prepareCluster } from '../support/postgres.ts';
import { createPlan } from './plan.ts';
import { SCENES, startScene } from './scene.ts';

const { values } = parseArgs({
  options: { steps: { type: 'string' }, seed: { type: 'string' }, store: { type: 'string', default: 'sqlite' } },
});
const of = SCENES.find((name) => name === values.store);
if (of === undefined) throw new Error(`--store ${values.store}: use ${SCENES.join(', ')}`);
const wanted = Number(values.steps ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
/** On PostgreSQL a step takes longer: what is done is reported often enough. */
const HISTORIES_AT_ONCE = of === 'sqlite' ? 50 : 5;
const TELL_EVERY_MS = 10_000;
const SHORTEN_FOR_MS = 60_000;

if (of !== 'sqlite') prepareCluster();
const scene = await startScene(of);
const plan = createPlan(scene, 'rare');
const startedAt = performance.now();
let toldAt = startedAt;
const tell = () => {
  toldAt = performance.now();
  const seconds = (toldAt - startedAt) / 1000;
  console.log(
    `${scene.steps} steps in ${seconds.toFixed(0)} s, ${Math.round(scene.steps / seconds)} a second, seed ${seed}`,
  );
};

const tryOut = (seed: number) => fc.check(plan, { seed, numRuns: HISTORIES_AT_ONCE, endOnFailure: true });

/** A failure is printed immediately, and then shortened for as long as is worth waiting. */
const explain = async (failure: Awaited<ReturnType<typeof tryOut>>) => {
  const { seed } = failure;
  console.error(`to have it again: npm run torture -- --store ${of} --seed ${seed} --steps 1`);
  console.error(failure.errorInstance);
  const path = failure.counterexamplePath ?? '';
  const shorter = await fc.check(plan, { seed, path, interruptAfterTimeLimit: SHORTEN_FOR_MS });
  console.error(fc.defaultReportMessage(shorter.failed ? shorter : failure));
  console.error(shorter.errorInstance);
};

for (let round = 0; scene.steps < wanted; round += 1) {
  const details = await tryOut(seed + round);
  if (details.failed) {
    await explain(details);
    process.exitCode = 1;
    break;
  }
  if (performance.now() - toldAt > TELL_EVERY_MS) tell();
}
tell();
await scene[Symbol.asyncDispose]();
endCluster();
