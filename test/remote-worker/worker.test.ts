import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { remoteWorker, tracedKind } from '../support/remote.ts';

const createJob = async (app: Pick<TestApp, 'send'>, input: object, typeName = 'REMOTE_COUNT') => {
  const query =
    'mutation ($input: CreateJobInput!) { createJob(input: $input) { created job { id __typename typeName inputJson } } }';
  const { data, errors } = await app.send({ query, variables: { input: { typeName, input } } });
  const { createJob: made } = (data ?? {}) as {
    createJob?: { job: { id: string; __typename: string; inputJson: unknown } } | null;
  };
  return { job: made?.job, id: made?.job.id ?? '', error: errors?.[0] };
};

const control = (app: Pick<TestApp, 'send'>, command: string, id: string) =>
  app.send({ query: `mutation { ${command}Jobs(jobs: { ids: ["${id}"] }) { changedCount } }` });

const jobOf = async (app: Pick<TestApp, 'send'>, id: string) => {
  const fields =
    'status statusMessage fractionCompleted coordinator attempts error counters { name value } ... on CustomJob { result }';
  const { data } = await app.send({ query: `{ job(id: "${id}") { ${fields} } }` });
  return (data as { job: Readonly<Record<string, unknown>> }).job;
};

test('a kind that a worker registers is listed, its input is checked, and its job runs there to the end', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const { kind, trace } = tracedKind();
  expect((await createJob(app, { to: 2 })).error).toMatchObject({ extensions: { field: 'input.typeName' } });
  await using _worker = await remoteWorker(app, { kinds: [kind] });
  const { data } = await app.send({ query: '{ jobKinds { name type description pausable inputSchema } }' });
  expect((data as { jobKinds: object[] }).jobKinds.at(-1)).toMatchObject({
    name: 'REMOTE_COUNT',
    type: 'CUSTOM',
    description: 'Counts elsewhere.',
    pausable: true,
    inputSchema: { type: 'object', properties: { to: { type: 'integer', minimum: 1 } }, required: ['to'] },
  });
  expect((await createJob(app, { to: 0 })).error).toMatchObject({ extensions: { field: 'input.to' } });
  expect((await createJob(app, {})).error).toMatchObject({ message: 'input.to is missing' });
  const { id, job } = await createJob(app, { to: 2, key: 'hunter2' });
  expect(job).toMatchObject({ __typename: 'CustomJob', inputJson: { to: 2, key: 'redacted' } });
  await trace.waits();
  expect(await jobOf(app, id)).toMatchObject({ status: 'RUNNING', coordinator: 'elsewhere' });
  trace.pass();
  await trace.waits();
  trace.pass();
  await changes.reaches(id, 'SUCCEEDED');
  expect(await jobOf(app, id)).toMatchObject({
    fractionCompleted: 1,
    counters: [{ name: 'numbers', value: 2 }],
    result: { sum: 3 },
  });
  expect(trace.lines).toEqual([`run ${id} from 0 key hunter2 attempt 1 epoch 1`, 'wrote 1 epoch 1', 'wrote 2 epoch 1']);
});

test('a job is paused, resumed and canceled in the middle, and is reverted by the worker', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const { kind, trace } = tracedKind();
  await using _worker = await remoteWorker(app, { kinds: [kind] });
  const { id } = await createJob(app, { to: 9 });
  await trace.waits();
  trace.pass();
  await trace.waits();
  await control(app, 'pause', id);
  await changes.reaches(id, 'PAUSED');
  await trace.waits(0);
  await control(app, 'resume', id);
  await trace.waits();
  await control(app, 'cancel', id);
  await changes.reaches(id, 'CANCELED');
  expect(changes.statusesOf(id)).toEqual(
    'PENDING RUNNING PAUSE_REQUESTED PAUSED PENDING RUNNING CANCEL_REQUESTED REVERTING CANCELED'.split(' '),
  );
  expect(trace.lines.map((line) => line.replace(id, 'ID'))).toEqual([
    'run ID from 0 key none attempt 1 epoch 1',
    'wrote 1 epoch 1',
    'run ID from 1 key none attempt 1 epoch 2',
    'revert from 1 epoch 3',
  ]);
});

