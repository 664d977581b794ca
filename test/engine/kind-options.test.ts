import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createControl, type Order } from '../../src/engine/control.ts';
import { defineKind } from '../../src/jobs/define.ts';
import type { Kind } from '../../src/jobs/kind.ts';
import { createRegistry } from '../../src/jobs/registry.ts';
import { REMOTE_DEFINITION, remoteKind } from '../../src/jobs/remote.ts';
import type { ControlOrder, Store } from '../../src/store/store.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser, jobNow, order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { remoteWorker } from '../support/remote.ts';

const MODULE = new URL('../support/option-kinds.mjs', import.meta.url).href;
const NAMES = [
  ...['idle', 'slow', 'shaky', 'asking', 'counted', 'miscounted'],
  ...['falling', 'heavy', 'bulky', 'dated'],
];

/** As Node loads it: what was built need not be transformed again. */
const natively = (url: string): Readonly<Record<string, Kind>> => createRequire(import.meta.url)(fileURLToPath(url));

type Scene = Awaited<ReturnType<typeof open>>;

const open = async (where: 'inline' | 'process' | 'remote') => {
  const loaded = natively(MODULE);
  const kinds = NAMES.flatMap((name) => loaded[name] ?? []);
  const modules = [...NAMES, 'deaf'].map((exportName) => ({ url: MODULE, exportName }));
  const app = await startApp({ kinds: { inline: kinds, process: modules, remote: [] }[where] });
  const changes = changesOf(app);
  const worker = where === 'remote' ? await remoteWorker(app, { kinds }) : null;
  return {
    app,
    changes,
    close: async () => {
      await worker?.stop();
      await changes[Symbol.asyncDispose]();
      await app.stop();
    },
  };
};

const create = async (app: TestApp, typeName: string, input: object = {}, user?: string) => {
  const query = 'mutation ($input: CreateJobInput!) { createJob(input: $input) { job { id priority: typeName } } }';
  const { data, errors } = await app.send({ query, variables: { input: { typeName, input } } }, user);
  const { createJob } = (data ?? {}) as { createJob?: { job: { id: string } } | null };
  return { id: createJob?.job.id ?? '', error: errors?.[0] };
};

const stored = async (app: TestApp, id: string) =>
  (await app.store.job(id, { sees: 'all', controls: ['all'], userName: 'root' })) ?? { result: undefined };

