import { spawn } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { VERSION } from '../src/app/assets.ts';
import { temporaryFolder } from './support/process.ts';
import { postJson } from './support/wire.ts';

/** The real process, as `npm start` runs it. */
const startProcess = (environment: Readonly<Record<string, string>>, { cwd = tmpdir() }: { cwd?: string } = {}) => {
  const child = spawn(process.execPath, [resolve('dist/main.js')], {
    cwd,
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      output += `${line}\n`;
      const url = /Signalbox ready at ([^"\s]+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`it ended before it was ready: ${errors}`)));
  });
  ready.catch(() => undefined);
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    pid: child.pid,
    ready,
    ended,
    output: () => output,
    errors: () => errors,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const failing = async (environment: Readonly<Record<string, string>>) => {
  using folder = temporaryFolder();
  await using server = startProcess({ DATA_DIR: join(folder.path, 'data'), ...environment });
  const code = await server.ended;
  return { code, errors: server.errors(), output: server.output(), made: readdirSync(folder.path) };
};

const logOf = (output: string): readonly object[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

test.each([
  ['HOST', '0.0.0.0', 'must be one of 127.0.0.1, ::1, localhost while AUTH=insecure'],
  ['PORT', 'http', 'must be a whole number from 0 to 65535'],
  ['PORT', '65536', 'must be a whole number from 0 to 65535'],
  ['PORT', '-1', 'must be a whole number from 0 to 65535'],
  ['DATABASE_URL', 'file:', 'must be file: and a path, or postgresql://USER:PASSWORD@HOST/DATABASE'],
  ['AUTH', 'none', 'must be one of insecure, token, jwt'],
  [
    'JWKS_URL',
    'http://login.example.com/keys',
    'must be an https URL, as https://login.example.com/.well-known/jwks.json',
  ],
  [
    'PUBLIC_URL',
    'example.com/jobs',
    'must be the http(s) URL under which the server is reached, as https://example.com/jobs',
  ],
  ['TRUST_PROXY', 'nginx', 'must be the number of proxies, or their addresses or networks'],
  ['TRUST_PROXY', '10.0.0.0/33', 'must be the number of proxies, or their addresses or networks'],
  ['ALLOWED_ORIGINS', 'https://example.com/path', 'must list origins such as https://example.com, separated by commas'],
  ['ALLOWED_ORIGINS', 'a,b', 'must list origins such as https://example.com, separated by commas'],
  ['ALLOWED_ORIGINS', '*', 'must list origins such as https://example.com, separated by commas'],
  [
    'ALLOW_PRIVATE_HOSTS',
    'http://intranet',
    'must list hosts such as intranet.example or 10.0.0.5:8080, separated by commas',
  ],
  [
    'ALLOW_PRIVATE_HOSTS',
    '10.0.0.0/8',
    'must list hosts such as intranet.example or 10.0.0.5:8080, separated by commas',
  ],
  ['WORKERS', '0', 'must be a whole number from 1 to 1024'],
  ['LEASE_SECONDS', '1.5', 'must be a whole number from 1 to 3600'],
  ['DRAIN_SECONDS', '0', 'must be a whole number from 1 to 3600'],
  ['RETENTION_DAYS', '36501', 'must be a whole number from 0 to 36500'],
  ['AUDIT_DAYS', '-1', 'must be a whole number from 0 to 36500'],
  ['MAX_QUERY_DEPTH', '0', 'must be a whole number from 1 to 100'],
  ['INTROSPECTION', 'no', 'must be true or false'],
  ['OWNERS_CONTROL_JOBS', 'yes', 'must be true or false'],
  ['LOG_FORMAT', 'xml', 'must be one of json, pretty'],
  ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
])('%s=%s ends the process with one line that names it', async (name, value, message) => {
  expect(await failing({ [name]: value })).toEqual({
    code: 1,
    errors: `${name}=${value}: ${message}\n`,
    output: '',
    made: [],
  });
});

test('the password of an invalid URL is not shown', async () => {
  const { code, errors } = await failing({ DATABASE_URL: 'mysql://app:hunter2/@2@db/jobs?sslpassword=hunter2' });
  expect([code, errors]).toEqual([
    1,
    'DATABASE_URL=mysql://…@db/jobs?sslpassword=…: must be file: and a path, or postgresql://USER:PASSWORD@HOST/DATABASE\n',
  ]);
});

test('several mistakes are reported together, a line each', async () => {
  const { code, errors } = await failing({ HOST: 'example.com', PORT: 'x', WORKERS: '-3', LOG_LEVEL: 'a\nb' });
  expect(code).toBe(1);
  expect(
    errors
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['HOST=example.com', 'PORT=x', 'WORKERS=-3', 'LOG_LEVEL=a b']);
});

test('AUTH=jwt names each setting that it needs', async () => {
  const { code, errors } = await failing({ AUTH: 'jwt', HOST: '0.0.0.0', JWT_ISSUER: 'https://login.example.com' });
  expect([code, errors]).toEqual([
    1,
    'JWKS_URL=: either JWKS_URL or JWT_KEY_FILE must be set with AUTH=jwt, and not both\n' +
      'JWT_AUDIENCE=: must be set with AUTH=jwt\n',
  ]);
});

test('a job store on PostgreSQL needs SIGNALBOX_SECRET', async () => {
  const { code, errors, made } = await failing({ DATABASE_URL: 'postgresql://app:hunter2@127.0.0.1:1/jobs' });
  expect([code, errors, made]).toEqual([
    1,
    'SIGNALBOX_SECRET=: must be set with a job store on PostgreSQL, to the same value on each server\n',
    [],
  ]);
});

test('with AUTH=token any HOST is allowed', async () => {
  using folder = temporaryFolder();
  await using server = startProcess({ DATA_DIR: join(folder.path, 'data'), AUTH: 'token', HOST: '0.0.0.0' });
  expect(new URL(await server.ready).hostname).toBe('0.0.0.0');
});

test('an empty variable counts as left out', async () => {
  using folder = temporaryFolder();
  await using server = startProcess({
    DATA_DIR: join(folder.path, 'data'),
    HOST: '',
    WORKERS: '',
    ALLOWED_ORIGINS: '',
  });
  expect(new URL(await server.ready).hostname).toBe('127.0.0.1');
});

test('a port that is taken is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const { code, errors, output } = await failing({ PORT: String(port) });
  await new Promise((resolve) => other.close(resolve));
  expect([code, errors]).toEqual([1, `PORT=${port}: another program listens on 127.0.0.1:${port}\n`]);
  expect(output).not.toContain('ready');
});

test('a data folder that cannot be one is named', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, 'text');
  await using server = startProcess({ DATA_DIR: join(file, 'data') });
  expect(await server.ended).toBe(1);
  expect(server.errors()).toMatch(new RegExp(`^DATA_DIR=${file}/data: the folder cannot be used: .*\n$`));
});

test('the last line at the start says where it is, and a second server on the same data is refused', async () => {
  using folder = temporaryFolder();
  const environment = { DATA_DIR: join(folder.path, 'data') };
  await using first = startProcess(environment);
  const url = await first.ready;
  const msg = expect.stringMatching(/^Signalbox ready at \S+ after \d+\.\d s$/);
  expect(JSON.parse(first.output().split('\n').at(-2) ?? '')).toMatchObject({ url, msg });
  await expect.poll(first.errors).toBe(`Signalbox ready at ${url}\n`);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);

  await using second = startProcess(environment);
  expect(await second.ended).toBe(1);
  expect(second.errors()).toBe(
    `Signalbox cannot start: the job store ${join(folder.path, 'data', 'signalbox.db')} is in use by another Signalbox, process ${first.pid}\n`,
  );
  expect(second.output()).not.toContain('ready');

  const made = await postJson(url, {
    query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }',
  });
  expect(made.json).toEqual({ data: { createDatabase: { database: { name: 'demo' } } } });
});

