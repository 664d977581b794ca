/**
 * A worker that is presumed dead wakes up. It is halted between two steps, at points that its code comes to and never
 * by time; the store gives the job to a second worker, which finishes, pauses or reverts it; then the first goes on. It
 * must write nothing anywhere, and the end must be that of a run that nobody disturbed.
 */

import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { fileOf } from '../../src/databases/sqlite/place.ts';
import type { Io, Kind, Task } from '../../src/jobs/kind.ts';
import { claimOf, ioOf } from '../support/claimed.ts';
import { cleanUp, JOB_ID, type Scene } from './contract.ts';

/** What a job store keeps of one job. */
export const createJobStore = () => ({ epoch: 0, began: false });
type JobStore = ReturnType<typeof createJobStore>;

interface Worker {
  readonly kind: Kind;
  readonly scene: Scene;
  readonly store: JobStore;
  readonly task?: Task;
  /** Called where the worker asks or tells the store something, and at each step; what it waits for holds it up. */
  readonly at?: (point: string) => Promise<void> | void;
}

/** Claims the job and works as the engine does. Answers how it ended: `stopped` when the store refused it. */
export const work = async ({ kind, scene, store, task = 'run', at = () => undefined }: Worker) => {
  store.epoch += 1;
  const { epoch } = store;
  const isCurrent = () => store.epoch === epoch;
  const io: Io = ioOf(scene.environment, {
    isCurrent: async () => {
      await at('isCurrent');
      return isCurrent();
    },
    markBegan: async () => {
      await at('markBegan');
      store.began ||= isCurrent();
      return isCurrent();
    },
  });
  const { details, secrets = {} } = scene;
  const job = { details, secrets, checkpoint: null, claim: claimOf(JOB_ID, epoch), began: store.began };
  await kind.acquireFence?.(job, io, task);
  if (task === 'release') return 'released';
  let step = 0;
  for await (const { commit } of kind[task](job, io)) {
    step += 1;
    await at(commit ? 'commit' : `step ${step}`);
    if (commit && !isCurrent()) return 'stopped';
  }
  await at('end');
  return 'ended';
};

/** All that is in the target on behalf of jobs, and all that others see. */
export const everything = (scene: Scene): unknown => {
  const databaseFile = fileOf(scene.environment);
  const seen = [scene.snapshot(), withoutTemporary(scene.hidden())];
  if (databaseFile === null || !existsSync(databaseFile)) return seen;
  const sql = new Sqlite(databaseFile, { readonly: true });
  try {
    const names = sql
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '\\_signalbox%' ESCAPE '\\'")
      .pluck()
      .all() as string[];
    return [...seen, names.map((name) => [name, sql.prepare(`SELECT * FROM "${name}"`).all()])];
  } finally {
    sql.close();
  }
};

/**
 * Journals come and go with the connections of a folder's own database. A partial snapshot is in a folder of its claim,
 * which removes it whenever it stops.
 */
const withoutTemporary = (hidden: unknown): unknown =>
  Array.isArray(hidden)
    ? hidden.map(withoutTemporary).filter((name) => !/-(wal|shm)$|\/snapshot-\d+(\/|$)/.test(String(name)))
    : hidden;

const NOBODY: () => void = () => undefined;

/** A worker that halts at a point; `goOn` lets it, and answers how it ended. */
export const halted = async (worker: Worker, point: string) => {
  let release = NOBODY;
  let arrived = NOBODY;
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const at = (now: string) => {
    if (now !== point) return;
    arrived();
    return released;
  };
  const ended = work({ ...worker, at }).catch((error: Error) => error);
  await Promise.race([reached, ended]);
  return {
    goOn: () => {
      release();
      return ended;
    },
  };
};

const OUTCOMES = {
  finishes: async (worker: Worker) => {
    expect(await work(worker)).toBe('ended');
  },
  'finishes and cleans up': async (worker: Worker) => {
    expect(await work(worker)).toBe('ended');
    await cleanUp(worker.kind, worker.scene, 'ended');
  },
  reverts: async (worker: Worker) => {
    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
  },
  'reverts and cleans up': async (worker: Worker) => {
    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
    await cleanUp(worker.kind, worker.scene, 'ended');
  },
  pauses: async (worker: Worker) => {
    expect(await work({ ...worker, task: 'release' })).toBe('released');
  },
};

/** @param open a fresh job, whose steps are the same each time */
export const testFenceSteps = (title: string, kind: Kind, open: () => Promise<Scene>) => {
  describe(`a worker of ${title} that wakes up after its job was taken over`, () => {
    for (const [outcome, takeOver] of Object.entries(OUTCOMES)) {
      it(`writes nothing at whatever step it was halted, when the second ${outcome}`, async () => {
        const { points, committed, expected, initial } = await undisturbed(kind, open, outcome.endsWith('cleans up'));
        for (const point of points) {
          // Behind the commit nobody reverts any more.
          if (committed.has(point) && outcome.startsWith('reverts')) continue;
          await using scene = await open();
          const worker: Worker = { kind, scene, store: createJobStore() };
          const first = await halted(worker, point);
          if (HOLDS_LOCK.has(point)) {
            worker.store.epoch += 1;
            const refused = await first.goOn();
            expect(refused, point).toSatisfy((end) => end === 'stopped' || end instanceof Error);
            if (point === 'isCurrent') expect(everything(scene), point).toEqual(initial);
          }
          await takeOver(worker);
          const before = everything(scene);
          expect(await first.goOn(), point).toSatisfy(isHarmless);
          expect(everything(scene), `${point}: written after the takeover`).toEqual(before);
          if (outcome === 'pauses') await OUTCOMES.finishes(worker);
          if (!outcome.startsWith('reverts')) expect(scene.snapshot(), point).toEqual(expected);
          else {
            await cleanUp(kind, scene, 'removed');
            expect([scene.snapshot(), scene.hidden()], point).toEqual(initial.slice(0, 2));
          }
        }
      });
    }
  });
};

/** There it holds the lock of the target, so that a second can only come when it has let go. */
const HOLDS_LOCK = new Set(['isCurrent', 'commit']);

/** It was refused; or it had nothing more to write, and the store refuses its report. */
const isHarmless = (end: unknown) => end === 'stopped' || end === 'ended' || end instanceof Error;

const undisturbed = async (kind: Kind, open: () => Promise<Scene>, isCleanedUp: boolean) => {
  await using scene = await open();
  const initial = everything(scene) as unknown[];
  const points: string[] = [];
  await work({ kind, scene, store: createJobStore(), at: (point) => void points.push(point) });
  if (isCleanedUp) await cleanUp(kind, scene, 'ended');
  // A job with two targets acquires twice.
  const behind = points.includes('commit') ? points.indexOf('commit') + 1 : points.length - 1;
  return {
    points: [...new Set(points)],
    committed: new Set(points.slice(behind)),
    expected: scene.snapshot(),
    initial,
  };
};