describe.each(['inline', 'process', 'remote'] as const)('%s', (where) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await open(where);
  });
  afterAll(() => scene.close());

  test('a run that takes no step for too long is stopped and tried again, as often as its kind says', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'IDLE');
    await changes.reaches(id, 'FAILED');
    const { error, executionErrors } = await jobNow(app, id);
    expect(error).toBe('no step for 1 s');
    expect(executionErrors?.map(({ attempt, message }) => [attempt, message])).toEqual([
      [2, 'no step for 1 s'],
      [1, 'no step for 1 s'],
    ]);
  });

  test('steps that come in time are never stopped, however long the job is', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'SLOW');
    await changes.reaches(id, 'SUCCEEDED');
    expect((await jobNow(app, id)).executionErrors).toEqual([]);
  });

  test('the policy of the kind decides how often Transient is tried again', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'SHAKY');
    await changes.reaches(id, 'FAILED');
    const { error, executionErrors } = await jobNow(app, id);
    expect(error).toBe('the receiver is away, attempt 2');
    expect(executionErrors).toHaveLength(2);
  });

  test('a run may ask for its own pause: the job shows the reason, and goes on after RESUME', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'ASKING');
    await changes.reaches(id, 'PAUSED');
    expect(await jobNow(app, id)).toMatchObject({ pauseReason: 'the address is wrong', attempts: 0, error: null });
    await order(app, 'RESUME', [id]);
    await changes.reaches(id, 'SUCCEEDED');
    expect(await stored(app, id)).toMatchObject({ result: { asked: 1 } });
  });

  test('a result is parsed by the schema of the kind; one that it refuses is a warning', async () => {
    const { app, changes } = scene;
    const good = await create(app, 'COUNTED');
    await changes.reaches(good.id, 'SUCCEEDED');
    expect(await stored(app, good.id)).toMatchObject({ result: { count: 2 }, warnings: [] });
    const query = `{ job(id: "${good.id}") { ${where === 'remote' ? '... on CustomJob { result }' : '... on CountedJob { result { count } }'} } }`;
    expect((await app.send({ query })).data).toEqual({ job: { result: { count: 2 } } });
    const wrong = await create(app, 'MISCOUNTED');
    await changes.reaches(wrong.id, 'SUCCEEDED');
    expect(await stored(app, wrong.id)).toMatchObject({
      result: null,
      warnings: ['the result is not kept: result.count: Invalid input: expected number, received string'],
    });
  });

  test('a fraction that falls is a warning, and the job shows the greatest', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'FALLING');
    await changes.reaches(id, 'SUCCEEDED');
    expect(await stored(app, id)).toMatchObject({
      fractionCompleted: 1,
      warnings: ['fractionCompleted falls: the greatest is shown'],
    });
  });

  test('a checkpoint of 10 MB, or with what JSON has not, fails the job with its size or place', async () => {
    const { app, changes } = scene;
    for (const [name, error] of [
      ['HEAVY', 'the checkpoint of HEAVY has 10000002 bytes: at most 1048576 are allowed'],
      ['DATED', 'the checkpoint of DATED.at cannot be kept: JSON has no Date'],
    ] as const) {
      const { id } = await create(app, name);
      await changes.reaches(id, 'FAILED');
      expect(await stored(app, id)).toMatchObject({ error, fractionCompleted: 0 });
    }
  });

  test('a result that is too large is a warning, because the work is done', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'BULKY');
    await changes.reaches(id, 'SUCCEEDED');
    expect(await stored(app, id)).toMatchObject({
      result: null,
      warnings: ['the result is not kept: it has 70002 bytes, and at most 65536 are kept'],
    });
  });

  // Inline, in define.test.ts: this module has errors of its own.
  if (where === 'inline') return;

  test('input that the schema refuses is named, and nothing is created', async () => {
    const { app } = scene;
    const count = async () => (await app.send({ query: '{ jobs { totalCount } }' })).data;
    const before = await count();
    const query = 'mutation ($input: CreateJobInput!) { createJob(input: $input) { created } }';
    const refused = await app.send({ query, variables: { input: { typeName: 'COUNTED', input: { to: 'two' } } } });
    expect(refused.errors?.[0]).toMatchObject({
      message: 'input.to "two" must be of type number',
      extensions: { code: 'BAD_USER_INPUT', field: 'input.to' },
    });
    expect(await count()).toEqual(before);
  });

  // Elsewhere it would keep the thread of the test itself.
  if (where !== 'process') return;

  test('a run that never yields and never looks at its signal is killed', async () => {
    const { app, changes } = scene;
    const { id } = await create(app, 'DEAF');
    await changes.reaches(id, 'FAILED');
    expect((await jobNow(app, id)).error).toBe('no step for 1 s');
  });
});

describe.each(['inline', 'remote'] as const)('the server, for kinds that run %s,', (where) => {
  test('limits how many jobs run, applies priority, privileges, templates and database', async () => {
    const databases: unknown[] = [];
    const waiting: (() => void)[] = [];
    const kind = defineKind({
      name: 'LIMITED',
      input: z.object({ to: z.int(), by: z.string().default('ONE'), database: z.string().optional() }),
      describe: 'COUNT TO {to} BY {by}',
      concurrency: { total: 2, key: '{to}', perKey: 1 },
      priority: 7,
      privileges: ['CONTROLJOB'],
      async *run({ input }, { signal, database }) {
        databases.push(database);
        await new Promise<void>((pass, stop) => {
          waiting.push(pass);
          signal.addEventListener('abort', () => stop(signal.reason), { once: true });
        });
        yield { checkpoint: input.to };
      },
    });
    await using app = await startApp({ kinds: where === 'inline' ? [kind] : [], settings: { WORKERS: '4' } });
    await using changes = changesOf(app);
    const worker = where === 'remote' ? await remoteWorker(app, { kinds: [kind], slots: 4 }) : null;
    await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
    expect((await create(app, 'LIMITED', { to: 1 }, 'ann')).error).toMatchObject({
      message: 'user ann does not have the privilege CONTROLJOB, which LIMITED jobs need',
      extensions: { code: 'FORBIDDEN' },
    });
    expect((await create(app, 'LIMITED', { to: 1, database: 'nope' })).error).toMatchObject({
      message: 'database "nope" does not exist',
      extensions: { field: 'input.database' },
    });
    await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
    const first = await create(app, 'LIMITED', { to: 1, database: 'demo' });
    const same = await create(app, 'LIMITED', { to: 1 });
    const second = await create(app, 'LIMITED', { to: 2 });
    const third = await create(app, 'LIMITED', { to: 3 });
    await expect.poll(() => waiting.length).toBe(2);
    const statuses = async () =>
      Promise.all([first, same, second, third].map(async ({ id }) => (await jobNow(app, id)).status));
    expect(await statuses()).toEqual(['RUNNING', 'PENDING', 'RUNNING', 'PENDING']);
    expect(await stored(app, first.id)).toMatchObject({
      description: 'COUNT TO 1 BY ONE',
      database: 'demo',
      priority: 7,
    });
    expect(databases[0]).toEqual({ engine: 'sqlite', file: `${app.dataDir}/databases/demo.db` });
    waiting.shift()?.();
    await changes.reaches(first.id, 'SUCCEEDED');
    await expect.poll(() => waiting.length).toBe(2);
    expect(await statuses()).toEqual(['SUCCEEDED', 'RUNNING', 'RUNNING', 'PENDING']);
    await worker?.stop();
  });
});

