import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVault } from '../../src/auth/vault.ts';
import type { Kind, Secrets } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { filesWith } from '../support/files.ts';
import { temporaryFolder } from '../support/process.ts';
import { scriptedKind } from '../support/scripted.ts';

const SECRETS = { key: 'hush, hush' };

const FILE_KEY = randomBytes(32);
const vaultOf = (secret: string | null, fileKey: Buffer | null = FILE_KEY) =>
  createVault({ secret, fileKey, storeId: '01234567' });

test.each(['sixteen characters and more', null])(
  'what is sealed opens again, and does not show what it holds',
  (secret) => {
    const vault = vaultOf(secret);
    const sealed = vault.seal(SECRETS);
    expect(Buffer.from(sealed.split(':')[1] ?? '', 'base64').includes('hush')).toBe(false);
    expect(vault.seal(SECRETS)).not.toBe(sealed);
    expect(vault.open(sealed)).toEqual(SECRETS);
    expect(vaultOf(secret).open(sealed)).toEqual(SECRETS);
  },
);

test('what the key file sealed opens once SIGNALBOX_SECRET is set, as does the plain text of earlier versions', () => {
  const byFile = vaultOf(null);
  const bySecret = vaultOf('sixteen characters and more');
  expect(bySecret.open(byFile.seal(SECRETS))).toEqual(SECRETS);
  for (const vault of [byFile, bySecret]) expect(vault.open(JSON.stringify(SECRETS))).toEqual(SECRETS);
});

test('with another key nothing opens, and the error names the setting or the file', () => {
  const byFile = vaultOf(null).seal(SECRETS);
  const bySecret = vaultOf('sixteen characters and more').seal(SECRETS);
  expect(() => vaultOf(null).open(bySecret)).toThrow('SIGNALBOX_SECRET is not set');
  expect(() => vaultOf('sixteen other characters').open(bySecret)).toThrow('with another SIGNALBOX_SECRET');
  expect(() => vaultOf(null, randomBytes(32)).open(byFile)).toThrow('with another secret.key');
  expect(() => vaultOf('sixteen characters and more', null).open(byFile)).toThrow('there is no secret.key');
  expect(() => vaultOf(null, null)).toThrow('there is no key');
  expect(() => vaultOf(null).open(`${byFile.slice(0, -8)}AAAAAAA=`)).toThrow('with another secret.key');
});

test('servers with the same secret on the same store open what others sealed for the same purpose', () => {
  const box = vaultOf('sixteen characters and more').boxFor('plan');
  const sealed = box.seal('hush');
  expect(Buffer.from(sealed, 'base64url').includes('hush')).toBe(false);
  expect(String(vaultOf('sixteen characters and more', null).boxFor('plan').open(sealed))).toBe('hush');
  const elsewhere = createVault({ secret: 'sixteen characters and more', fileKey: null, storeId: '76543210' });
  const others = [vaultOf('sixteen other characters'), vaultOf(null), elsewhere].map((vault) => vault.boxFor('plan'));
  for (const other of [...others, vaultOf('sixteen characters and more').boxFor('probe')]) {
    expect(other.open(sealed)).toBeNull();
  }
  for (const text of ['', 'x', sealed.slice(4), `${sealed.slice(0, -4)}AAAA`]) expect(box.open(text)).toBeNull();
});

/** A kind whose jobs have a secret and report it. */
const secretiveKind = () => {
  const { kind, script } = scriptedKind('SECRETIVE');
  const given: (Secrets | undefined)[] = [];
  const secretive: Kind = {
    ...kind,
    create: async (input, environment) => ({ ...(await kind.create(input, environment)), secrets: SECRETS }),
    run: (work, io) => {
      given.push(work.secrets);
      return kind.run(work, io);
    },
  };
  return { kind: secretive, script, given };
};

