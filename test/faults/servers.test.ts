/** Several servers on one store on PostgreSQL. */
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { peopleImport, readPeople, writePeople } from '../support/people.ts';
import { createPostgresDatabase, execute } from '../support/postgres.ts';
import { launch, temporaryFolder } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { scriptedKind } from '../support/scripted.ts';

const COMMON = { LEASE_SECONDS: '2', WORKERS: '1', SIGNALBOX_SECRET: 'the secret of all servers' };

const startNodes = async (settings: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
  const database = await createPostgresDatabase();
  const { kind, script } = scriptedKind();
  const start = (node: string) =>
    startApp({
      kinds: [kind],
      settings: { DATABASE_URL: database.url, NODE_NAME: node, ...COMMON, ...settings[node] },
    });
  const nodes = await Promise.all(Object.keys(settings).map(start));
  const running = new Set(nodes);
  return {
    nodes: nodes as [TestApp, TestApp],
    url: database.url,
    script,
    stop: (node: TestApp) => {
      running.delete(node);
      return node.stop();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running].map((node) => node[Symbol.asyncDispose]()));
      await database.drop();
    },
  };
};

const SERVERS = '{ server { name runningJobs } servers { name version runningJobs } databases { name node engine } }';

test('two servers that start at the same time migrate once, list each other, and share events in one order', async () => {
  await using scene = await startNodes({ a: {}, b: {} });
  const [a, b] = scene.nodes;
  const [{ n }] = (await execute(scene.url, 'SELECT count(*)::int AS n FROM _prisma_migrations')) as [{ n: number }];
  const [{ m }] = (await execute(
    scene.url,
    'SELECT count(DISTINCT migration_name)::int AS m FROM _prisma_migrations',
  )) as [{ m: number }];
  expect([n, a.store.id]).toEqual([m, b.store.id]);
  const { data } = await a.send({ query: SERVERS });
  expect(data).toMatchObject({ server: { name: 'a', runningJobs: 0 } });
  expect((data as { servers: { name: string }[] }).servers.map(({ name }) => name).sort()).toEqual(['a', 'b']);

  await using listenerA = changesOf(a);
  await using listenerB = changesOf(b);
  const ids: string[] = [];
  for (let job = 0; job < 6; job += 1) {
    ids.push((await [a, b][job % 2]?.create('SCRIPTED', { name: String(job) }, 'root'))?.id ?? '');
  }
  // One worker each: two of the jobs run, each on one server, whichever server was asked to create it.
  for (const id of ids.slice(0, 2)) await listenerB.reaches(id, 'RUNNING');
  for (const id of ids.slice(2))
    expect((await order([a, b][ids.indexOf(id) % 2] as TestApp, 'PAUSE', [id])).changedCount).toBe(1);
  const running = await Promise.all(ids.slice(0, 2).map((id) => jobNow(a, id)));
  expect(running.map(({ attempts, status }) => [attempts, status])).toEqual([
    [0, 'RUNNING'],
    [0, 'RUNNING'],
  ]);
  expect(running.map(({ coordinator }) => coordinator).sort()).toEqual(['a', 'b']);
  for (const name of ['0', '1']) scene.script(name).act('finish');
  for (const id of ids.slice(0, 2)) {
    await Promise.all([listenerA.reaches(id, 'SUCCEEDED'), listenerB.reaches(id, 'SUCCEEDED')]);
  }
  for (const id of ids.slice(2)) await Promise.all([listenerA.reaches(id, 'PAUSED'), listenerB.reaches(id, 'PAUSED')]);
  expect(listenerA.seen).toEqual(listenerB.seen);
  expect(scene.script('0').runs).toEqual([{ phase: 'run', from: null }]);
});

test('a server with another SIGNALBOX_SECRET does not start, and changes nothing for the others', async () => {
  await using scene = await startNodes({ a: {}, b: {} });
  const [a] = scene.nodes;
  const settings = {
    ...COMMON,
    DATABASE_URL: scene.url,
    NODE_NAME: 'c',
    SIGNALBOX_SECRET: 'another secret than theirs',
  };
  await expect(startApp({ settings })).rejects.toThrow('SIGNALBOX_SECRET is not the one of the other servers');
  await using listener = changesOf(a);
  const { id } = await a.create('SCRIPTED', { name: 'job' }, 'root');
  await listener.reaches(id, 'RUNNING');
  expect(((await a.send({ query: SERVERS })).data as { servers: unknown[] }).servers).toHaveLength(2);
  scene.script('job').act('finish');
  await listener.reaches(id, 'SUCCEEDED');
});

