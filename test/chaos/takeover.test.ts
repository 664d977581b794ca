/** Servers that are killed, frozen or cut off in the middle of their jobs, and those that take the jobs over. */
import { describe, expect, test } from 'vitest';
import { peopleImport, readPeople, writePeople } from '../support/people.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { startProxy } from '../support/proxy.ts';
import {
  control,
  createJob,
  createServers,
  jobOf,
  jobWhen,
  LEASE_SECONDS,
  listen,
  receiveSteps,
  type Server,
  type Step,
} from './servers.ts';

const HOUR_MS = 3_600_000;

const ROWS = 40_000;

/** Two servers, and the settings of each. */
const startTwo = async (
  servers: Awaited<ReturnType<typeof createServers>>,
  of: Readonly<Record<'a' | 'b', Settings>>,
) => {
  const [a, b] = await Promise.all([servers.start('a', of.a), servers.start('b', of.b)]);
  return { a, b };
};
type Settings = Readonly<Record<string, string>>;

/** Starts an import, and returns once some of its rows are in the table: the server that runs it, and the other one. */
const beginImport = async ({ a, b }: { readonly a: Server; readonly b: Server }, shared: string) => {
  writePeople(shared, ROWS);
  await a.send('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const { createImport } = (await a.send(
    'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }',
    { input: peopleImport({ maxRowsPerSecond: 3_000 }) },
  )) as unknown as { createImport: { job: { id: string } } };
  const { id } = createImport.job;
  const { coordinator } = await jobWhen(a, id, ({ fractionCompleted }) => fractionCompleted > 0.1);
  return coordinator === 'a' ? { id, holder: a, other: b } : { id, holder: b, other: a };
};

/** A job with steps that runs on the same server as another one does. */
const beginSteps = async (holder: Server, url: string): Promise<string> => {
  for (;;) {
    const id = await createJob(holder, 'STEPS', { url, steps: 200 });
    const { coordinator } = await jobWhen(holder, id, ({ fractionCompleted }) => fractionCompleted > 0.05);
    if (coordinator === holder.node) return id;
    // It keeps the other server busy.
  }
};

const expectWhole = (shared: string) => expect(readPeople(shared)).toMatchObject({ count: ROWS, ids: ROWS });

/** Each step once and in order, but for one that may be repeated at each takeover. */
const expectSteps = (steps: readonly Step[], count: number) => {
  const epochs = [...new Set(steps.map(({ epoch }) => epoch))];
  expect(epochs).toEqual([...epochs].sort((one, other) => one - other));
  expect(new Set(steps.map(({ step }) => step)).size).toBe(count);
  expect(steps.at(-1)).toMatchObject({ step: count });
  for (const epoch of epochs) {
    const own = steps.filter((step) => step.epoch === epoch).map(({ step }) => step);
    expect(own).toEqual(own.map((_, n) => (own[0] ?? 0) + n));
  }
};

