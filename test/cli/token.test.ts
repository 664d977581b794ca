import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { partsOf } from '../../src/auth/token.ts';
import { startApp } from '../support/app.ts';
import { temporaryFolder } from '../support/process.ts';
import { bearer } from '../support/tokens.ts';
import { openSocket, postJson } from '../support/wire.ts';

const WHO = { query: '{ viewer { name scope user { tokens { id name kinds expiresAt } } } }' };

/** The command, as `npm run token` runs it. */
const runToken = async (dataDir: string, args: readonly string[], settings: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [resolve('dist/token.js'), ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const code = await new Promise((done) => child.once('close', done));
  return { code, output, errors, token: output.trimEnd().split('\n').at(-1) ?? '' };
};

test('the command creates the store and a token of root, with which a server is used from its first start', async () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const { code, output, token } = await runToken(dataDir, ['--user', 'root', '--name', 'first']);
  expect(code).toBe(0);
  expect(partsOf(token)).not.toBeNull();
  expect(output.split('\n')).toEqual([
    `Token ${partsOf(token)?.id} of user root has scope FULL and does not expire.`,
    'With AUTH=insecure, tokens are not checked.',
    token,
    '',
  ]);
  expect((statSync(dataDir).mode & 0o777).toString(8)).toBe('700');
  expect((statSync(join(dataDir, 'signalbox.db')).mode & 0o777).toString(8)).toBe('600');

  await using app = await startApp({ dataDir: folder.path, settings: { AUTH: 'token' } });
  expect((await postJson(app.url, WHO, bearer(token))).json.data).toMatchObject({ viewer: { name: 'root' } });
});

test('next to a running server it lets root in again, and nothing of what the server does is disturbed', async () => {
  await using app = await startApp({ settings: { AUTH: 'token' } });
  const { code, token } = await runToken(app.dataDir, ['--user', 'ROOT', '--scope', 'read', '--expires', '90d'], {
    AUTH: 'token',
  });
  expect(code).toBe(0);
  const { json } = await postJson(app.url, WHO, bearer(token));
  const { viewer } = json.data as { viewer: { user: { tokens: { expiresAt: string }[] } } };
  expect(viewer).toMatchObject({ name: 'root', scope: 'READ' });
  const days = (Date.parse(viewer.user.tokens[0]?.expiresAt ?? '') - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  expect(app.lost).toEqual([]);
  // The worker still holds its session.
  await using socket = await openSocket(app.url, { params: bearer(token) });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
});

test.each([
  [[], '--user is missing: name the user who signs in with the token'],
  [['--user', 'nobody'], 'user nobody does not exist'],
  [['--user', 'root', '--scope', 'ALL'], '--scope ALL: must be one of FULL, READ, PREVIEW, WORKER'],
  [['--user', 'root', '--expires', 'soon'], '--expires soon: must be a number and a unit, as in 90d, 12h, 30m or 45s'],
  [['--user', 'root', '--scope', 'WORKER'], 'kinds must list 1 to 100 kinds for scope WORKER'],
  [['--usr', 'root'], "Unknown option '--usr'; --help lists the options"],
])('%j is refused in one line, and nothing is printed as a token', async (args, message) => {
  using folder = temporaryFolder();
  const { code, output, errors } = await runToken(join(folder.path, 'data'), args);
  expect({ code, output, errors }).toEqual({ code: 1, output: '', errors: `${message}\n` });
});

test('text of the command line does not act on the terminal', async () => {
  using folder = temporaryFolder();
  const { code, errors } = await runToken(join(folder.path, 'data'), ['--user', 'root', '--scope', 'x\u202e\u009b31m']);
  expect(code).toBe(1);
  expect(errors).toContain('x\\u{202e}\\u{9b}31m');
  expect(errors).not.toMatch(/[\u202e\u009b]/);
});
