/** Backups that are encrypted with a passphrase. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readHead } from '../../../src/backup-format/manifest.ts';
import { describeBackup } from '../../../src/kinds/backup/describe.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { sqliteAt } from '../../support/places.ts';
import { cleanUp, execute } from '../contract.ts';
import { backUp, contentOf, createRestore, restore } from '../restore/scene.ts';
import { BACKUP, createBackup, openPlace, openScene, PLACE, type Place } from './scene.ts';

const encryptionPassphrase = 'correct horse battery staple';
const { signal } = new AbortController();

const allBytes = (place: Place): Buffer => {
  const entries = readdirSync(place.filesDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(entries.map((entry) => readFileSync(path.join(entry.parentPath, entry.name))));
};

const SOURCE = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO people SELECT i, 'person-number-' || i FROM n`;

it('an encrypted backup and what is incremental on it are restored with the passphrase, and reveal nothing without it', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place, { encryptionPassphrase });
  place.sql.exec("UPDATE people SET name = 'changed' WHERE id = 7; CREATE TABLE later (x)");
  const second = 'nodelocal:///backups/two';
  await backUp(place, { destination: second, incrementalFrom: PLACE, encryptionPassphrase });

  for (const text of ['person-number', 'people', 'CREATE TABLE', 'SQLite format', encryptionPassphrase]) {
    expect(allBytes(place).includes(text), text).toBe(false);
  }
  const folder = path.join(place.filesDir, 'backups/one/chunks');
  for (const name of readdirSync(folder)) {
    expect(name).not.toBe(
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    );
  }
  const shown = await describeBackup(second, place.environment);
  expect(shown).toMatchObject({ database: 'demo', complete: true, incrementalFrom: PLACE, tables: [] });
  expect(shown?.storedBytes).toBeLessThan(0.2 * (shown?.sizeBytes ?? 0));

  const file = path.join(place.dir, 'restored.db');
  await restore(place, { file, isThere: false }, { source: second, encryptionPassphrase });
  expect(contentOf(file)).toEqual(contentOf(place.file));
});

it('a wrong, a missing and a needless passphrase are rejected before anything is written', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place, { encryptionPassphrase });
  await backUp(place, { destination: 'nodelocal:///plain' });
  const before = place.files();
  const environment = { ...place.environment, database: sqliteAt(null) };
  const field = 'input.encryptionPassphrase';
  const wrong = { message: `encryptionPassphrase is not that of the backup at ${PLACE}`, extensions: { field } };
  const missing = {
    message: `the backup at ${PLACE} is encrypted: encryptionPassphrase is needed`,
    extensions: { field },
  };
  const needless = {
    message: 'the backup at nodelocal:///plain is not encrypted: omit encryptionPassphrase',
    extensions: { field },
  };
  await expect(createRestore(environment, { encryptionPassphrase: 'wrong' })).rejects.toMatchObject(wrong);
  await expect(createRestore(environment)).rejects.toMatchObject(missing);
  await expect(
    createRestore(environment, { source: 'nodelocal:///plain', encryptionPassphrase }),
  ).rejects.toMatchObject(needless);
  const next = { destination: 'nodelocal:///next' };
  await expect(
    createBackup(place, { ...next, incrementalFrom: PLACE, encryptionPassphrase: 'wrong' }),
  ).rejects.toMatchObject(wrong);
  await expect(createBackup(place, { ...next, incrementalFrom: PLACE })).rejects.toMatchObject(missing);
  await expect(
    createBackup(place, { ...next, incrementalFrom: 'nodelocal:///plain', encryptionPassphrase }),
  ).rejects.toMatchObject(needless);
  await expect(createBackup(place, { ...next, encryptionPassphrase: '' })).rejects.toMatchObject({
    extensions: { field },
  });
  expect(place.files()).toEqual(before);
});

it('the passphrase is a secret of the job, and nowhere else', async () => {
  await using place = openPlace(SOURCE);
  const { secrets, ...others } = await createBackup(place, { encryptionPassphrase });
  expect(secrets).toEqual({ encryptionPassphrase });
  expect(JSON.stringify(others)).not.toContain(encryptionPassphrase);
  await backUp(place, { encryptionPassphrase });
  const { secrets: ofRestore, ...rest } = await createRestore(
    { ...place.environment, database: sqliteAt(null) },
    { encryptionPassphrase },
  );
  expect(ofRestore).toEqual({ encryptionPassphrase });
  expect(JSON.stringify(rest)).not.toContain(encryptionPassphrase);
});

it('a changed byte of a chunk and a changed readable part are detected', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place, { encryptionPassphrase });
  const folder = path.join(place.filesDir, 'backups/one');
  const manifest = readFileSync(path.join(folder, 'manifest.json'), 'utf8');
  const body = manifest.slice(manifest.indexOf('\n') + 1).replace('"database": "demo"', '"database": "other"');
  const hash = createHash('sha256').update(body).digest('hex');
  writeFileSync(path.join(folder, 'manifest.json'), `{"sha256":"${hash}",\n${body}`);
  const environment = { ...place.environment, database: sqliteAt(null) };
  await expect(createRestore(environment, { encryptionPassphrase })).rejects.toThrow('is not that of the backup');

  writeFileSync(path.join(folder, 'manifest.json'), manifest);
  const [name = ''] = readdirSync(path.join(folder, 'chunks'));
  const chunk = path.join(folder, 'chunks', name);
  const content = readFileSync(chunk);
  content[100] = (content[100] ?? 0) ^ 1;
  writeFileSync(chunk, content);
  const file = path.join(place.dir, 'restored.db');
  await expect(restore(place, { file, isThere: false }, { encryptionPassphrase })).rejects.toThrow(
    `chunk 1 of 1 of the backup at ${PLACE} is damaged`,
  );
  expect(existsSync(file)).toBe(false);
});

it('stopped partway and resumed elsewhere, it ends as one backup under one key', async () => {
  await using scene = await openScene(16, { encryptionPassphrase });
  const stop = new AbortController();
  const watch = ({ counters }: { readonly counters?: Readonly<Record<string, number>> }) =>
    counters?.bytes && stop.abort(new Error('stored some'));
  await expect(execute({ kind: BACKUP, scene, epoch: 1, watch, signal: stop.signal })).rejects.toThrow('stored some');
  await execute({ kind: BACKUP, scene, epoch: 2 });
  await cleanUp(BACKUP, scene, 'ended');
  const head = await readHead(openFolder(PLACE, scene.environment), signal);
  const files = Object.keys(scene.files()).filter((name) => name.includes('chunks/'));
  expect(files).toEqual(head?.files.map(({ name }) => `backups/one/${name}`).sort());
  const file = path.join(scene.dir, 'restored.db');
  await restore(scene, { file, isThere: false }, { encryptionPassphrase });
  expect(contentOf(file)).toEqual(contentOf(scene.file));
});
