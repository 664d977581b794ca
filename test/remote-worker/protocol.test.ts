import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { callWorker } from '../support/remote.ts';
import { bearer, startWithTokens, tokenFor } from '../support/tokens.ts';

const KIND = { name: 'FAR', inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } };

const createJob = async (app: Pick<TestApp, 'create'>) => (await app.create('FAR', { n: 1 }, 'root')).id;

/** A worker that sends each request by hand. */
const startSession = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const { answer } = await callWorker(url, 'start', { name: 'hand', kinds: [KIND] }, headers);
  const session = String(answer.session);
  const send = (name: string, body: object) => callWorker(url, name, { session, ...body }, headers);
  return {
    session,
    send,
    claim: (body: object = {}) => send('claim', { running: 4, reverting: 4, holding: [], wait: false, ...body }),
    save: (job: object) => send('save', { jobs: [job] }),
    settle: (job: object) => send('settle', { jobs: [job] }),
  };
};

test('a save and a report that are repeated get the same answer, and change nothing again', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const worker = await startSession(app.url);
  const jobId = await createJob(app);
  const { answer } = await worker.claim();
  expect(answer).toEqual({
    jobs: [
      {
        ...{ jobId, epoch: 1, typeName: 'FAR', task: 'run', input: { n: 1 }, checkpoint: null, attempt: 1 },
        database: null,
        committing: false,
      },
    ],
    stop: [],
  });
  // The answer was lost: the job comes again, with the same epoch.
  expect((await worker.claim()).answer).toEqual(answer);
  expect((await worker.claim({ holding: [jobId] })).answer).toEqual({ jobs: [], stop: [] });
  const step = { jobId, epoch: 1, checkpoint: { at: 1 }, fractionCompleted: 0.5, warnings: ['late'] };
  const saved = { status: 200, answer: { jobs: [{ jobId, status: 'RUNNING' }] } };
  expect(await worker.save(step)).toMatchObject(saved);
  expect(await worker.save(step)).toMatchObject(saved);
  const report = { jobId, epoch: 1, report: 'finished', result: { sum: 7 } };
  const settled = { status: 200, answer: { jobs: [{ jobId, status: 'SUCCEEDED' }] } };
  expect(await worker.settle(report)).toMatchObject(settled);
  expect(await worker.settle(report)).toMatchObject(settled);
  await changes.reaches(jobId, 'SUCCEEDED');
  expect(changes.statusesOf(jobId)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  const { data } = await app.send({ query: `{ job(id: "${jobId}") { warnings ... on CustomJob { result } } }` });
  expect(data).toEqual({ job: { warnings: ['late'], result: { sum: 7 } } });
  // After its end nothing is written any more.
  expect((await worker.save(step)).answer).toEqual({ jobs: [{ jobId, status: null }] });
  expect((await worker.settle({ ...report, report: 'failed', error: 'no' })).answer.jobs).toEqual([
    { jobId, status: 'SUCCEEDED' },
  ]);
});

test('a stop request comes once with a claim, and with each save; a stale epoch and an ended session are refused', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const worker = await startSession(app.url);
  const jobId = await createJob(app);
  await worker.claim();
  await app.send({ query: `mutation { pauseJobs(jobs: { ids: ["${jobId}"] }, reason: "lunch") { changedCount } }` });
  expect((await worker.claim({ holding: [jobId] })).answer).toEqual({ jobs: [], stop: [jobId] });
  expect((await worker.claim({ holding: [jobId], stopping: [jobId] })).answer).toEqual({ jobs: [], stop: [] });
  const step = { jobId, epoch: 1, checkpoint: { at: 2 } };
  expect((await worker.save(step)).answer).toEqual({ jobs: [{ jobId, status: 'PAUSE_REQUESTED' }] });
  expect((await worker.settle({ jobId, epoch: 1, report: 'stopped' })).answer.jobs).toEqual([
    { jobId, status: 'PAUSED' },
  ]);
  await app.send({ query: `mutation { resumeJobs(jobs: { ids: ["${jobId}"] }) { changedCount } }` });
  expect((await worker.claim()).answer.jobs).toMatchObject([{ jobId, epoch: 2, checkpoint: { at: 2 } }]);
  expect((await worker.save({ ...step, checkpoint: { at: 99 } })).answer).toEqual({ jobs: [{ jobId, status: null }] });
  expect((await worker.settle({ jobId, epoch: 1, report: 'finished' })).answer.jobs).toEqual([{ jobId, status: null }]);
  expect(await worker.settle({ jobId, epoch: 2, report: 'reverted' })).toMatchObject({
    status: 400,
    error: { code: 'CONFLICT', message: `job ${jobId} cannot be reverted as it stands` },
  });
  expect((await worker.send('stop', {})).answer).toEqual({});
  expect(await worker.claim()).toMatchObject({
    status: 404,
    error: { code: 'NOT_FOUND', message: 'the session has ended: its claims are lost; start another' },
  });
  expect((await worker.save({ jobId, epoch: 2, checkpoint: 1 })).answer).toEqual({ jobs: [{ jobId, status: null }] });
  const next = await startSession(app.url);
  // Nothing was saved under the last claim: the job waits before its next attempt.
  expect((await next.claim({ wait: true })).answer.jobs).toMatchObject([{ jobId, epoch: 3, checkpoint: { at: 2 } }]);
  // Taken over and begun again: a wait before the attempt, and each status once.
  await changes.reaches(jobId, 'RUNNING', 3);
  const history = 'PENDING RUNNING PAUSE_REQUESTED PAUSED PENDING RUNNING PENDING RUNNING';
  expect(changes.statusesOf(jobId).join(' ')).toBe(history);
});

