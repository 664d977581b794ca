/**
 * Two servers behind a real pgbouncer in transaction mode. It needs `pgbouncer` on the PATH; on Debian:
 * `apt-get install -y pgbouncer`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { createPostgresDatabase, execute } from '../support/postgres.ts';
import { temporaryFolder } from '../support/process.ts';
import { scriptedKind } from '../support/scripted.ts';

/** Debian puts pgbouncer where only root has it on the PATH. */
const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);
const isRoot = process.getuid?.() === 0;

beforeAll(() => {
  try {
    execFileSync('pgbouncer', ['--version'], { env: { PATH }, stdio: 'ignore' });
  } catch {
    throw new Error('pgbouncer is missing, which the tests behind a pooler need: apt-get install -y pgbouncer');
  }
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const startPooler = async (url: string) => {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const file = join(folder.path, 'pgbouncer.ini');
  // As many clients as they like share two sessions of PostgreSQL: each transaction may reach another one.
  writeFileSync(
    file,
    `[databases]
* = host=127.0.0.1 port=${new URL(url).port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_round_robin = 1
`,
  );
  chmodSync(file, 0o644);
  const child = spawn('pgbouncer', [...(isRoot ? ['-u', 'nobody'] : []), file], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      log += data;
      if (log.includes('process up')) resolve();
    });
    child.once('close', () => reject(new Error(`pgbouncer has ended: ${log}`)));
  });
  return {
    url: url.replace(/:\d+\//, `:${port}/`),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      folder[Symbol.dispose]();
    },
  };
};

const UNHEARD = 'notifications of PostgreSQL do not arrive';
const SETTINGS = { SIGNALBOX_SECRET: 'the secret of all servers', WORKERS: '1' };

test.each([
  ['without notifications', false],
  ['with a direct connection for notifications', true],
])('two servers work behind pgbouncer in transaction mode, %s', async (_, isDirect) => {
  await using database = await createPostgresDatabase();
  await using pooler = await startPooler(database.url);
  const { kind, script } = scriptedKind();
  const logLines: string[] = [];
  const start = (node: string) =>
    startApp({
      kinds: [kind],
      settings: {
        ...SETTINGS,
        DATABASE_URL: pooler.url,
        NODE_NAME: node,
        ...(isDirect ? { DATABASE_LISTEN_URL: database.url } : {}),
      },
      logLines,
    });
  await using a = await start('a');
  await using b = await start('b');
  const unheard = () => logLines.filter((line) => line.includes(UNHEARD)).length;
  if (!isDirect) await expect.poll(unheard).toBe(2);
  await using changes = changesOf(a);
  const ids: string[] = [];
  for (let n = 0; n < 20; n += 1) ids.push((await b.create('SCRIPTED', { name: String(n) }, 'root')).id);
  const paused = ids.slice(10);
  await order(b, 'PAUSE', paused);
  for (const id of paused) await changes.reaches(id, 'PAUSED');
  await order(a, 'RESUME', paused);
  for (let n = 0; n < 20; n += 1) script(String(n)).act('finish');
  for (const id of ids) await changes.reaches(id, 'SUCCEEDED');
  for (const id of ids) {
    expect(await jobNow(b, id)).toMatchObject({ status: 'SUCCEEDED', attempts: 0 });
    expect(script(String(ids.indexOf(id))).runs).toHaveLength(1);
  }
  // Settings of one transaction do not reach the next client of the session.
  const settings = await execute(
    pooler.url,
    `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock`,
  );
  expect(settings).toEqual([{ statement: '0', lock: '0' }]);
  expect(unheard()).toBe(isDirect ? 0 : 2);
});