test('a server that is cut off from the store stops its jobs, and another takes them over from their checkpoints', async () => {
  await using proxy = await startProxy();
  await using database = await createPostgresDatabase();
  proxy.leadTo(database.url.replace('postgresql:', 'http:'));
  const { kind, script } = scriptedKind();
  const through = database.url.replace(/:\d+\//, `:${new URL(proxy.url).port}/`);
  await using a = await startApp({ kinds: [kind], settings: { ...COMMON, DATABASE_URL: through, NODE_NAME: 'a' } });
  const { id } = await a.create('SCRIPTED', { name: 'job' }, 'root');
  await using changesA = changesOf(a);
  await changesA.reaches(id, 'RUNNING');
  script('job').act({ checkpoint: 7, fractionCompleted: 0.5 });
  await jobWhen(a, id, ({ fractionCompleted }) => fractionCompleted === 0.5);
  await using b = await startApp({
    kinds: [kind],
    settings: { ...COMMON, DATABASE_URL: database.url, NODE_NAME: 'b' },
  });

  proxy.swallow(true);
  proxy.hold();
  // The job begins again, on the other server, only after it was stopped on the first.
  await expect.poll(() => script('job').runs).toHaveLength(2);
  expect(script('job').closed).toBe(1);
  expect(script('job').runs[1]).toEqual({ phase: 'run', from: 7 });
  script('job').act('finish');
  await using changesB = changesOf(b);
  await changesB.reaches(id, 'SUCCEEDED');
  expect(changesB.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect((await jobNow(b, id)).attempts).toBe(0);
  proxy.swallow(false);
  proxy.cut();
  await changesA.reaches(id, 'SUCCEEDED');
  expect(changesA.seen).toEqual(changesB.seen);
});

test('a job on a database of a server that is away waits for it, and others do not wait', {
  timeout: 300_000,
}, async () => {
  await using scene = await startNodes({ a: {}, b: {} });
  const [a, b] = scene.nodes;
  await a.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const { data } = await b.send({ query: SERVERS });
  expect(data).toMatchObject({ databases: [{ name: 'demo', node: 'a', engine: 'SQLITE' }] });
  const refused = await b.send({ query: '{ database(name: "demo") { tables { name } error } }' });
  expect(refused.data).toMatchObject({ database: { tables: null, error: expect.stringContaining('on node a') } });
  writePeople(a.dataDir, 100);
  const { id } = await a.create('IMPORT', { ...peopleImport(), maxRowsPerSecond: 1 }, 'root');
  await jobWhen(a, id, ({ status }) => status === 'RUNNING');
  await scene.stop(a);

  await jobWhen(b, id, ({ statusMessage }) => statusMessage === 'waiting for node a');
  await using changes = changesOf(b);
  const other = (await b.create('SCRIPTED', { name: 'other' }, 'root')).id;
  scene.script('other').act('finish');
  await changes.reaches(other, 'SUCCEEDED');
  expect(await jobNow(b, id)).toMatchObject({ statusMessage: 'waiting for node a', attempts: 0 });
  expect((await order(b, 'CANCEL', [other])).refusedCount).toBe(1);
});

test('a job that reads files of a server waits for that server, whether or not it has a database', async () => {
  await using scene = await startNodes({ a: {}, b: {} });
  const [a, b] = scene.nodes;
  const { id } = await a.create('SCRIPTED', { name: 'reader', source: { url: 'nodelocal:///in/rows.csv' } }, 'root');
  await jobWhen(b, id, ({ coordinator }) => coordinator === 'a');
  await scene.stop(a);
  await jobWhen(b, id, ({ statusMessage }) => statusMessage === 'waiting for node a');
  await using changes = changesOf(b);
  const elsewhere = await b.create('SCRIPTED', { name: 'web', url: 'https://example.com/nodelocal:' }, 'root');
  scene.script('web').act('finish');
  await changes.reaches(elsewhere.id, 'SUCCEEDED');
  expect(await jobNow(b, id)).toMatchObject({ status: 'PENDING', attempts: 0 });
  expect(scene.script('reader').runs).toHaveLength(1);
});

test('with FILES_SHARED, another server continues a job that reads files', async () => {
  await using scene = await startNodes({ a: { FILES_SHARED: 'true' }, b: { FILES_SHARED: 'true' } });
  const [a, b] = scene.nodes;
  const { id } = await a.create('SCRIPTED', { name: 'reader', url: 'nodelocal:///in/rows.csv' }, 'root');
  const { coordinator } = await jobWhen(b, id, ({ status }) => status === 'RUNNING');
  scene.script('reader').act({ checkpoint: 3, fractionCompleted: 0.3 });
  await jobWhen(b, id, ({ fractionCompleted }) => fractionCompleted === 0.3);
  const [holder, other] = coordinator === 'a' ? [a, b] : [b, a];
  await using changes = changesOf(other);
  await scene.stop(holder);
  scene.script('reader').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(scene.script('reader').runs).toEqual([
    { phase: 'run', from: null },
    { phase: 'run', from: 3 },
  ]);
  await other.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const { data } = await other.send({ query: SERVERS });
  expect(data).toMatchObject({ databases: [{ name: 'demo', node: null }] });
});

const DRAIN = (name: string) => ({
  query: `mutation { drainServer(input: { name: "${name}" }) { server { name draining } } }`,
});

test('a server that is drained hands its jobs to others at once, gets no more, and goes on answering', async () => {
  // A lease that nobody waits for in a test.
  await using scene = await startNodes({ a: { LEASE_SECONDS: '600' }, b: { LEASE_SECONDS: '600' } });
  const [a, b] = scene.nodes;
  await using changes = changesOf(b);
  const { id } = await a.create('SCRIPTED', { name: 'job' }, 'root');
  const { coordinator: from } = await jobWhen(b, id, ({ status }) => status === 'RUNNING');
  scene.script('job').act({ checkpoint: 5, fractionCompleted: 0.5 });
  await jobWhen(b, id, ({ fractionCompleted }) => fractionCompleted === 0.5);
  expect((await b.send(DRAIN('c'))).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  await b.send({
    query: 'mutation { createUser(input: { name: "ann", privileges: [CONTROLJOB] }) { user { name } } }',
  });
  expect((await b.send(DRAIN('a'), 'ann')).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);

  // Any server can be asked.
  const [drained, other] = from === 'a' ? [a, b] : [b, a];
  const { data } = await other.send(DRAIN(String(from)));
  expect(data).toEqual({ drainServer: { server: { name: from, draining: true } } });
  const to = from === 'a' ? 'b' : 'a';
  await jobWhen(other, id, ({ coordinator }) => coordinator === to);
  scene.script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(scene.script('job').runs).toEqual([
    { phase: 'run', from: null },
    { phase: 'run', from: 5 },
  ]);
  // The only slot of the other server is taken: the second job waits for it.
  const ids: string[] = [];
  for (const name of ['one', 'two']) ids.push((await drained.create('SCRIPTED', { name }, 'root')).id);
  await changes.reaches(String(ids[0]), 'RUNNING');
  expect(await jobNow(drained, String(ids[1]))).toMatchObject({ status: 'PENDING', attempts: 0 });
  const ready = await fetch(drained.url.replace('/graphql', '/ready'));
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('draining')]);
  for (const name of ['one', 'two']) scene.script(name).act('finish');
  for (const name of ids) await changes.reaches(name, 'SUCCEEDED');
  const audit = await a.send({
    query: '{ auditEvents(where: { action: { equals: "drainServer" } }) { nodes { target } } }',
  });
  expect(audit.data).toEqual({ auditEvents: { nodes: [{ target: from }] } });
});

test('a server continues on a store that a newer version has migrated, if that permits it', async () => {
  await using scene = await startNodes({ a: {} });
  const [a] = scene.nodes;
  await using changes = changesOf(a);
  const { id } = await a.create('SCRIPTED', { name: 'job' }, 'root');
  await changes.reaches(id, 'RUNNING');
  await execute(scene.url, 'ALTER TABLE job ADD COLUMN later TEXT');
  await execute(
    scene.url,
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('later', 'x', '29990101000000_later', now())`,
  );
  const settings = { ...COMMON, DATABASE_URL: scene.url, NODE_NAME: 'b' };
  {
    await using b = await startApp({ settings });
    expect(((await b.send({ query: SERVERS })).data as { servers: unknown[] }).servers).toHaveLength(2);
  }
  scene.script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  await execute(scene.url, `UPDATE counters SET readable_by = '29990101000000_later'`);
  await expect(startApp({ settings })).rejects.toThrow('was made by a newer version');
});

test('an import whose server is killed and started again imports each row once', { timeout: 300_000 }, async () => {
  using folder = temporaryFolder();
  await using database = await createPostgresDatabase();
  writePeople(folder.path, 50_000);
  const settings = { ...COMMON, DATABASE_URL: database.url, LEASE_SECONDS: '60' };
  let server = await launch(folder.path, ['dist/main.js'], settings);
  const send = (query: string, variables: Record<string, unknown> = {}) => server.send(query, variables);
  await send('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const made = await send('mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }', {
    input: peopleImport({ maxRowsPerSecond: 20_000 }),
  });
  const { id } = (made as unknown as { createImport: { job: { id: string } } }).createImport.job;
  const job = async () =>
    (await send('query ($id: ID!) { job(id: $id) { status fractionCompleted } }', { id })).job as unknown as {
      status: string;
      fractionCompleted: number;
    };
  for (const fraction of [0.2, 0.5]) {
    await expect.poll(async () => (await job()).fractionCompleted).toBeGreaterThan(fraction);
    await server.kill();
    // The earlier session of the same server ends at the start: nobody waits for its lease.
    server = await launch(folder.path, ['dist/main.js'], settings);
  }
  const pause = `mutation ($id: ID!) { pauseJobs(jobs: { ids: [$id] }) { changedCount } }`;
  expect(await send(pause, { id })).toEqual({ pauseJobs: { changedCount: 1 } });
  await expect.poll(async () => (await job()).status).toBe('PAUSED');
  await send('mutation ($id: ID!) { resumeJobs(jobs: { ids: [$id] }) { changedCount } }', { id });
  await expect.poll(async () => (await job()).status).toBe('SUCCEEDED');
  await server.kill();
  expect(readPeople(folder.path)).toMatchObject({ count: 50_000, ids: 50_000 });
});