test('the hash of an input depends on the key, and a plain hash of an earlier version is replaced at the start', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const { kind } = scriptedKind();
  const create = (app: Awaited<ReturnType<typeof startApp>>, name: string) =>
    app.create('SCRIPTED', { name, idempotencyKey: 'once' }, 'root');
  const plain = createHash('sha256').update('{"name":"job"}').digest('hex');
  let id = '';
  {
    await using app = await startApp({ dataDir, kinds: [kind] });
    id = (await create(app, 'job')).id;
    const [hash = ''] = await app.store.hashesWithout('x', 10);
    expect(hash).toMatch(/^hmac:[0-9a-f]{64}$/);
    expect(hash).not.toContain(plain);
    expect(vaultOf(null).hash(plain)).not.toBe(hash.slice('hmac:'.length));
    await app.store.replaceHashes({ [hash]: plain });
    expect(await app.store.hashesWithout('hmac:', 10)).toEqual([plain]);
  }
  await using app = await startApp({ dataDir, kinds: [kind] });
  expect(await app.store.hashesWithout('hmac:', 10)).toEqual([]);
  expect(await create(app, 'job')).toMatchObject({ id, created: false });
  await expect(create(app, 'another')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

const isOnSqlite = process.env.STORE !== 'postgres';

test.each([
  { settings: {}, name: 'the key file' },
  { settings: { SIGNALBOX_SECRET: 'sixteen characters and more' }, name: 'SIGNALBOX_SECRET' },
])('while a job runs, its secrets are in no file of the data folder, with $name', async ({ settings }) => {
  const { kind, script, given } = secretiveKind();
  await using app = await startApp({ kinds: [kind], settings });
  await using changes = changesOf(app);
  const { id } = await app.create('SECRETIVE', { name: 'job' }, 'root');
  await changes.reaches(id, 'RUNNING');
  expect(filesWith(app.dataDir, 'hush')).toEqual([]);
  if (isOnSqlite) expect(filesWith(app.dataDir, 'SECRETIVE')).not.toEqual([]);
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(filesWith(app.dataDir, 'hush')).toEqual([]);
  expect(given).toEqual([SECRETS]);
});

test.runIf(isOnSqlite)('the key file stays, and a job of its time goes on once SIGNALBOX_SECRET is set', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const { kind, script, given } = secretiveKind();
  let id = '';
  let key: Buffer;
  {
    await using app = await startApp({ dataDir, kinds: [kind] });
    await using changes = changesOf(app);
    id = (await app.create('SECRETIVE', { name: 'job' }, 'root')).id;
    await changes.reaches(id, 'RUNNING');
    key = readFileSync(join(app.dataDir, 'secret.key'));
    expect([key.length, statSync(join(app.dataDir, 'secret.key')).mode & 0o777]).toEqual([32, 0o600]);
  }
  await using app = await startApp({ dataDir, kinds: [kind], settings: { SIGNALBOX_SECRET: 'x'.repeat(16) } });
  await using changes = changesOf(app);
  await expect.poll(() => given).toEqual([SECRETS, SECRETS]);
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(readFileSync(join(app.dataDir, 'secret.key'))).toEqual(key);
  expect(readdirSync(app.dataDir).filter((name) => name.startsWith('secret'))).toEqual(['secret.key']);
});

test.runIf(isOnSqlite).each([
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
    await expect(startApp({ dataDir: folder.path, settings: one })).rejects.toThrow(`the key file ${file} ${message}`);
  }
  const { size, mode, ino } = statSync(file);
  expect([size, mode, ino]).toEqual([before.size, before.mode, before.ino]);
  expect(readdirSync(join(folder.path, 'data')).filter((name) => name.startsWith('secret'))).toEqual(['secret.key']);
});

test.runIf(isOnSqlite)(
  'a job whose credentials cannot be opened is paused with the reason, and goes on once they can',
  async () => {
    using folder = temporaryFolder();
    const dataDir = folder.path;
    const settings = { SIGNALBOX_SECRET: 'sixteen characters and more' };
    const { kind, script, given } = secretiveKind();
    let id = '';
    {
      await using app = await startApp({ dataDir, kinds: [kind], settings });
      await using changes = changesOf(app);
      id = (await app.create('SECRETIVE', { name: 'job' }, 'root')).id;
      await changes.reaches(id, 'RUNNING');
    }
    {
      await using app = await startApp({
        dataDir,
        kinds: [kind],
        settings: { SIGNALBOX_SECRET: 'sixteen other characters' },
      });
      await using changes = changesOf(app);
      await changes.reaches(id, 'PAUSED');
      expect((await jobNow(app, id)).pauseReason).toContain('another SIGNALBOX_SECRET');
    }
    await using app = await startApp({ dataDir, kinds: [kind], settings });
    await using changes = changesOf(app);
    await order(app, 'RESUME', [id]);
    script('job').act('finish');
    await changes.reaches(id, 'SUCCEEDED');
    expect(given).toEqual([SECRETS, SECRETS]);
  },
);
