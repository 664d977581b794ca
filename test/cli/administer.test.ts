import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';

const COMMAND = resolve('dist/signalbox.js');

/** The exit code, and what was printed. */
const run = (url: string, ...args: readonly string[]) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const env = { ...process.env, SIGNALBOX_URL: url, SIGNALBOX_USER: 'root' };
    const child = execFile(process.execPath, [COMMAND, ...args], { env }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });

test('databases and users are added, listed and removed; a backup is made, verified and restored', async () => {
  await using app = await startApp();
  const signalbox = (...args: readonly string[]) => run(app.url, ...args);
  expect(await signalbox('databases', 'add', 'demo')).toEqual({ code: 0, out: 'added demo\n', err: '' });
  expect(JSON.parse((await signalbox('databases', '--json')).out)).toMatchObject({ name: 'demo', url: 'file:demo.db' });
  await signalbox('users', 'add', 'ada', '--privileges', 'createjob', '--databases', 'demo');
  expect((await signalbox('users')).out).toMatch(
    /^NAME +PRIVILEGES +DATABASES\nada +CREATEJOB +demo\nroot +ADMIN +all\n$/,
  );
  expect(await signalbox('users', 'remove', 'ada')).toMatchObject({ code: 0, out: 'removed ada\n' });
  expect(await signalbox('users', 'remove', 'ada')).toMatchObject({ code: 1, out: '' });
  mkdirSync(join(app.dataDir, 'files'), { recursive: true });
  writeFileSync(join(app.dataDir, 'files', 'rows.csv'), 'id,name\n1,a\n2,b\n');
  const source = ['nodelocal:///rows.csv', '--database', 'demo', '--table', 't', '--yes'];
  expect((await signalbox('import', ...source)).out).toMatch(/SUCCEEDED: 2 rows\n$/);
  expect(await signalbox('backup', 'demo', 'nodelocal:///b1')).toMatchObject({ code: 0 });
  expect(await signalbox('verify', 'nodelocal:///b1')).toMatchObject({ code: 0 });
  const restored = await signalbox('restore', 'nodelocal:///b1', 'copy', '--json');
  expect(JSON.parse(restored.out)).toMatchObject({ type: 'RESTORE', status: 'SUCCEEDED' });
  expect(await signalbox('restore', 'nodelocal:///none', 'other')).toMatchObject({
    code: 1,
    err: expect.stringContaining('BAD_USER_INPUT: there is no backup at nodelocal:///none'),
  });
  const { data } = await app.send({ query: '{ databases { name tables { name rowCount } } }' });
  expect(data).toEqual({
    databases: [
      { name: 'copy', tables: [{ name: 't', rowCount: 2 }] },
      { name: 'demo', tables: [{ name: 't', rowCount: 2 }] },
    ],
  });
});

test('doctor has a line for each check, and exit code 1 if one fails; completion prints a script', async () => {
  await using app = await startApp();
  const healthy = await run(app.url, 'doctor', '--json');
  expect(healthy.code).toBe(0);
  const findings = healthy.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(findings.map(({ state }) => state)).toEqual(findings.map(() => 'ok'));
  expect(findings.map(({ check }) => check)).toContain('sign-in');
  const away = await run('http://127.0.0.1:1/graphql', 'doctor');
  expect(away).toMatchObject({ code: 1, out: expect.stringContaining('failed   server: ') });
  expect((await run(app.url, 'completion', 'bash')).out).toContain('complete -o default -F _signalbox signalbox');
  expect((await run(app.url, 'completion', 'fish')).out).toContain("'__fish_use_subcommand' -a doctor");
  expect(await run(app.url, 'completion', 'nope')).toMatchObject({ code: 2, out: '' });
});
