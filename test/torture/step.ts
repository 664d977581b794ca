import type fc from 'fast-check';
import { checkAgreement, checkInvariants, checkNothingWritten } from './invariants.ts';
import type { Model } from './model.ts';
import type { Scene } from './scene.ts';

export type Step = fc.AsyncCommand<Model, Scene>;

/** Whether a step may have written anything: of one that may not, every column is looked at. */
export type Wrote = 'something' | 'nothing';

/** One step: the store does it and the model says what had to come of it, in `act`; then all that ever holds is checked. */
export const step = <I>(
  name: string,
  inputs: I,
  act: (inputs: I, model: Model, scene: Scene) => Promise<Wrote>,
  applies: (inputs: I, model: Readonly<Model>) => boolean = () => true,
): Step => ({
  check: (model) => applies(inputs, model),
  run: async (model, scene) => {
    const before = scene.seen;
    const wrote = await act(inputs, model, scene);
    const after = await scene.observe();
    checkInvariants(before, after);
    checkAgreement(model, after);
    if (wrote === 'nothing') checkNothingWritten(before, after);
    scene.seen = after;
    scene.steps += 1;
  },
  toString: () => `${name}(${JSON.stringify(inputs)})`,
});

/** One of a list by a number drawn before anybody knew how long it would be. */
export const pick = <T>(list: readonly T[], drawn: number): T | undefined => list[drawn % list.length];

/** What a call of the store failed with; undefined when it did not. */
export const failureOf = async (call: Promise<unknown>): Promise<{ code?: string; message: string } | undefined> =>
  call.then(
    () => undefined,
    (error: Error) => error,
  );
