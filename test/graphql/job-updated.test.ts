import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import {
  addPaused,
  kindsOf,
  type Reader,
  setPrivileges,
  viewOverEvents,
  viewOverSocket,
} from '../support/live-query.ts';
import { startScripted } from '../support/scripted-app.ts';
import { inStore } from '../support/store.ts';
import { type GraphQLReply, openSocket } from '../support/wire.ts';

const isCaughtUp = ({ kind }: { kind: string }) => kind === 'CAUGHT_UP';

/** Reads until a job is emitted in this standing. */
const untilStatus = (reader: Reader, id: string, status: string) =>
  reader.until(({ jobId, job }) => jobId === id && job?.status === status);

test.each([
  ['a WebSocket', viewOverSocket],
  ['server-sent events', viewOverEvents],
] as const)('over %s the newest jobs come first, then what happens to them', async (_, open) => {
  await using stage = await startScripted();
  const a = await stage.start('a');
  const b = await stage.start('b');

  using reader = await open(stage.app);
  const start = await reader.until(isCaughtUp);
  const c = await stage.create('c');
  const fenceAcquired = await reader.next();
  stage.script('a').act({ checkpoint: 1, fractionCompleted: 0.25, message: 'a quarter' });
  const progress = await reader.until(({ job }) => job?.fractionCompleted === 0.25);
  await order(stage.app, 'PAUSE', [b]);
  const paused = await untilStatus(reader, b, 'PAUSED');

  expect(kindsOf(start)).toEqual(['RESET', `CURRENT ${b}`, `CURRENT ${a}`, 'CAUGHT_UP']);
  expect(start.map(({ job }) => job?.status)).toEqual([undefined, 'RUNNING', 'RUNNING', undefined]);
  expect(fenceAcquired).toMatchObject({ kind: 'ENTERED', jobId: c, job: { id: c } });
  expect(progress.at(-1)).toMatchObject({
    kind: 'CHANGED',
    jobId: a,
    job: { status: 'RUNNING', statusMessage: 'a quarter' },
  });
  expect([...progress, ...paused].map(({ kind }) => kind)).not.toContain('ENTERED');
});

test('a job enters and leaves as its status and its fraction come to match and no longer do', async () => {
  await using stage = await startScripted();
  const a = await stage.start('a');
  const where = { status: { equals: 'RUNNING' }, fractionCompleted: { gte: 0.5 } };

  using reader = await viewOverSocket(stage.app, { where });
  const start = await reader.until(isCaughtUp);
  stage.script('a').act({ checkpoint: 1, fractionCompleted: 0.6 });
  const seen = [await reader.next()];
  await order(stage.app, 'PAUSE', [a]);
  seen.push(await reader.next());
  await order(stage.app, 'RESUME', [a]);
  seen.push(await reader.next());
  stage.script('a').act('finish');
  seen.push(await reader.next());

  expect(kindsOf(start)).toEqual(['RESET', 'CAUGHT_UP']);
  expect(kindsOf(seen)).toEqual([`ENTERED ${a}`, `LEFT ${a}`, `ENTERED ${a}`, `LEFT ${a}`]);
  expect(seen.map(({ job }) => job?.fractionCompleted)).toEqual([0.6, undefined, 0.6, undefined]);
});

test('a job that retention removes is emitted as REMOVED, and the others stay', async () => {
  await using stage = await startScripted();
  const a = await stage.start('a');
  const b = await stage.start('b');
  stage.script('a').act('finish');
  await stage.changes.reaches(a, 'SUCCEEDED');

  using reader = await viewOverSocket(stage.app);
  await reader.until(isCaughtUp);
  await stage.app.store.removeJobs([a, b], Date.now() + 1);
  const removed = await reader.next();
  await order(stage.app, 'PAUSE', [b]);

  expect(removed).toEqual({ kind: 'REMOVED', jobId: a, job: null });
  expect(kindsOf(await untilStatus(reader, b, 'PAUSED')).at(-1)).toBe(`CHANGED ${b}`);
});

test('jobs beyond `first` are not emitted before they change, and a new one is ENTERED', async () => {
  await using stage = await startScripted({ settings: { WORKERS: '1' } });
  const [a = '', b = '', c = ''] = await addPaused(stage.app, 3);
  await stage.start('blocker of the only place');

  using reader = await viewOverSocket(stage.app, { first: 2, where: { status: { not: 'RUNNING' } } });
  const start = await reader.until(isCaughtUp);
  await order(stage.app, 'RESUME', [a]);
  const beyond = await reader.next();
  const d = await stage.create('d');
  const added = await reader.next();
  await order(stage.app, 'CANCEL', [c]);
  const emitted = await reader.next();

  expect(kindsOf(start)).toEqual(['RESET', `CURRENT ${c}`, `CURRENT ${b}`, 'CAUGHT_UP']);
  expect(beyond).toMatchObject({ kind: 'CHANGED', jobId: a, job: { status: 'PENDING' } });
  expect(added).toMatchObject({ kind: 'ENTERED', jobId: d });
  expect(emitted).toMatchObject({ kind: 'CHANGED', jobId: c, job: { status: 'CANCELED' } });
});

