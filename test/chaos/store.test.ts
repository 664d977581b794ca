/** A job store on PostgreSQL that crashes, loses answers, drops notifications, or is held by a server that is cut off. */
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobWhen as appJobWhen, jobNow, order } from '../support/control.ts';
import { createPostgresDatabase, execute, startOwnCluster } from '../support/postgres.ts';
import { startPostgresProxy } from '../support/postgres-proxy.ts';
import { scriptedKind } from '../support/scripted.ts';
import { createJob, createServers, type jobOf, jobWhen, listen, START } from './servers.ts';

const SETTINGS = { SIGNALBOX_SECRET: 'the secret of all servers', LEASE_SECONDS: '30', WORKERS: '1' };

test('PostgreSQL crashes while jobs are created and run: no event is lost, and each job runs to its end', async () => {
  await using postgres = await startOwnCluster();
  await using servers = await createServers(postgres.url);
  const [a, b] = await Promise.all([servers.start('a', { WORKERS: '4' }), servers.start('b', { WORKERS: '4' })]);
  await using before = listen(a);
  await before.connected;
  const created: string[] = [];
  let refused = 0;
  let crashed = false;
  let isOver = false;
  const creating = [a, b].map(async (server, n) => {
    for (let count = 0; !isOver; count += 1) {
      const key = `${n}-${count}`;
      const query = `mutation { createJob(input: { typeName: "EMPTY", input: {}, idempotencyKey: "${key}" }) { job { id } } }`;
      const answer = (await server.send(query).catch(() => null)) as { createJob: { job: { id: string } } } | null;
      if (answer === null) {
        refused += 1;
        // The answer may have been lost after the commit: repeated with its key, it creates no second job.
        count -= 1;
        await new Promise((done) => setTimeout(done, 50));
      } else created.push(answer.createJob.job.id);
      if (crashed && created.length > 200) isOver = true;
    }
  });
  await before.until(({ to }) => to === 'SUCCEEDED' && created.length > 50);
  await postgres.crash();
  await expect(createJob(a, 'EMPTY', {})).rejects.toThrow(/job store|PostgreSQL/);
  await postgres.start();
  crashed = true;
  await Promise.all(creating);
  expect(refused).toBeGreaterThan(0);
  expect(new Set(created).size).toBe(created.length);
  for (const id of created) expect((await jobWhen(b, id, ({ status }) => status === 'SUCCEEDED')).error).toBeNull();
  // All that listeners saw before the crash is still there, and the log has each change once.
  await using after = listen(b, START);
  for (const id of created) await after.reaches(id, 'SUCCEEDED');
  for (const id of created) expect(after.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  const log = after.seen.map(({ cursor, jobId, to }) => `${cursor} ${jobId} ${to}`);
  for (const { cursor, jobId, to } of before.seen) expect(log).toContain(`${cursor} ${jobId} ${to}`);
  expect(log.map((line) => Number(line.split(' ')[0]))).toEqual(
    after.seen.map(({ cursor }) => Number(cursor)).sort((one, other) => one - other),
  );
  const [running] = await execute(postgres.url, `SELECT count(*)::int AS n FROM job WHERE finished_at IS NULL`);
  expect(running?.n).toBe((await unfinished(b)).length);
});

const unfinished = async (server: Parameters<typeof jobOf>[0]) =>
  (
    (await server.send('{ jobs(where: { finishedAt: { isNull: true } }) { nodes { id } } }')) as unknown as {
      jobs: { nodes: unknown[] };
    }
  ).jobs.nodes;

test('the answers to a claim, a command, a report and a mark are lost: each is repeated, and done once', async () => {
  await using database = await createPostgresDatabase();
  await using proxy = await startPostgresProxy(database.url);
  const { kind, script } = scriptedKind();
  await using a = await startApp({
    kinds: [kind],
    settings: { ...SETTINGS, DATABASE_URL: proxy.url, NODE_NAME: 'a' },
  });
  await using changes = changesOf(a);
  const creation = proxy.loseAnswerTo(/INSERT INTO job_work/);
  const creating = a.create('SCRIPTED', { name: 'job' }, 'root');
  await creation;
  const claim = proxy.loseAnswerTo(/"epoch" = /);
  const { id, created } = await creating;
  expect(created).toBe(true);
  await claim;
  // The job runs, under the same epoch, although nobody knew that it was claimed.
  await expect.poll(() => script('job').runs).toHaveLength(1);
  expect(await jobNow(a, id)).toMatchObject({ status: 'RUNNING', attempts: 0 });

  const mark = proxy.loseAnswerTo(/"committing" = TRUE/);
  script('job').act({ checkpoint: 1, fractionCompleted: 0.5, commit: true });
  await mark;
  const report = proxy.loseAnswerTo(/"settled_by" = \$/);
  script('job').act('finish');
  await report;
  await changes.reaches(id, 'SUCCEEDED');
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect(script('job').runs).toHaveLength(1);

  const second = (await a.create('SCRIPTED', { name: 'second' }, 'root')).id;
  await changes.reaches(second, 'RUNNING');
  const command = proxy.loseAnswerTo(/INSERT INTO recorded_command/);
  const pause = {
    query: `mutation { pauseJobs(jobs: { ids: ["${second}"] }) { changedCount changed { from to } } }`,
  };
  const answered = await a.send(pause);
  await command;
  expect(answered.data).toEqual({
    pauseJobs: { changedCount: 1, changed: [{ from: 'RUNNING', to: 'PAUSE_REQUESTED' }] },
  });
  await changes.reaches(second, 'PAUSED');
  expect(changes.statusesOf(second)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'PAUSED']);
});