test('a token claims only the kinds that it names, a session belongs to its token, and other scopes are no workers', async () => {
  await using scene = await startWithTokens();
  const { app, url } = scene;
  const make = async (more: object) => bearer((await tokenFor(app, 'root', more)).token);
  const far = await make({ scope: 'WORKER', kinds: ['FAR'] });
  const other = await make({ scope: 'WORKER', kinds: ['OTHER'] });
  const start = { name: 'hand', kinds: [KIND] };
  expect(await callWorker(url, 'start', start)).toMatchObject({ status: 401, error: { code: 'UNAUTHENTICATED' } });
  expect(await callWorker(url, 'start', start, bearer('sbx_nope'))).toMatchObject({ status: 401 });
  expect(await callWorker(url, 'start', start, bearer(scene.root))).toMatchObject({
    status: 403,
    error: { message: 'the scope of the token is FULL: workers need a token of scope WORKER' },
  });
  expect(await callWorker(url, 'start', start, other)).toMatchObject({
    status: 403,
    error: { code: 'FORBIDDEN', message: 'the token does not permit kind FAR' },
  });
  const worker = await startSession(url, far);
  const claim = { session: worker.session, running: 1, reverting: 1, holding: [], wait: false };
  expect(await callWorker(url, 'claim', claim, other)).toMatchObject({
    status: 403,
    error: { message: 'the session was started with another token' },
  });
  const jobId = await createJob(app);
  const imports = await callWorker(
    url,
    'start',
    { name: 'x', kinds: [{ ...KIND, name: 'IMPORT' }] },
    await make({ scope: 'WORKER', kinds: ['IMPORT'] }),
  );
  expect(imports).toMatchObject({ status: 400, error: { code: 'CONFLICT' } });
  expect((await worker.claim()).answer.jobs).toMatchObject([{ jobId }]);
  // The token itself does nothing else.
  expect((await scene.ask(far.authorization.slice(7), '{ jobs { totalCount } }')).errors?.[0]).toMatchObject({
    extensions: { code: 'FORBIDDEN' },
  });
});

test('what is wrong with a request is named, and nothing is changed', async () => {
  await using app = await startApp();
  const worker = await startSession(app.url);
  const jobId = await createJob(app);
  await worker.claim();
  const deep = { session: worker.session };
  const large = 'x'.repeat(1_050_000);
  for (const [name, body, code, field] of [
    ['start', { name: 'x', kinds: [] }, 'BAD_USER_INPUT', 'kinds'],
    ['start', { name: 'x', kinds: [{ ...KIND, name: 'far' }] }, 'BAD_USER_INPUT', 'kinds.0.name'],
    [
      'start',
      { name: 'x', kinds: [{ ...KIND, inputSchema: { type: 'string' } }] },
      'BAD_USER_INPUT',
      'kinds.0.inputSchema.type',
    ],
    [
      'start',
      { name: 'x', kinds: [{ ...KIND, inputSchema: { type: 'object', properties: { a: { $ref: 'http://x/y' } } } }] },
      'BAD_USER_INPUT',
      'kinds.0.inputSchema',
    ],
    ['start', { name: 'x', kinds: [{ ...KIND, nope: 1 }] }, 'BAD_USER_INPUT', 'kinds.0'],
    ['claim', { ...deep, running: -1, reverting: 0, holding: [] }, 'BAD_USER_INPUT', 'running'],
    ['claim', { session: 'nonsense', running: 1, reverting: 0, holding: [] }, 'NOT_FOUND', undefined],
    ['save', { ...deep, jobs: [{ jobId, epoch: 1, checkpoint: large }] }, 'BAD_USER_INPUT', 'jobs.0.checkpoint'],
    [
      'save',
      { ...deep, jobs: [{ jobId, epoch: 1, fractionCompleted: 1.5 }] },
      'BAD_USER_INPUT',
      'jobs.0.fractionCompleted',
    ],
    ['save', { ...deep, jobs: Array.from({ length: 101 }, () => ({ jobId, epoch: 1 })) }, 'BAD_USER_INPUT', 'jobs'],
    ['save', { ...deep, jobs: [{ jobId, epoch: 1, checkpoint: large.repeat(4) }] }, 'PAYLOAD_TOO_LARGE', undefined],
    ['settle', { ...deep, jobs: [{ jobId, epoch: 1, report: 'done' }] }, 'BAD_USER_INPUT', 'jobs.0.report'],
    [
      'settle',
      { ...deep, jobs: [{ jobId, epoch: 1, report: 'finished', result: large }] },
      'BAD_USER_INPUT',
      'jobs.0.result',
    ],
    ['nope', {}, 'NOT_FOUND', undefined],
    ['save', '{', 'BAD_USER_INPUT', 'body'],
  ] as const) {
    const { error } = await callWorker(app.url, name, body);
    expect({ name, code: error?.code, field: error?.field }).toEqual({ name, code, field });
  }
  const { data } = await app.send({ query: `{ job(id: "${jobId}") { status fractionCompleted } }` });
  expect(data).toEqual({ job: { status: 'RUNNING', fractionCompleted: 0 } });
});
