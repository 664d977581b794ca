import fc from 'fast-check';
import { createModel, type Model } from './model.ts';
import { ORDERS, REOPEN } from './orders.ts';
import type { Scene } from './scene.ts';
import { WORK } from './work.ts';

const STEPS_AT_MOST = 150;

/** Histories of people and workers, each on an empty store, each step checked. Reopening is as rare as it is slow. */
export const createPlan = (scene: Scene, reopenings: 'some' | 'rare') => {
  const scale = reopenings === 'some' ? 1 : 4;
  const often = [...WORK, ...ORDERS].map(({ weight, arbitrary }) => ({ weight: weight * scale, arbitrary }));
  const anything = fc.oneof(...often, { weight: 1, arbitrary: REOPEN });
  const histories = fc.commands<Model, Scene, false>([anything], {
    maxCommands: STEPS_AT_MOST,
    size: 'max',
  });
  return fc.asyncProperty(histories, async (history) => {
    scene.clear();
    await fc.asyncModelRun(() => ({ model: createModel(scene.seen.head), real: scene }), history);
  });
};