test('notifications that are dropped delay nothing but the next look', async () => {
  await using database = await createPostgresDatabase();
  await using proxy = await startPostgresProxy(database.url);
  proxy.dropNotifications();
  const { kind, script } = scriptedKind();
  const logLines: string[] = [];
  const start = (node: string, url: string, lines?: string[]) =>
    startApp({
      kinds: [kind],
      settings: { ...SETTINGS, DATABASE_URL: url, NODE_NAME: node },
      ...(lines === undefined ? {} : { logLines: lines }),
    });
  await using a = await start('a', proxy.url, logLines);
  await using b = await start('b', database.url);
  const isNoticed = () => logLines.filter((line) => line.includes('notifications of PostgreSQL do not arrive')).length;
  await expect.poll(isNoticed).toBe(1);
  await using changes = changesOf(a);
  for (let n = 0; n < 5; n += 1) {
    const { id } = await b.create('SCRIPTED', { name: String(n) }, 'root');
    script(String(n)).act('finish');
    await changes.reaches(id, 'SUCCEEDED');
  }
  expect(isNoticed()).toBe(1);
});

test('a server that is cut off while it holds the store lock delays the others, and does not stop them', async () => {
  await using database = await createPostgresDatabase();
  await using proxy = await startPostgresProxy(database.url);
  const { kind, script } = scriptedKind();
  const settings = { ...SETTINGS, WORKERS: '4' };
  await using b = await startApp({
    kinds: [kind],
    settings: { ...settings, DATABASE_URL: database.url, NODE_NAME: 'b' },
  });
  const a = await startApp({ kinds: [kind], settings: { ...settings, DATABASE_URL: proxy.url, NODE_NAME: 'a' } });
  try {
    await using changes = changesOf(b);
    const held = proxy.holdInTransaction();
    const lost = a.create('SCRIPTED', { name: 'lost' }, 'root').catch((error: Error) => error);
    await held;
    const began = performance.now();
    const { id } = await b.create('SCRIPTED', { name: 'job' }, 'root');
    console.info(
      `written ${Math.round(performance.now() - began)} ms after another server was cut off in a transaction`,
    );
    script('job').act('finish');
    await changes.reaches(id, 'SUCCEEDED');
    expect((await order(b, 'PAUSE', [id])).refusedCount).toBe(1);
    // What it was writing was undone, and repeated on another connection.
    const created = await lost;
    if (created instanceof Error) throw created;
    await changes.reaches(created.id, 'PENDING');
    expect(changes.statusesOf(created.id).filter((status) => status === 'PENDING')).toHaveLength(1);
  } finally {
    await a.stop();
  }
});

test('RESUME on one server, while the worker of another stops for the pause, is never lost', async () => {
  await using database = await createPostgresDatabase();
  const { kind, script } = scriptedKind();
  const start = (node: string) =>
    startApp({ kinds: [kind], settings: { ...SETTINGS, DATABASE_URL: database.url, NODE_NAME: node } });
  await using a = await start('a');
  await using b = await start('b');
  const { id } = await a.create('SCRIPTED', { name: 'job' }, 'root');
  await using changes = changesOf(a);
  await changes.reaches(id, 'RUNNING');
  for (let round = 0; round < 10; round += 1) {
    await order(a, 'PAUSE', [id]);
    await order(b, 'RESUME', [id]);
    await appJobWhen(b, id, ({ status }) => status === 'RUNNING');
  }
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect((await jobNow(b, id)).attempts).toBe(0);
});

test('the password of the store is in no log, error, event or setting that anyone reads', async () => {
  const PASSWORD = 'correct-horse-battery';
  await using database = await createPostgresDatabase();
  const url = database.url.replace('postgres@', `postgres:${PASSWORD}@`);
  const logLines: string[] = [];
  await using proxy = await startPostgresProxy(url);
  await using a = await startApp({
    settings: { ...SETTINGS, DATABASE_URL: proxy.url, DATABASE_LISTEN_URL: url, NODE_NAME: 'a' },
    logLines,
  });
  await a.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  await proxy[Symbol.asyncDispose]();
  const refused = await a.send({ query: '{ jobs { nodes { id } } databases { name url } }' });
  expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
  await using b = await startApp({ settings: { ...SETTINGS, DATABASE_URL: url, NODE_NAME: 'b' }, logLines });
  const shown = await b.send({
    query: '{ auditEvents { nodes { action before after } } databases { name url error } servers { name } }',
  });
  expect(shown.errors).toBeUndefined();
  expect(JSON.stringify(shown)).toContain('createDatabase');
  const wrong = {
    ...SETTINGS,
    DATABASE_URL: url.replace('postgresql:', 'postgresql:').replace(/\/test_.*$/, '/absent'),
    NODE_NAME: 'c',
  };
  const failure = await startApp({ settings: wrong, logLines }).catch((error: Error) => error);
  const texts = [...logLines, JSON.stringify(refused), JSON.stringify(shown), `${failure} ${(failure as Error).stack}`];
  for (const text of texts) expect(text).not.toContain(PASSWORD);
  const dump = await execute(url, `SELECT string_agg(before || after, ' ') AS text FROM audit_event`);
  expect(String(dump[0]?.text)).not.toContain(PASSWORD);
});
