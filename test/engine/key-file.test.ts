/**
 * The key file, which only a server with an embedded store has: servers that share a store share a secret. These run on
 * SQLite, whatever STORE says.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { SECRETS, secretiveKind } from '../support/secretive.ts';

test('the key file stays, and a job of its time goes on once SIGNALBOX_SECRET is set', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const { kind, script, given } = secretiveKind();
  let id = '';
  let key: Buffer;
  {
    await using app = await startApp({ embedded: true, dataDir, kinds: [kind] });
    await using changes = changesOf(app);
    id = (await app.create('SECRETIVE', { name: 'job' }, 'root')).id;
    await changes.reaches(id, 'RUNNING');
    key = readFileSync(join(app.dataDir, 'secret.key'));
    expect([key.length, statSync(join(app.dataDir, 'secret.key')).mode & 0o777]).toEqual([32, 0o600]);
  }
  await using app = await startApp({
    embedded: true,
    dataDir,
    kinds: [kind],
    settings: { SIGNALBOX_SECRET: 'x'.repeat(16) },
  });
  await using changes = changesOf(app);
  await expect.poll(() => given).toEqual([SECRETS, SECRETS]);
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(readFileSync(join(app.dataDir, 'secret.key'))).toEqual(key);
  expect(readdirSync(app.dataDir).filter((name) => name.startsWith('secret'))).toEqual(['secret.key']);
});

test.each([
  ['has 31 bytes, and a key has 32', (file: string) => writeFileSync(file, Buffer.alloc(31), { mode: 0o600 })],
  [
    'is accessible to every user of this machine (mode 0604)',
    (file: string) => {
      writeFileSync(file, Buffer.alloc(32));
      chmodSync(file, 0o604);
    },
  ],
  ['is no file', (file: string) => mkdirSync(file, { mode: 0o700 })],
])('a server whose key file %s does not start, and leaves the file as it is', async (message, make) => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'data'));
  const file = join(folder.path, 'data', 'secret.key');
  make(file);
  const before = statSync(file);
  const settings = [{}, { SIGNALBOX_SECRET: 'sixteen characters and more' }];
  for (const one of settings) {
    await expect(startApp({ embedded: true, dataDir: folder.path, settings: one })).rejects.toThrow(
      `the key file ${file} ${message}`,
    );
  }
  const { size, mode, ino } = statSync(file);
  expect([size, mode, ino]).toEqual([before.size, before.mode, before.ino]);
  expect(readdirSync(join(folder.path, 'data')).filter((name) => name.startsWith('secret'))).toEqual(['secret.key']);
});

test('a job whose credentials cannot be opened is paused with the reason, and goes on once they can', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const settings = { SIGNALBOX_SECRET: 'sixteen characters and more' };
  const { kind, script, given } = secretiveKind();
  let id = '';
  {
    await using app = await startApp({ embedded: true, dataDir, kinds: [kind], settings });
    await using changes = changesOf(app);
    id = (await app.create('SECRETIVE', { name: 'job' }, 'root')).id;
    await changes.reaches(id, 'RUNNING');
  }
  {
    await using app = await startApp({
      embedded: true,
      dataDir,
      kinds: [kind],
      settings: { SIGNALBOX_SECRET: 'sixteen other characters' },
    });
    await using changes = changesOf(app);
    await changes.reaches(id, 'PAUSED');
    expect((await jobNow(app, id)).pauseReason).toContain('another SIGNALBOX_SECRET');
  }
  await using app = await startApp({ embedded: true, dataDir, kinds: [kind], settings });
  await using changes = changesOf(app);
  await order(app, 'RESUME', [id]);
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(given).toEqual([SECRETS, SECRETS]);
});