test('a worker whose texts are functions is refused, since the server cannot call them', async () => {
  await using app = await startApp();
  const kind = defineKind({
    name: 'SENT',
    input: z.object({ to: z.string() }),
    describe: ({ to }) => to,
    async *run() {},
  });
  await expect(remoteWorker(app, { kinds: [kind] })).rejects.toThrow(
    'describe of kind SENT is a function, which the server cannot call for a worker: give a template such as',
  );
});

test('options that are wrong are refused by name when the kind is defined', () => {
  const define = (more: object) => () =>
    defineKind({
      name: 'ODD',
      input: z.object({ to: z.string(), key: z.string().meta({ secret: true }) }),
      async *run() {},
      ...more,
    });
  expect(define({ concurrency: 0 })).toThrow('concurrency.total of kind ODD is invalid');
  expect(define({ concurrency: { perKey: 1 } })).toThrow('concurrency of kind ODD must have both key and perKey');
  expect(define({ retry: { attempts: 1.5 } })).toThrow('retry.attempts of kind ODD is invalid');
  expect(define({ progressTimeoutMs: 5 })).toThrow('progressTimeoutMs of kind ODD is invalid');
  expect(define({ priority: 101 })).toThrow('priority of kind ODD is invalid');
  expect(define({ privileges: ['ROOT'] })).toThrow('privileges.0 of kind ODD is invalid');
  expect(define({ describe: 'SEND {too}' })).toThrow(
    'describe of kind ODD names {too}, but the input has no field too',
  );
  expect(define({ exclusive: '{key}' })).toThrow('exclusive of kind ODD names {key}, which is a secret');
});

test('jobs of a kind that the server no longer has wait and say so, and can be paused and canceled', async () => {
  using folder = temporaryFolder();
  const kind = defineKind({ name: 'GONE', input: z.object({}), pausable: false, async *run() {} });
  const first = await startApp({ kinds: [kind], dataDir: folder.path });
  const query = 'mutation ($input: CreateJobInput!) { createJob(input: $input) { job { id } } }';
  const input = { typeName: 'GONE', input: {}, runAt: '2099-01-01T00:00:00Z' };
  const { data } = await first.send({ query, variables: { input } });
  const { id } = (data as { createJob: { job: { id: string } } }).createJob.job;
  await first.stop();
  await using app = await startApp({ dataDir: folder.path });
  await using changes = changesOf(app);
  expect(await jobNow(app, id)).toMatchObject({
    status: 'PENDING',
    statusMessage: 'no server knows GONE',
    attempts: 0,
  });
  const refused = await create(app, 'GONE');
  expect(refused.error?.message).toContain('"GONE" is no kind of this server: it has IMPORT');
  await order(app, 'CANCEL', [id]);
  await changes.reaches(id, 'CANCELED');
});

test('a command reads the kinds that other servers have registered before it decides', async () => {
  const refusing: (readonly string[])[] = [];
  const registry = createRegistry([]);
  const definition = REMOTE_DEFINITION.parse({ inputSchema: { type: 'object' }, pausable: false });
  const refresh = async () => registry.setRemote([remoteKind('ELSEWHERE', definition, 'kind')]);
  const store = {
    control: async ({ refusingTypes }: ControlOrder) => {
      refusing.push(refusingTypes);
      return { applied: true };
    },
  } as unknown as Store;
  const control = createControl(store, registry, { refresh, register: refresh }, true, Date.now);
  const pause = { command: 'PAUSE', jobs: { ids: [] } } as unknown as Order;
  await control(pause, { sees: 'all', controls: ['all'], userName: 'root' }, { tokenId: null });
  expect(refusing).toEqual([['ELSEWHERE']]);
});
