import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ApiError, createClient, type Job, type JobChange } from '../../src/client/index.ts';
import { temporaryFolder } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { startScripted } from '../support/scripted-app.ts';

const clientOf = (url: string, user = 'root') => {
  const client = createClient({ url, user, webSocket: WebSocket });
  return Object.assign(client, { [Symbol.dispose]: client.close });
};

/** Takes values until one fits. */
const until = async <T>(values: AsyncIterator<T>, fits: (value: T) => boolean): Promise<T> => {
  for (;;) {
    const { value, done } = await values.next();
    if (done) throw new Error('the stream has ended');
    if (fits(value)) return value;
  }
};

test('commands have a preview, a reason and typed outcomes; jobs are read in pages', async () => {
  await using scene = await startScripted();
  using client = clientOf(scene.app.url);
  const id = await scene.start('one');
  const where = { id: { equals: id } };
  const preview = await client.pause({ where }, { dryRun: true });
  expect(preview).toMatchObject({ applied: false, changedCount: 1, changed: [{ jobId: id, from: 'RUNNING' }] });
  expect((await client.job(id))?.status).toBe('RUNNING');
  const { selectedCount: expectedCount, cursor: unchangedSince } = preview;
  await client.pause({ where }, { reason: 'lunch', expectedCount, unchangedSince });
  expect(await client.whenSettled([id])).toMatchObject([{ id, status: 'PAUSED', pauseReason: 'lunch' }]);
  await expect(client.resume({ where }, { unchangedSince })).rejects.toMatchObject({ code: 'CHANGED_SINCE' });
  const listed: Job[] = [];
  for await (const job of client.jobs(where)) listed.push(job);
  expect(listed.map((job) => [job.id, job.status])).toEqual([[id, 'PAUSED']]);
  expect(await client.cancel({ ids: [id] })).toMatchObject({ applied: true, changedCount: 1 });
});

test('an error has the code of the server and the field; a job that does not exist is null', async () => {
  await using scene = await startScripted();
  using client = clientOf(scene.app.url);
  const refused = await client.create('IMPORT', { database: 'none' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.table' });
  expect(await client.job('1')).toBeNull();
  await expect(clientOf(scene.app.url, 'nobody').job('1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(client.whenSettled(['1'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('follow and watch go on where they were when the connection is cut and the server restarts', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  await using proxy = await startProxy();
  using client = clientOf(proxy.url);
  const stop = new AbortController();
  const { signal } = stop;
  const kept: string[] = [];
  const store = { read: () => kept.at(-1) ?? null, write: (cursor: string) => void kept.push(cursor) };
  const reconnects: string[] = [];
  const onReconnect = (reason: Error) => void reconnects.push(reason.message);
  const changes: JobChange[] = [];
  let id = '';
  {
    await using scene = await startScripted({ dataDir });
    proxy.leadTo(scene.app.url);
    const followed = client.follow({ after: '0000000000000000', store, signal, onReconnect });
    const lists = client.watch(undefined, { throttleMs: 50, signal, onReconnect });
    expect(await until(lists, () => true)).toEqual([]);
    id = await scene.start('one');
    await until(lists, ([job]) => job?.status === 'RUNNING');
    changes.push(await until(followed, () => true));
    proxy.cut();
    await client.pause({ ids: [id] });
    changes.push(await until(followed, ({ to }) => to === 'PAUSED'));
    await until(lists, ([job]) => job?.status === 'PAUSED');
    proxy.leadTo(null);
    proxy.cut();
    await followed.return();
    await lists.return();
  }
  expect(reconnects.length).toBeGreaterThan(0);
  // The cursor is written when the loop asks for the next change: the last one comes again.
  await using scene = await startScripted({ dataDir });
  proxy.leadTo(scene.app.url);
  const again = client.follow({ store, signal });
  expect((await again.next()).value).toMatchObject({ jobId: id, to: 'PAUSED' });
  const lists = client.watch({ id: { equals: id } }, { signal });
  expect((await lists.next()).value).toMatchObject([{ id, status: 'PAUSED' }]);
  stop.abort();
  expect(await again.next()).toEqual({ value: undefined, done: true });
  expect(await lists.next()).toEqual({ value: undefined, done: true });
  expect(changes.at(0)).toMatchObject({ jobId: id, from: null, to: 'PENDING' });
});

test('a stream that the server refuses for good ends with its error', async () => {
  await using scene = await startScripted();
  using client = clientOf(scene.app.url);
  const beyond = client.follow({ after: '9007199254740991' });
  await expect(beyond.next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  using unknown = clientOf(scene.app.url, 'nobody');
  await expect(unknown.watch().next()).rejects.toMatchObject({ code: 4401 });
});
