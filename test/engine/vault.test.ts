import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVault } from '../../src/auth/vault.ts';
import { changesOf, startApp } from '../support/app.ts';
import { filesWith } from '../support/files.ts';
import { temporaryFolder } from '../support/process.ts';
import { scriptedKind } from '../support/scripted.ts';
import { SECRETS, secretiveKind } from '../support/secretive.ts';

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
  script('job').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(filesWith(app.dataDir, 'hush')).toEqual([]);
  expect(given).toEqual([SECRETS]);
});
