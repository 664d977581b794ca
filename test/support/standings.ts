import { Transient } from '../../src/jobs/kind.ts';
import type { JobCommand } from '../../src/jobs/status.ts';
import { changesOf, startApp, type TestApp } from './app.ts';
import { jobWhen, order } from './control.ts';
import { scriptedKind } from './scripted.ts';

const RUNNING_PLACES = 4;
/** As many as the worker has for undoing. */
const REVERTING_PLACES = 8;

/**
 * A server with a job in every standing that there is, brought there over the wire, and all places taken by jobs that
 * do not release it: so each of them stays as it is until a command comes.
 */
export const startStandings = async (settings: Readonly<Record<string, string>> = {}) => {
  const { kind, script } = scriptedKind();
  const app = await startApp({
    kinds: [kind],
    settings: { WORKERS: String(RUNNING_PLACES), ...settings },
    retry: { firstWaitMs: 200_000 },
  });
  const changes = changesOf(app);
  const lingering: Disposable[] = [];
  const stage: Stage = {
    app,
    script,
    ids: {},
    reaches: changes.reaches,
    run: async (name, ...acts) => {
      const { id } = await app.create('SCRIPTED', { name }, 'root');
      stage.ids[name] = id;
      await changes.reaches(id, 'RUNNING');
      script(name).act(...acts);
      return id;
    },
    create: async (name) => {
      stage.ids[name] = (await app.create('SCRIPTED', { name }, 'root')).id;
    },
    order: async (command, name, to) => {
      const id = stage.ids[name] ?? '';
      await order(app, command, [id]);
      if (to !== undefined) await changes.reaches(id, to);
    },
    linger: (name) => lingering.push(script(name).lingers()),
  };
  await bringEnded(stage);
  await bringWaiting(stage);
  await bringPaused(stage);
  await bringHeld(stage);
  await bringUnheld(stage);
  return {
    app,
    ids: stage.ids as Readonly<Record<string, string>>,
    [Symbol.asyncDispose]: async () => {
      for (const held of lingering) held[Symbol.dispose]();
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

interface Stage {
  readonly app: TestApp;
  readonly script: ReturnType<typeof scriptedKind>['script'];
  readonly ids: Record<string, string>;
  readonly reaches: (id: string, status: string) => Promise<void>;
  run(name: string, ...acts: Parameters<ReturnType<Stage['script']>['act']>): Promise<string>;
  create(name: string): Promise<void>;
  order(command: JobCommand, name: string, to?: string): Promise<void>;
  /** From now on the job does not stop when it is asked to. */
  linger(name: string): void;
}

const waits = (stage: Stage, id: string) => jobWhen(stage.app, id, (job) => job.nextAttemptAt !== null);

/** Its work has failed for good, and it waits for its next act while undoing. */
const bringReverting = async (stage: Stage, name: string, cause: 'cancel' | 'failure') => {
  const id = await stage.run(name, ...(cause === 'failure' ? [new Error('the disk has melted')] : []));
  if (cause === 'cancel') await stage.order('CANCEL', name);
  await jobWhen(stage.app, id, ({ status, coordinator }) => status === 'REVERTING' && coordinator !== null);
  return id;
};

const bringEnded = async (stage: Stage) => {
  await stage.reaches(await stage.run('SUCCEEDED', 'finish'), 'SUCCEEDED');
  for (const [name, cause] of [
    ['FAILED', 'failure'],
    ['CANCELED', 'cancel'],
  ] as const) {
    const id = await bringReverting(stage, name, cause);
    stage.script(name).act('finish');
    await stage.reaches(id, name);
  }
};

const bringWaiting = async (stage: Stage) => {
  const busy = () => new Transient('busy');
  await waits(stage, await stage.run('PENDING, has run, waits', busy()));
  const commit = { checkpoint: 1, commit: true } as const;
  await waits(stage, await stage.run('PENDING, committing, waits', commit, busy()));
  await waits(stage, await stage.run('PENDING, committing', commit, busy()));
  for (const cause of ['cancel', 'failure'] as const) {
    const name = `REVERTING by ${cause}, waits`;
    const id = await bringReverting(stage, name, cause);
    stage.script(name).act(new Error('cannot undo'));
    await waits(stage, id);
  }
};

const bringPaused = async (stage: Stage) => {
  for (const name of ['PAUSED, has run', 'PENDING, has run', 'CANCEL_REQUESTED, not held']) {
    await stage.run(name);
    await stage.order('PAUSE', name, 'PAUSED');
  }
  for (const cause of ['cancel', 'failure'] as const) {
    for (const name of [`PAUSED while reverting by ${cause}`, `REVERTING by ${cause}, not held`]) {
      await bringReverting(stage, name, cause);
      await stage.order('PAUSE', name, 'PAUSED');
    }
  }
};

const bringHeld = async (stage: Stage) => {
  const held = ['cancel', 'failure'] as const;
  for (const cause of held) await bringReverting(stage, `REVERTING by ${cause}, held`, cause);
  for (const cause of held) await bringReverting(stage, `PAUSE_REQUESTED while reverting by ${cause}`, cause);
  for (let place = 4; place < REVERTING_PLACES; place += 1) await bringReverting(stage, `filler ${place}`, 'cancel');
  for (const name of Object.keys(stage.ids).filter((known) => known.includes('everting'))) stage.linger(name);
  for (const cause of held) {
    stage.linger(`REVERTING by ${cause}, held`);
    await stage.order('PAUSE', `PAUSE_REQUESTED while reverting by ${cause}`);
  }
  for (const name of ['RUNNING', 'RUNNING, committing', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED, held']) {
    await stage.run(name);
    stage.linger(name);
  }
  stage.script('RUNNING, committing').act({ checkpoint: 1, commit: true });
  await stage.order('PAUSE', 'PAUSE_REQUESTED');
  await stage.order('CANCEL', 'CANCEL_REQUESTED, held');
};

/** All places are taken by now: these stay where a command brings them. */
const bringUnheld = async (stage: Stage) => {
  await stage.create('PENDING, never run');
  await stage.create('PAUSED, never run');
  await stage.order('PAUSE', 'PAUSED, never run');
  for (const name of ['PENDING, has run', 'PENDING, committing']) await stage.order('RESUME', name);
  for (const cause of ['cancel', 'failure']) await stage.order('RESUME', `REVERTING by ${cause}, not held`);
  await stage.order('CANCEL', 'CANCEL_REQUESTED, not held');
  const committing = stage.ids['RUNNING, committing'] ?? '';
  await jobWhen(stage.app, committing, (job) => !job.availableCommands.includes('PAUSE'));
};