test('a worker that is cut off stops before its lease ends, writes nothing after, and another one continues', async () => {
  await using app = await startApp({ settings: { LEASE_SECONDS: '4' } });
  await using changes = changesOf(app);
  await using proxy = await startProxy();
  proxy.leadTo(app.url);
  const here = tracedKind();
  const there = tracedKind();
  await using cutOff = await remoteWorker(proxy, { kinds: [here.kind] });
  const { id } = await createJob(app, { to: 3 });
  await here.trace.waits();
  here.trace.pass();
  await here.trace.waits();
  await expect.poll(async () => (await jobOf(app, id)).fractionCompleted).toBe(1 / 3);
  proxy.leadTo(null);
  proxy.cut();
  await here.trace.waits(0);
  expect(cutOff.log).toContain('the server has not answered for two thirds of a lease: the job is stopped');
  await changes.reaches(id, 'RUNNING');
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
  await using _other = await remoteWorker(app, { kinds: [there.kind], name: 'other' });
  await there.trace.waits();
  there.trace.pass();
  await there.trace.waits();
  // The first one comes back, to a session that has ended: it has nothing to report, and starts another.
  proxy.leadTo(app.url);
  there.trace.pass();
  await changes.reaches(id, 'SUCCEEDED');
  expect(here.trace.lines).toEqual([`run ${id} from 0 key none attempt 1 epoch 1`, 'wrote 1 epoch 1']);
  expect(there.trace.lines).toEqual([
    `run ${id} from 1 key none attempt 1 epoch 2`,
    'wrote 2 epoch 2',
    'wrote 3 epoch 2',
  ]);
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test('a server that never answers is the same as one that is away', async () => {
  await using app = await startApp({ settings: { LEASE_SECONDS: '4' } });
  await using proxy = await startProxy();
  proxy.leadTo(app.url);
  const { kind, trace } = tracedKind();
  await using worker = await remoteWorker(proxy, { kinds: [kind] });
  const { id } = await createJob(app, { to: 3 });
  await trace.waits();
  proxy.swallow(true);
  proxy.hold();
  await trace.waits(0);
  expect(worker.log.at(-1)).toContain('two thirds of a lease');
  proxy.swallow(false);
  proxy.cut();
  // It starts another session by itself, and takes its own job over.
  await trace.waits();
  expect(await jobOf(app, id)).toMatchObject({ status: 'RUNNING', coordinator: 'elsewhere' });
  expect(trace.lines.filter((line) => line.startsWith('wrote'))).toEqual([]);
});

test('connections that are cut between any two requests change nothing of the outcome', async () => {
  await using app = await startApp({ settings: { LEASE_SECONDS: '60' } });
  await using changes = changesOf(app);
  await using proxy = await startProxy();
  proxy.leadTo(app.url);
  const { kind, trace } = tracedKind();
  await using _worker = await remoteWorker(proxy, { kinds: [kind] });
  const { id } = await createJob(app, { to: 30 });
  for (let step = 1; step <= 30; step += 1) {
    await trace.waits();
    proxy.cut();
    trace.pass();
  }
  await changes.reaches(id, 'SUCCEEDED');
  expect(trace.lines).toEqual([
    `run ${id} from 0 key none attempt 1 epoch 1`,
    ...Array.from({ length: 30 }, (_, n) => `wrote ${n + 1} epoch 1`),
  ]);
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test('two workers share the jobs, and each job runs on one of them', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const { kind, trace } = tracedKind();
  await using _one = await remoteWorker(app, { kinds: [kind], name: 'one', slots: 2 });
  await using _two = await remoteWorker(app, { kinds: [kind], name: 'two', slots: 2 });
  const jobs = await Promise.all(Array.from({ length: 6 }, () => createJob(app, { to: 1 })));
  await trace.waits(4);
  const coordinators = await Promise.all(jobs.map(async ({ id }) => (await jobOf(app, id)).coordinator));
  expect(coordinators.filter((name) => name !== null).sort()).toEqual(['one', 'one', 'two', 'two']);
  for (let step = 0; step < 6; step += 1) {
    await expect.poll(() => trace.lines.filter((line) => line.startsWith('run')).length).toBeGreaterThan(step);
    trace.pass();
  }
  for (const { id } of jobs) await changes.reaches(id, 'SUCCEEDED');
  expect(trace.lines.filter((line) => line.startsWith('run'))).toHaveLength(6);
});

test('a worker that stops gives its jobs back with their checkpoints, and no attempt is spent', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const { kind, trace } = tracedKind();
  const worker = await remoteWorker(app, { kinds: [kind] });
  const { id } = await createJob(app, { to: 2 });
  await trace.waits();
  trace.pass();
  await trace.waits();
  await worker.stop();
  await worker.ended;
  await changes.reaches(id, 'PENDING', 2);
  expect(await jobOf(app, id)).toMatchObject({
    status: 'PENDING',
    attempts: 0,
    fractionCompleted: 0.5,
    statusMessage: 'no server knows REMOTE_COUNT',
  });
  await using _next = await remoteWorker(app, { kinds: [kind] });
  await trace.waits();
  trace.pass();
  await changes.reaches(id, 'SUCCEEDED');
  expect(trace.lines.at(-2)).toBe(`run ${id} from 1 key none attempt 1 epoch 2`);
});

test('after a restart of the server the kind is still known, and its worker goes on by itself', async () => {
  using folder = temporaryFolder();
  const first = await startApp({ dataDir: folder.path });
  const { kind, trace } = tracedKind();
  await using proxy = await startProxy();
  proxy.leadTo(first.url);
  await using _worker = await remoteWorker(proxy, { kinds: [kind] });
  const { id } = await createJob(first, { to: 2 });
  await trace.waits();
  trace.pass();
  await trace.waits();
  await expect.poll(async () => (await jobOf(first, id)).fractionCompleted).toBe(0.5);
  await first.stop();
  await using second = await startApp({ dataDir: folder.path });
  await using changes = changesOf(second);
  // Before the worker is back, jobs of its kind can be created.
  const later = await createJob(second, { to: 1 });
  expect(later.error).toBeUndefined();
  expect(await jobOf(second, later.id)).toMatchObject({ status: 'PENDING' });
  proxy.leadTo(second.url);
  await trace.waits(2);
  trace.pass();
  trace.pass();
  await changes.reaches(id, 'SUCCEEDED');
  await changes.reaches(later.id, 'SUCCEEDED');
  expect(trace.lines).toContain(`run ${id} from 1 key none attempt 1 epoch 2`);
});
