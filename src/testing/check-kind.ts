/**
 * The kind contract: a job that was interrupted anywhere ends with what an uninterrupted one leaves. `checkKind` runs the
 * generators of a kind without a server, and interrupts them at each checkpoint in every way that a server may.
 */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../errors.ts';
import type { Environment, Io, Kind, Step, Work } from '../jobs/kind.ts';

/** A kind with an input, and the target that its job works on. A module for `signalbox torture` exports one. */
export interface KindScene {
  readonly kind: Kind;
  readonly input: object;
  /** Brings the target to its first state. Called before each job. */
  reset(): unknown;
  /** What is in the target. Two jobs are the same if this is equal after them. */
  observe(): unknown;
}

export interface CheckOptions {
  /** At most so many checkpoints are interrupted, spread over the job: 50 if omitted. */
  readonly points?: number;
  /** Goes on with other interruptions until so many steps have been taken: 0 if omitted, which interrupts each once. */
  readonly steps?: number;
}

export interface Violation {
  /** What was done, such as `killed after checkpoint 3`. */
  readonly interruption: string;
  readonly message: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface KindReport {
  /** The checkpoints of an uninterrupted run. */
  readonly checkpoints: number;
  /** Steps taken in all runs. */
  readonly steps: number;
  /** Interruptions tried. */
  readonly interruptions: number;
  readonly violations: readonly Violation[];
}

/** @throws Error if the uninterrupted run fails, or yields no checkpoint */
export const checkKind = async (scene: KindScene, options: CheckOptions = {}): Promise<KindReport> => {
  const { kind } = scene;
  const { points = 50, steps: wantedSteps = 0 } = options;
  if (kind.continuous)
    throw new Error(`jobs of ${kind.typeName} never end by themselves, so that none can be compared`);
  const violations: Violation[] = [];
  const begin = await openScene(scene, violations);
  let before: unknown;
  const reset = async () => {
    await scene.reset();
    before = await scene.observe();
  };
  await reset();
  const whole = await begin('run', null).toEnd('uninterrupted');
  const expected = { target: await scene.observe(), result: whole.result };
  const { checkpoints } = whole;
  if (checkpoints.length === 0) throw new Error(`${kind.typeName} yields no checkpoint`);

  const compare = async (interruption: string, message: string, wanted: unknown, result?: unknown) => {
    const target = await scene.observe();
    if (!isDeepStrictEqual(target, wanted)) violations.push({ interruption, message, expected: wanted, found: target });
    else if (result !== undefined && !isDeepStrictEqual(result, expected.result)) {
      violations.push({ interruption, message: 'the result differs', expected: expected.result, found: result });
    }
  };
  const goOn = async (interruption: string, checkpoint: unknown) => {
    const { result } = await begin('run', checkpoint).toEnd(interruption);
    await compare(interruption, 'the target differs from that of an uninterrupted run', expected.target, result);
  };
  /** The checkpoint before the nth, which is the last that was saved when a process dies after the nth. */
  const older = (n: number) => checkpoints[n - 2] ?? null;

  const interruptions: Readonly<Record<string, (n: number, name: string) => Promise<void>>> = {
    stopped: async (n, name) => {
      const run = begin('run', null);
      await run.until(n, name);
      await run.stop();
      await goOn(name, checkpoints[n - 1]);
    },
    killed: async (n, name) => {
      const run = begin('run', null);
      await run.until(n, name);
      await goOn(name, older(n));
    },
    'taken over': async (n, name) => {
      const outdated = begin('run', null);
      await outdated.until(n, name);
      await begin('run', older(n)).toEnd(name);
      // The worker that was thought dead takes one more step. It may fail, but must change nothing.
      await outdated.until(n + 1, name).catch(() => undefined);
      await outdated.stop().catch(() => undefined);
      await compare(name, 'a worker whose claim was taken over has written', expected.target);
    },
    ...(kind.reverts === false ? {} : { canceled: (n, name) => revert(n, name, checkpoints[n - 1]) }),
    ...(kind.reverts === false ? {} : { 'killed and canceled': (n, name) => revert(n, name, older(n)) }),
  };
  const revert = async (n: number, name: string, checkpoint: unknown) => {
    const run = begin('run', null);
    await run.until(n, name);
    if (checkpoint === checkpoints[n - 1]) await run.stop();
    const undo = begin('revert', checkpoint);
    const [reached] = await undo.until(1, name);
    await undo.stop();
    // Reverting is interrupted too, and repeated from the start if it has taken no step.
    await begin('revert', reached ?? checkpoint).toEnd(name);
    await compare(name, 'the target differs from that before the job', before);
  };

  let count = 0;
  for (const [round, n] of pointsOf(checkpoints.length, points)) {
    if (round > 0 && begin.steps() >= wantedSteps) break;
    for (const [what, interrupt] of Object.entries(interruptions)) {
      const name = `${what} after checkpoint ${n}`;
      count += 1;
      await reset();
      await interrupt(n, name).catch((error) => {
        violations.push({ interruption: name, message: messageOf(error), expected: null, found: null });
      });
    }
    if (violations.length >= MOST_VIOLATIONS) break;
  }
  return { checkpoints: checkpoints.length, steps: begin.steps(), interruptions: count, violations };
};

const MOST_VIOLATIONS = 20;

/** The places to interrupt, again and again, each time shifted. */
function* pointsOf(checkpoints: number, points: number): Generator<readonly [round: number, n: number]> {
  const every = Math.max(1, Math.ceil(checkpoints / points));
  for (let round = 0; ; round += 1) {
    for (let n = 1 + (round % every); n <= checkpoints; n += every) yield [round, n];
  }
}

/** @returns a function that starts a generator of the kind under the next epoch, as a new claim does */
const openScene = async ({ kind, input }: KindScene, violations: Violation[]) => {
  const created = await kind.create(input, NOWHERE);
  let epoch = 0;
  let steps = 0;
  const begin = (task: 'run' | 'revert', checkpoint: unknown) => {
    epoch += 1;
    const abort = new AbortController();
    const work: Work<unknown, unknown> = {
      details: throughJson(created.details),
      ...(created.secrets === undefined ? {} : { secrets: created.secrets }),
      checkpoint: throughJson(checkpoint),
      claim: { jobId: '1', storeId: null, epoch },
      began: epoch > 1,
      attempt: 1,
    };
    const generator = kind[task](work, ioWith(abort.signal));
    const checkpoints: unknown[] = [];
    let fraction = 0;
    const take = async (name: string): Promise<IteratorResult<Step<unknown>, unknown>> => {
      const next = await generator.next();
      if (next.done) return next;
      steps += 1;
      checkpoints.push(throughJson(next.value.checkpoint));
      const { fractionCompleted = fraction } = next.value;
      if (!(fractionCompleted >= fraction && fractionCompleted <= 1) && task === 'run') {
        const message = 'fractionCompleted falls, or is not from 0 to 1';
        violations.push({ interruption: name, message, expected: fraction, found: fractionCompleted });
      }
      fraction = Math.max(fraction, fractionCompleted);
      return next;
    };
    return {
      /** Takes steps until there have been so many, or it has ended. */
      until: async (count: number, name: string): Promise<readonly unknown[]> => {
        while (checkpoints.length < count && !(await take(name)).done);
        return checkpoints;
      },
      toEnd: async (name: string) => {
        for (;;) {
          const next = await take(name);
          if (next.done) return { checkpoints, result: next.value };
        }
      },
      /** As a server stops a job: at a checkpoint, so that `finally` runs. */
      stop: async () => {
        abort.abort();
        await generator.return(undefined);
      },
    };
  };
  return Object.assign(begin, { steps: () => steps });
};

const throughJson = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

const ioWith = (signal: AbortSignal): Io => ({
  signal,
  environment: NOWHERE,
  isCurrent: async () => true,
  markBegan: async () => true,
  usedBackups: async () => [],
  log: () => {},
});

/** Nothing of a server. */
const NOWHERE: Environment = {
  filesDir: '',
  filesFolder: null,
  restoresTriggers: false,
  allowPrivateHosts: [],
  database: null,
  workDir: '',
  keptDir: '',
  serverCredentials: null,
  maxFeedBytes: 0,
  maxWindowBytes: 0,
};