test('a job that waits for a table is emitted when it waits for another job, although its own row did not change', async () => {
  await using stage = await startScripted({ settings: { WORKERS: '1' } });
  const [a = '', b = '', c = ''] = await addPaused(stage.app, 3);
  await stage.start('blocker of the only place');
  for (const id of [a, b, c])
    await inStore(stage.app.dataDir, `INSERT INTO JobHold (jobId, resource, mode) VALUES (${id}, 'x', 'alter')`);
  await order(stage.app, 'RESUME', [a, b, c]);

  using reader = await viewOverSocket(stage.app, { where: { id: { equals: c } } });
  const [, start] = await reader.until(isCaughtUp);
  await order(stage.app, 'CANCEL', [a]);
  const next = await reader.next();
  await order(stage.app, 'PAUSE', [b]);
  const last = await reader.next();

  expect(start?.job?.statusMessage).toBe(`waiting for job ${a}`);
  expect(next).toMatchObject({ kind: 'CHANGED', jobId: c, job: { statusMessage: `waiting for job ${b}` } });
  expect(last).toMatchObject({ kind: 'CHANGED', jobId: c, job: { statusMessage: 'waiting for a worker' } });
});

test('a viewer sees their own jobs; after the loss of a privilege, LEFT has no content', async () => {
  await using stage = await startScripted();
  const { app } = stage;
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  await addUser(app, 'vic', { privileges: ['CREATEJOB', 'VIEWJOB'] });
  const ofRoot = await stage.start('root');
  const { id: ofAnn } = await app.create('SCRIPTED', { name: 'ann' }, 'ann');
  const { id: ofVic } = await app.create('SCRIPTED', { name: 'vic' }, 'vic');
  await stage.changes.reaches(ofAnn, 'RUNNING');
  await order(app, 'PAUSE', [ofVic]);
  await stage.changes.reaches(ofVic, 'PAUSED');

  using ann = await viewOverSocket(app, {}, 'ann');
  using vic = await viewOverEvents(app, {}, 'vic');
  const startOfAnn = await ann.until(isCaughtUp);
  const startOfVic = await vic.until(isCaughtUp);
  await setPrivileges(app, 'vic', []);
  const left = [await vic.next(), await vic.next()];
  await order(app, 'PAUSE', [ofRoot, ofAnn]);
  await stage.changes.reaches(ofRoot, 'PAUSED');
  await order(app, 'CANCEL', [ofVic]);
  const own = await vic.next();
  await setPrivileges(app, 'vic', ['VIEWJOB']);
  const again = await vic.until(isCaughtUp);

  expect(kindsOf(startOfAnn)).toEqual(['RESET', `CURRENT ${ofAnn}`, 'CAUGHT_UP']);
  expect(kindsOf(startOfVic)).toEqual([
    'RESET',
    `CURRENT ${ofVic}`,
    `CURRENT ${ofAnn}`,
    `CURRENT ${ofRoot}`,
    'CAUGHT_UP',
  ]);
  expect(left.sort((one, other) => Number(one.jobId) - Number(other.jobId))).toEqual([
    { kind: 'LEFT', jobId: ofRoot, job: null },
    { kind: 'LEFT', jobId: ofAnn, job: null },
  ]);
  expect(own).toMatchObject({ kind: 'CHANGED', jobId: ofVic });
  const reset = again.findIndex(({ kind }) => kind === 'RESET');
  expect(kindsOf(again.slice(reset))).toEqual([
    'RESET',
    `CURRENT ${ofVic}`,
    `CURRENT ${ofAnn}`,
    `CURRENT ${ofRoot}`,
    'CAUGHT_UP',
  ]);
  expect(kindsOf(await untilStatus(ann, ofAnn, 'PAUSED')).every((line) => line === `CHANGED ${ofAnn}`)).toBe(true);
});

test('a start or a pause out of bounds, or a filter that is none, is refused, naming what is wrong', async () => {
  await using app = await startApp();
  await using socket = await openSocket(app.url);
  await socket.next();
  const query = `subscription ($where: JobFilter, $first: Int! = 100, $throttleMs: Int! = 250) {
    jobUpdated(where: $where, first: $first, throttleMs: $throttleMs) { kind } }`;
  const refused = async (variables: object) => {
    socket.subscribe('refused', { query, variables });
    const { payload } = await socket.next();
    await socket.next();
    return (payload as GraphQLReply).errors?.map(({ extensions }) => extensions);
  };

  for (const first of [0, 1_001]) {
    expect(await refused({ first })).toEqual([{ code: 'BAD_USER_INPUT', field: 'first' }]);
  }
  for (const throttleMs of [49, 60_001]) {
    expect(await refused({ throttleMs })).toEqual([{ code: 'BAD_USER_INPUT', field: 'throttleMs' }]);
  }
  expect(await refused({ where: { id: { equals: 'x' } } })).toEqual([
    { code: 'BAD_USER_INPUT', field: 'where.id.equals' },
  ]);
});
