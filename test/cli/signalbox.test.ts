import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/process.ts';
import { startScripted } from '../support/scripted-app.ts';

const COMMAND = resolve('dist/signalbox.js');
const ids = (text: string) => text.match(/\d{10,}/g) ?? [];

const start = (args: readonly string[], url = 'http://127.0.0.1:1/graphql', cwd = '.'): ChildProcess =>
  spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...process.env, SIGNALBOX_URL: url, SIGNALBOX_USER: 'root' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const run = async (args: readonly string[], url?: string) => {
  const child = start(args, url);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text) => {
    out += text;
  });
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
};

test('jobs are listed and shown for people and programs, and a command previews, asks, waits and refuses', async () => {
  await using scene = await startScripted();
  const { url } = scene.app;
  const one = await scene.start('one');
  const two = await scene.start('two');
  const list = await run(['jobs', '--status', 'running'], url);
  expect(list).toMatchObject({ code: 0, err: '' });
  expect(ids(list.out)).toEqual([two, one]);
  expect(list.out.split('\n')[0]).toMatch(/^ID +TYPE +STATUS +DONE +USER +CREATED +DESCRIPTION$/);
  const lines = (await run(['jobs', '--json', '--limit', '1'], url)).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id: two, status: 'RUNNING' }]);
  const shown = await run(['job', one], url);
  expect(shown.out).toMatch(/^status +RUNNING$/m);

  const preview = await run(['pause', '--type', 'scripted', '--dry-run'], url);
  expect(preview).toMatchObject({ code: 0 });
  expect(preview.out).toContain('would pause 2 jobs');
  const unasked = await run(['pause', '--type', 'scripted'], url);
  expect(unasked).toMatchObject({ code: 2, out: '' });
  expect(unasked.err).toContain('would pause 2 jobs. Pass --yes to do so without a question');
  expect((await run(['jobs', '--json'], url)).out.match(/"status":"RUNNING"/g)).toHaveLength(2);

  const paused = await run(['pause', '--type', 'scripted', '--yes', '--wait', '--reason', 'lunch'], url);
  expect(paused).toMatchObject({ code: 0, err: '' });
  expect(paused.out).toContain('pause: 2 jobs changed');
  expect(paused.out.match(/PAUSED/g)).toHaveLength(2);
  const canceled = await run(['cancel', one, '--json'], url);
  expect(JSON.parse(canceled.out)).toMatchObject({ applied: true, changed: [{ jobId: one, from: 'PAUSED' }] });
  scene.script('one').act('finish');
  await scene.changes.reaches(one, 'CANCELED');
  const refused = await run(['pause', one], url);
  expect(refused).toMatchObject({ code: 3, err: `cannot pause canceled job ${one}\n` });
});

test('what is wrong with a command is said in a line, with exit code 2; errors of the server have 1', async () => {
  await using scene = await startScripted();
  const { url } = scene.app;
  for (const [args, message] of [
    [['pause'], 'which jobs? Give ids, a filter such as --type IMPORT, or --all'],
    [['pause', '1', '--all'], 'give either ids, or a filter, or --all: not several of them'],
    [['jobs', '--status', 'nope'], '--status nope: must be one of PENDING, RUNNING'],
    [['jobs', '--where', '{'], '--where {: is no JSON'],
    [['jobs', '--nope'], "unknown option '--nope'"],
    [['absent.db'], 'absent.db: there is no such file'],
  ] as const) {
    const { code, out, err } = await run(args, url);
    expect([args, code, out]).toEqual([args, 2, '']);
    expect(err).toContain(message);
  }
  expect(await run(['job', '12'], url)).toMatchObject({
    code: 1,
    err: 'signalbox: job 12 does not exist, or you may not see it\n',
  });
  expect(await run(['jobs', '--where', '{"nope": 1}'], url)).toMatchObject({ code: 1, out: '' });
  expect(await run(['jobs'])).toMatchObject({
    code: 1,
    err: 'signalbox: no server answers at http://127.0.0.1:1/graphql: start one with signalbox serve\n',
  });
});