test('start and stop are logged with pid, version, data folder and settings, without secrets', async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'data');
  await using server = startProcess({
    DATA_DIR: data,
    WORKERS: '3',
    SIGNALBOX_SECRET: 'correct horse battery',
    METRICS_TOKEN: 'wrong horse battery',
  });
  await server.ready;
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
  const about = { pid: server.pid, version: VERSION, node: process.version, dataDir: data };
  expect(logOf(server.output())).toMatchObject([
    {
      ...about,
      msg: 'starting',
      settings: { WORKERS: '3', PORT: '0', SIGNALBOX_SECRET: '…', METRICS_TOKEN: '…' },
    },
    { msg: 'the job store is open', version: VERSION, jobs: {}, takenOver: 0, migrations: expect.any(Array) },
    { level: 30, msg: expect.stringContaining('Signalbox ready at http://') },
    { ...about, msg: 'stopping', signal: 'SIGTERM' },
    { ...about, msg: 'stopped' },
  ]);
  expect(server.output()).not.toMatch(/(correct|wrong) horse/);
  // Nothing but JSON.
  expect(
    server
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).level),
  ).toEqual([30, 30, 30, 30, 30]);
  expect(readdirSync(data)).not.toContain('signalbox.db-pid');
});

test('everything in the data folder is for its owner alone', async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'data');
  await using server = startProcess({ DATA_DIR: data });
  await postJson(await server.ready, {
    query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }',
  });
  const modes = readdirSync(data, { recursive: true, encoding: 'utf8' }).map((path) => {
    const { mode } = statSync(join(data, path));
    return [path, (mode & 0o777).toString(8)];
  });
  expect((statSync(data).mode & 0o777).toString(8)).toBe('700');
  expect(Object.fromEntries(modes)).toMatchObject({
    databases: '700',
    'databases/demo.db': '600',
    files: '700',
    'files/sample.csv': '600',
    'secret.key': '600',
    'signalbox.db': '600',
    'signalbox.db-lock': '600',
    'signalbox.db-pid': '600',
    'signalbox.db-shm': '600',
    'signalbox.db-wal': '600',
  });
  expect(modes.filter(([, mode]) => mode !== '600' && mode !== '700')).toEqual([]);
});
