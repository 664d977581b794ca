/**
 * What every kind has to keep, driven by hand as the engine drives it: stopped at each of its steps and gone on with
 * from there, in another claim, it ends as if it had never stopped.
 */
import { describe, expect, it } from 'vitest';
import { type Environment, Fenced, type Kind, type Secrets, type Step } from '../../src/jobs/kind.ts';
import { claimOf, ioOf } from '../support/claimed.ts';

/** A job of the kind, freshly made in a place of its own; its steps have to be more than a few. */
export interface Scene {
  readonly details: unknown;
  readonly secrets?: Secrets;
  readonly environment: Environment;
  /** All that others can see of what the job works on, as data to compare. */
  snapshot(): unknown;
  /** What is in the target on the job's behalf and seen by nobody; equal before a run and after undoing it. */
  hidden(): unknown;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Drive {
  readonly kind: Kind;
  readonly scene: Scene;
  readonly epoch: number;
  readonly task?: 'run' | 'revert';
  readonly checkpoint?: unknown;
  /** Closes the generator at this step, from 1. */
  readonly stopAt?: number;
  /** Closes it at its commit too: which step that is depends on the time. */
  readonly stopAtCommit?: true;
  /** Called at each step. */
  readonly watch?: (step: Step<unknown>, count: number) => void;
  readonly signal?: AbortSignal;
}

interface Driven {
  readonly ended: boolean;
  /** Through JSON, as the store gives it back. */
  readonly checkpoints: readonly unknown[];
}

export const JOB_ID = '27536791415282';

/** The places in which work began, as the job store keeps it. */
const began = new WeakSet<Environment>();

/** One claim: enters its epoch and follows the steps. */
export const execute = async (asked: Drive): Promise<Driven> => {
  const { kind, scene, epoch, task = 'run', checkpoint = null, stopAt = Number.POSITIVE_INFINITY } = asked;
  const { details, secrets = {} } = JSON.parse(JSON.stringify(scene));
  const work = { details, secrets, checkpoint, claim: claimOf(JOB_ID, epoch), began: began.has(scene.environment) };
  const io = ioOf(scene.environment, {
    ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    markBegan: async () => began.add(scene.environment) !== undefined,
  });
  await kind.acquireFence?.(work, io, task);
  const checkpoints: unknown[] = [];
  for await (const step of kind[task](work, io)) {
    checkpoints.push(JSON.parse(JSON.stringify(step.checkpoint ?? null)));
    asked.watch?.(step, checkpoints.length);
    if (checkpoints.length >= stopAt || (step.commit && asked.stopAtCommit)) return { ended: false, checkpoints };
  }
  return { ended: true, checkpoints };
};

/** What the engine does behind the end of a job. */
export const cleanUp = async (kind: Kind, { details, environment }: Scene, when: 'ended' | 'removed') => {
  await kind.cleanUp?.({ details, checkpoint: null, claim: claimOf(JOB_ID, 9) }, environment, when);
  began.delete(environment);
};

/** Which checkpoint the store may give back: it saves some of them only. */
const SAVED = {
  'its checkpoint': (checkpoints: readonly unknown[]) => checkpoints.at(-1) ?? null,
  'an older checkpoint': (checkpoints: readonly unknown[]) => checkpoints.at(-3) ?? null,
  'no checkpoint': () => null,
};

export const testKindContract = (title: string, kind: Kind, open: () => Promise<Scene>) => {
  describe(`the contract of a kind: ${title}`, () => {
    for (const [what, saved] of Object.entries(SAVED)) {
      it(`ends the same when it is stopped at any step and gone on with from ${what}`, async () => {
        const { steps, expected } = await undisturbed(kind, open);
        expect(steps).toBeGreaterThan(3);
        for (let stopAt = 1; stopAt <= steps; stopAt++) {
          await using scene = await open();
          const { checkpoints } = await execute({ kind, scene, epoch: 1, stopAt });
          const { ended } = await execute({ kind, scene, epoch: 2, checkpoint: saved(checkpoints) });
          expect(ended).toBe(true);
          expect(scene.snapshot(), `stopped at step ${stopAt}`).toEqual(expected);
        }
      });
    }

    it('ends the same when it is stopped at its second step, again and again', async () => {
      const { steps, expected } = await undisturbed(kind, open);
      await using scene = await open();
      let driven: Driven = { ended: false, checkpoints: [] };
      for (let epoch = 1; !driven.ended; epoch++) {
        // A claim makes progress between its first step, which says where it begins, and its second.
        expect(epoch).toBeLessThanOrEqual(2 * steps);
        const stopAt = epoch <= steps ? 2 : Number.POSITIVE_INFINITY;
        driven = await execute({ kind, scene, epoch, checkpoint: driven.checkpoints.at(-1) ?? null, stopAt });
      }
      expect(scene.snapshot()).toEqual(expected);
    });

    it('does nothing more when it is run again after its end', async () => {
      await using scene = await open();
      await execute({ kind, scene, epoch: 1 });
      const expected = scene.snapshot();
      expect((await execute({ kind, scene, epoch: 2 })).ended).toBe(true);
      expect(scene.snapshot()).toEqual(expected);
    });

    it('never shows less than before, and a fraction between 0 and 1', async () => {
      await using scene = await open();
      let last = 0;
      const watch = ({ fractionCompleted: fraction }: Step<unknown>) => {
        if (fraction === undefined) return;
        expect(fraction).toBeGreaterThanOrEqual(last);
        expect(fraction).toBeLessThanOrEqual(1);
        last = fraction;
      };
      const { checkpoints } = await execute({ kind, scene, epoch: 1, stopAt: 3, watch });
      await execute({ kind, scene, epoch: 2, checkpoint: checkpoints.at(-1), watch });
    });

    it('leaves nothing when it is undone, from whatever step, however often', async () => {
      // Once it is committed nobody undoes it.
      const { committing } = await undisturbed(kind, open);
      for (let stopAt = 0; stopAt <= committing; stopAt++) {
        await using scene = await open();
        const before = [scene.snapshot(), scene.hidden()];
        const driven = stopAt === 0 ? null : await execute({ kind, scene, epoch: 1, stopAt, stopAtCommit: true });
        // How many steps a run takes depends on the time, too: one that has ended is not undone.
        if (driven?.ended) break;
        const checkpoint = driven?.checkpoints.at(-1) ?? null;
        for (const epoch of [2, 3]) {
          expect((await execute({ kind, scene, epoch, task: 'revert', checkpoint })).ended).toBe(true);
          expect(scene.snapshot(), `undone after step ${stopAt}`).toEqual(before[0]);
        }
        await cleanUp(kind, scene, 'removed');
        expect(scene.hidden(), `cleaned up after step ${stopAt}`).toEqual(before[1]);
      }
    });

    it('stops when it is told to, with the reason that it was given', async () => {
      await using scene = await open();
      const stop = new AbortController();
      const watch = (_: unknown, count: number) => count === 2 && stop.abort(new Error('told to stop'));
      await expect(execute({ kind, scene, epoch: 1, watch, signal: stop.signal })).rejects.toThrow('told to stop');
    });

    if (kind.acquireFence !== undefined) {
      it('writes nothing under a claim that is not the newest', async () => {
        const { steps, expected } = await undisturbed(kind, open);
        let takeovers = 0;
        await using late = await open();
        await execute({ kind, scene: late, epoch: 2, stopAt: 2 });
        await expect(execute({ kind, scene: late, epoch: 1 })).rejects.toThrow(Fenced);
        await expect(execute({ kind, scene: late, epoch: 2 })).rejects.toThrow(Fenced);

        for (let at = 1; at < steps; at++) {
          await using scene = await open();
          const taken = await takeOver(kind, scene, at);
          if (taken === null) continue;
          takeovers++;
          expect(scene.snapshot()).toEqual(taken.before);
          await execute({ kind, scene, epoch: 3 });
          expect(scene.snapshot(), `taken over at step ${at}`).toEqual(expected);
        }
        expect(takeovers).toBeGreaterThan(1);
      });
    }
  });
};

/**
 * The first claim is at a step, holding nothing, when a second enters; then the first goes on, and has to be fenced off.
 * Null when it holds the lock at that step, to commit, or has fewer steps: how many there are depends on the time.
 */
const takeOver = async (kind: Kind, scene: Scene, at: number) => {
  const claim = claimOf(JOB_ID, 1);
  const { details, secrets = {} } = scene;
  const work = { details, secrets, checkpoint: null, claim, began: false };
  const io = ioOf(scene.environment);
  await kind.acquireFence?.(work, io, 'run');
  let count = 0;
  let taken: { readonly before: unknown } | null = null;
  try {
    for await (const step of kind.run(work, io)) {
      count++;
      if (count !== at) continue;
      if (step.commit) return null;
      await kind.acquireFence?.({ ...work, claim: { ...claim, epoch: 2 }, began: true }, io, 'run');
      taken = { before: scene.snapshot() };
    }
  } catch (error) {
    if (taken === null) throw error;
    expect(error).toBeInstanceOf(Fenced);
    return taken;
  }
  expect(taken, `taken over at step ${at}, the first claim went on to its end`).toBeNull();
  return null;
};

const undisturbed = async (kind: Kind, open: () => Promise<Scene>) => {
  await using scene = await open();
  let committing = Number.POSITIVE_INFINITY;
  const watch = ({ commit }: Step<unknown>, count: number) => {
    if (commit) committing = count;
  };
  const { checkpoints } = await execute({ kind, scene, epoch: 1, watch });
  const steps = checkpoints.length;
  return { steps, committing: Math.min(committing, steps), expected: scene.snapshot() };
};