test('a file is sent, previewed and imported into a new table, then into the same one, and removed', async () => {
  using folder = temporaryFolder();
  await using scene = await startScripted();
  const { url } = scene.app;
  await scene.app.send({ query: 'mutation { createDatabase(input: { name: "shop" }) { database { name } } }' });
  const file = join(folder.path, 'prices, old.csv');
  writeFileSync(
    file,
    `id;name;since\n${Array.from({ length: 500 }, (_, n) => `${n};"N ${n}";2024-01-02`).join('\n')}\n`,
  );
  const args = ['import', file, '--database', 'shop', '--table', 'prices', '--yes'];
  const first = await run(args, url);
  expect(first).toMatchObject({ code: 0 });
  expect(first.out).toContain('CSV, UTF-8, delimiter ";"\nid INTEGER  name TEXT  since DATE\n');
  expect(first.out).toMatch(/SUCCEEDED: 500 rows\n$/);
  const second = await run([...args, '--json'], url);
  expect(JSON.parse(second.out)).toMatchObject({
    status: 'SUCCEEDED',
    counters: expect.arrayContaining([{ name: 'rows', value: 500 }]),
  });
  expect(
    (
      await scene.app.send({
        query: '{ files { nodes { path } } database(name: "shop") { tables { name rowCount } } }',
      })
    ).data,
  ).toEqual({
    files: { nodes: [{ path: 'sample.csv' }] },
    database: { tables: [{ name: 'prices', rowCount: 1000 }] },
  });
  expect(await run(['import', file, '--database', 'none', '--table', 't', '--yes'], url)).toMatchObject({
    code: 1,
    err: 'signalbox: database none does not exist, or you may not use it\n',
  });
  expect(await run(['import', file, '--database', 'shop', '--table', 't'], url)).toMatchObject({ code: 2, out: '' });
});

test('follow continues after the cursor that it kept', async () => {
  using folder = temporaryFolder();
  await using scene = await startScripted();
  const file = join(folder.path, 'cursor');
  const id = await scene.start('one');
  const first = start(['follow', '--after', '0000000000000000', '--cursor-file', file], scene.app.url);
  const lines = createInterface({ input: first.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatch(new RegExp(`^0{15}1 \\S+ ${id} NEW → PENDING by root$`));
  expect((await lines.next()).value).toContain('PENDING → RUNNING');
  // The cursor of a change is kept when the next one is asked for.
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toBe('0000000000000002');
  first.kill('SIGKILL');
  await once(first, 'close');
  const second = start(['follow', '--cursor-file', file, '--json'], scene.app.url);
  await run(['pause', id], scene.app.url);
  const again = createInterface({ input: second.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  expect(JSON.parse((await again.next()).value)).toMatchObject({ jobId: id, to: 'PAUSE_REQUESTED', command: 'PAUSE' });
  second.kill();
  await once(second, 'close');
});

test('a file is served, continues after kill -9, and has no trace of it at the end', async () => {
  using folder = temporaryFolder();
  const database = new Database(join(folder.path, 'shop.db'));
  database.exec('CREATE TABLE t (x INTEGER PRIMARY KEY)');
  const serve = async () => {
    const child = start(['shop.db', '--port', '0'], undefined, folder.path);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    const line = String((await lines.next()).value);
    expect(line).toMatch(/^shop\.db is database shop\. The jobs are at http:\/\/127\.0\.0\.1:\d+\/$/);
    return { child, url: `${line.split(' ').at(-1)}graphql` };
  };
  const first = await serve();
  const source = join(folder.path, '.signalbox-shop', 'files', 'sample.csv');
  writeFileSync(source, `x\n${Array.from({ length: 30_000 }, (_, n) => n).join('\n')}\n`);
  const query =
    'mutation { createImport(input: { database: "shop", table: "t", sources: ["nodelocal:///sample.csv"], maxRowsPerSecond: 10000 }) { job { id } } }';
  const made = await fetch(first.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const [id = ''] = ids(await made.text());
  await expect.poll(() => database.prepare('SELECT count(*) FROM t').pluck().get()).toBeGreaterThan(0);
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const second = await serve();
  await expect.poll(async () => (await run(['job', id], second.url)).out).toMatch(/^status +SUCCEEDED$/m);
  second.child.kill('SIGINT');
  expect(await once(second.child, 'close')).toEqual([0, null]);
  expect(database.prepare('SELECT count(*), max(x) FROM t').raw().get()).toEqual([30_000, 29_999]);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%'").all()).toEqual([]);
  database.close();
  expect(readdirSync(folder.path)).toEqual(['shop.db']);
});
