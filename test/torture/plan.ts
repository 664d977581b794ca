import fc from 'fast-check';
import { createModel, type Model } from './model.ts';
import { ORDERS } from './orders.ts';
import type { Scene } from './scene.ts';
import type { Step } from './step.ts';
import { WORK } from './work.ts';

const STEPS_AT_MOST = 300;
const STEPS = { ...WORK, ...ORDERS };
type Mix = Partial<Record<keyof typeof STEPS, number>>;

const WORKING: Mix = { claim: 220, save: 100, settle: 200, markCommitting: 30, heartbeat: 60, startSession: 40 };

/** How often each step comes, in thousandths or so: one mix for what people do, and two that get far into failures. */
const MIXES: readonly Mix[] = [
  { ...WORKING, endSession: 10, create: 100, order: 200, wait: 120, rest: 20, look: 20, reopen: 1 },
  {
    ...{ claim: 300, fail: 300, wait: 60, rest: 200, create: 8, order: 20, save: 5, heartbeat: 20 },
    ...{ startSession: 10, markCommitting: 10 },
  },
  {
    ...{ claim: 300, startSession: 150, endSession: 100, heartbeat: 60, wait: 100, rest: 100, create: 20, order: 30 },
    ...{ fail: 30, save: 10, markCommitting: 10, look: 5, reopen: 1 },
  },
];

/** Histories of people and workers, each on an empty store, each step checked. */
export const createPlan = (scene: Scene, reopenings: 'some' | 'rare') => {
  const scale = reopenings === 'some' ? 1 : 4;
  const histories = MIXES.map((mix) =>
    fc.commands<Model, Scene, false>([fc.oneof(...weighed(mix, scale))], { maxCommands: STEPS_AT_MOST, size: 'max' }),
  );
  return fc.asyncProperty(fc.oneof(...histories), async (history) => {
    await scene.clear();
    await fc.asyncModelRun(() => ({ model: createModel(scene.seen.head), real: scene }), history);
  });
};

const weighed = (mix: Mix, scale: number): { weight: number; arbitrary: fc.Arbitrary<Step> }[] =>
  Object.entries(mix).map(([name, weight]) => ({
    weight: name === 'reopen' ? weight : weight * scale,
    arbitrary: STEPS[name as keyof typeof STEPS],
  }));