describe('one of two servers', () => {
  test('is killed in the middle of an import: the other continues it after a lease, and each row is there once', async () => {
    await using servers = await createServers();
    const { id, holder, other } = await beginImport(await startTwo(servers, { a: {}, b: {} }), servers.shared);
    await using changes = listen(other);
    await changes.connected;
    const killedAt = performance.now();
    await holder.kill();
    const { fractionCompleted } = await jobWhen(other, id, ({ coordinator }) => coordinator === other.node);
    const ms = Math.round(performance.now() - killedAt);
    console.info(`taken over ${ms} ms after kill -9, with a lease of ${LEASE_SECONDS} s`);
    expect(fractionCompleted).toBeGreaterThan(0.05);
    await changes.reaches(id, 'SUCCEEDED');
    expect(changes.statusesOf(id)).toEqual(['SUCCEEDED']);
    expect((await jobOf(other, id)).attempts).toBe(0);
    expectWhole(servers.shared);
  });

  test('is stopped: the other continues its jobs at once', async () => {
    await using servers = await createServers();
    const settings = { LEASE_SECONDS: '600' };
    const both = await startTwo(servers, { a: settings, b: settings });
    const { id, holder, other } = await beginImport(both, servers.shared);
    await using changes = listen(other);
    await changes.connected;
    holder.process.kill('SIGTERM');
    expect(await holder.ended).toEqual([0, null]);
    await changes.reaches(id, 'SUCCEEDED');
    expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
    expect((await jobOf(other, id)).attempts).toBe(0);
    expectWhole(servers.shared);
  });

  test('is frozen for three leases: it writes nothing when it goes on', async () => {
    await using servers = await createServers();
    await using receiver = await receiveSteps();
    const both = await startTwo(servers, { a: { WORKERS: '4' }, b: { WORKERS: '4' } });
    const { id, holder, other } = await beginImport(both, servers.shared);
    const steps = await beginSteps(holder, receiver.url);
    await using changes = listen(other);
    await changes.connected;
    holder.freeze();
    const frozenAt = performance.now();
    await jobWhen(other, id, ({ coordinator }) => coordinator === other.node);
    await jobWhen(other, steps, ({ coordinator }) => coordinator === other.node);
    await new Promise((done) => setTimeout(done, frozenAt + 3_000 * LEASE_SECONDS - performance.now()));
    holder.thaw();
    await changes.reaches(id, 'SUCCEEDED');
    await changes.reaches(steps, 'SUCCEEDED');
    // The frozen server works again, under a new session, and has not touched its old jobs.
    const next = await createJob(holder, 'STEPS', { url: receiver.url, steps: 1 });
    await changes.reaches(next, 'SUCCEEDED');
    expect(changes.statusesOf(id)).toEqual(['SUCCEEDED']);
    expect(changes.statusesOf(steps)).toEqual(['SUCCEEDED']);
    expectWhole(servers.shared);
    const sent = receiver.of(steps);
    const second = sent.findIndex(({ epoch }) => epoch === 2);
    // A message that was on its way when the server was frozen may still arrive.
    expect(sent.slice(second).filter(({ epoch }) => epoch === 1).length).toBeLessThanOrEqual(1);
    expectSteps(
      sent.filter(({ epoch }, n) => n < second || epoch === 2),
      200,
    );
  });

  test('is cut off from the store, and not from its targets: it stops before its lease ends', async () => {
    await using database = await createPostgresDatabase();
    await using proxyA = await startProxy();
    await using proxyB = await startProxy();
    const through = (proxy: typeof proxyA) => {
      proxy.leadTo(database.url.replace('postgresql:', 'http:'));
      return { DATABASE_URL: database.url.replace(/:\d+\//, `:${new URL(proxy.url).port}/`), WORKERS: '4' };
    };
    await using servers = await createServers(database.url);
    await using receiver = await receiveSteps();
    const both = await startTwo(servers, { a: through(proxyA), b: through(proxyB) });
    const { id, holder, other } = await beginImport(both, servers.shared);
    const steps = await beginSteps(holder, receiver.url);
    await using changes = listen(other);
    await changes.connected;
    const proxy = holder.node === 'a' ? proxyA : proxyB;
    proxy.swallow(true);
    proxy.hold();
    await changes.reaches(id, 'SUCCEEDED');
    await changes.reaches(steps, 'SUCCEEDED');
    expectWhole(servers.shared);
    const sent = receiver.of(steps);
    const second = sent.findIndex(({ epoch }) => epoch === 2);
    expect(sent.slice(second).every(({ epoch }) => epoch === 2)).toBe(true);
    expectSteps(sent, 200);
    // At most what one save covers is repeated.
    expect(sent.length - 200).toBeLessThan(60);
    // The store is back: the server works again, under a new session.
    proxy.swallow(false);
    proxy.cut();
    await changes.reaches(await untilServed(() => createJob(holder, 'EMPTY', {})), 'SUCCEEDED');
  });

  test('has a clock that is an hour ahead, and the other one an hour behind', async () => {
    await using servers = await createServers();
    const [a, b] = await Promise.all([
      servers.start('a', { SKEW_MS: String(HOUR_MS) }),
      servers.start('b', { SKEW_MS: String(-HOUR_MS) }),
    ]);
    await using receiver = await receiveSteps();
    await using changes = listen(b);
    await changes.connected;
    const ids = [
      await createJob(a, 'STEPS', { url: receiver.url, steps: 100 }),
      await createJob(b, 'STEPS', { url: receiver.url, steps: 100 }),
    ];
    for (const id of ids) await changes.reaches(id, 'SUCCEEDED');
    for (const id of ids) {
      expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
      expect(receiver.of(id).map(({ epoch }) => epoch)).toEqual(Array(100).fill(1));
    }
    const { servers: both } = (await a.send(
      '{ servers { heartbeatAt } jobs { nodes { finishedAt } } }',
    )) as unknown as {
      servers: { heartbeatAt: string }[];
    };
    for (const { heartbeatAt } of both)
      expect(Math.abs(Date.parse(heartbeatAt) - Date.now())).toBeLessThan(HOUR_MS / 2);
  });
});

/** Until the server has a connection again. */
const untilServed = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
};

test('all servers are killed while their jobs are in every status: one that is started brings each to its end', async () => {
  await using servers = await createServers();
  await using receiver = await receiveSteps();
  const [a, b] = await Promise.all([servers.start('a', { WORKERS: '3' }), servers.start('b', { WORKERS: '3' })]);
  const long = { url: receiver.url, steps: 60, everyMs: 50 };
  const make = (kind: string, input: object = long) => createJob(a, kind, input);
  const running = await make('STEPS');
  const pauseRequested = await make('STEPS');
  const paused = await make('STEPS');
  const cancelRequested = await make('REVERTING_STEPS');
  const reverting = await make('REVERTING_STEPS');
  const done = await make('EMPTY', {});
  for (const id of [running, pauseRequested, paused, cancelRequested, reverting]) {
    await jobWhen(a, id, ({ fractionCompleted }) => fractionCompleted > 0.05);
  }
  await jobWhen(a, done, ({ status }) => status === 'SUCCEEDED');
  await control(a, 'pause', [paused]);
  await control(b, 'cancel', [reverting]);
  await jobWhen(a, paused, ({ status }) => status === 'PAUSED');
  await jobWhen(a, reverting, ({ status }) => status === 'REVERTING');
  const pending = await createJob(a, 'STEPS', { ...long, steps: 3 });
  await Promise.all([control(a, 'pause', [pauseRequested]), control(b, 'cancel', [cancelRequested])]);
  await Promise.all([a.kill(), b.kill()]);

  const c = await servers.start('c', { WORKERS: '3' });
  const end = (id: string, status: string) => jobWhen(c, id, (job) => job.status === status);
  await end(pauseRequested, 'PAUSED');
  await end(cancelRequested, 'CANCELED');
  await end(reverting, 'CANCELED');
  await end(running, 'SUCCEEDED');
  await end(pending, 'SUCCEEDED');
  expect((await jobOf(c, paused)).status).toBe('PAUSED');
  expect((await control(c, 'resume', [paused, pauseRequested])).changedCount).toBe(2);
  await end(paused, 'SUCCEEDED');
  await end(pauseRequested, 'SUCCEEDED');
  for (const id of [running, paused, pauseRequested]) {
    expect(new Set(receiver.of(id).map(({ step }) => step)).size).toBe(60);
  }
});
