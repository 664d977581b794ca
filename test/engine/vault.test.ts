import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVault } from '../../src/auth/vault.ts';
import type { Kind, Secrets } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { scriptedKind } from '../support/scripted.ts';

const SECRETS = { key: 'hush, hush' };

test('what is sealed opens again, and does not show what it holds', () => {
  const vault = createVault('sixteen characters and more');
  const sealed = vault.seal(SECRETS);
  expect(sealed).not.toContain('hush');
  expect(vault.seal(SECRETS)).not.toBe(sealed);
  expect(vault.open(sealed)).toEqual(SECRETS);
  expect(createVault('sixteen characters and more').open(sealed)).toEqual(SECRETS);
});

test('secrets stored without a key open with one; in the opposite case the error names the missing setting', () => {
  const open = createVault(null);
  const closed = createVault('sixteen characters and more');
  expect(closed.open(open.seal(SECRETS))).toEqual(SECRETS);
  expect(() => open.open(closed.seal(SECRETS))).toThrow('SIGNALBOX_SECRET is not set');
  expect(() => createVault('sixteen other characters').open(closed.seal(SECRETS))).toThrow(
    'encrypted with another SIGNALBOX_SECRET',
  );
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

test('a job whose credentials cannot be opened is paused with the reason, and goes on once they can', async () => {
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
    for (const end of ['', '-wal']) {
      const bytes = readFileSync(join(app.dataDir, `signalbox.db${end}`), 'latin1');
      expect(bytes).not.toContain('hush');
    }
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
});
