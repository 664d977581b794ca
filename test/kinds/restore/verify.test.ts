/** `verifyOnly`, and what `backup(url)` and `integrityCheck` say of backups that could not be restored. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeBackup } from '../../../src/kinds/backup/describe.ts';
import { sqliteAt } from '../../support/places.ts';
import { openPlace, PLACE, type Place } from '../backup/scene.ts';
import { backUp, contentOf, createRestore, restore } from './scene.ts';

const SECOND = 'nodelocal:///backups/two';
const SOURCE = `CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t (b);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, 'row ' || i FROM n`;

/** A database with an index that lacks rows of its table. */
const openDamaged = (): Place => {
  const place = openPlace(SOURCE);
  place.sql.exec('PRAGMA wal_checkpoint(TRUNCATE); CREATE TABLE other (a, b); CREATE INDEX j ON other (b)');
  place.sql.unsafeMode(true);
  // The index of one table becomes that of another, empty one.
  place.sql.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'j') WHERE name = 'i';
    DELETE FROM sqlite_schema WHERE name = 'j'; PRAGMA writable_schema = RESET`);
  place.sql.unsafeMode(false);
  return place;
};

it('a verification reads everything, and neither makes nor changes a database', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place);
  const before = [contentOf(place.file), readdirSync(place.dir).sort()];
  const file = path.join(place.dir, 'copy.db');
  for (const target of [
    { file, isThere: false },
    { file: place.file, isThere: true },
  ]) {
    const { makesDatabase, holds = [] } = await createRestore(
      { ...place.environment, database: sqliteAt(target.isThere ? target.file : null) },
      { verifyOnly: true },
    );
    expect([makesDatabase, holds]).toEqual([undefined, []]);
    await restore(place, target, { verifyOnly: true });
    await restore(place, target, { verifyOnly: true, tables: ['t'] });
  }
  expect([contentOf(place.file), readdirSync(place.dir).sort()]).toEqual(before);
  expect(readdirSync(place.environment.workDir)).toEqual([]);
});

it('a verification fails over a changed chunk, and over a database that was damaged when it was backed up', async () => {
  await using place = openDamaged();
  expect(await backUp(place)).toEqual([]);
  const warnings = await backUp(place, { destination: SECOND, integrityCheck: true });
  expect(warnings.length).toBeGreaterThan(0);
  expect(warnings[0]).toMatch(/^database demo is damaged: Page \d+: never used$/);
  const target = { file: path.join(place.dir, 'copy.db'), isThere: false };
  await expect(restore(place, target, { source: SECOND, verifyOnly: true })).rejects.toThrow(
    'the database in the backup is damaged: ',
  );
  rmSync(path.join(place.environment.workDir), { recursive: true });
  const folder = path.join(place.filesDir, 'backups/one/chunks');
  const [name = ''] = readdirSync(folder);
  const content = readFileSync(path.join(folder, name));
  content[5000] = (content[5000] ?? 0) ^ 1;
  writeFileSync(path.join(folder, name), content);
  await expect(restore(place, target, { verifyOnly: true })).rejects.toThrow('does not match its SHA-256');
  expect(existsSync(target.file)).toBe(false);
});

it('integrityCheck of a sound database warns of nothing, and the backup is restored as any other', async () => {
  await using place = openPlace(SOURCE);
  expect(await backUp(place, { integrityCheck: true })).toEqual([]);
  const target = { file: path.join(place.dir, 'copy.db'), isThere: false };
  await restore(place, target);
  expect(contentOf(target.file)).toEqual(contentOf(place.file));
});

it('a backup is complete only while its chunks and its parents are there', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place);
  place.sql.exec("UPDATE t SET b = 'changed' WHERE a % 100 = 0");
  await backUp(place, { destination: SECOND, incrementalFrom: PLACE });
  const complete = async () =>
    Promise.all([PLACE, SECOND].map(async (url) => (await describeBackup(url, place.environment))?.complete));
  expect(await complete()).toEqual([true, true]);
  const parent = path.join(place.filesDir, 'backups/one');
  const [name = ''] = readdirSync(path.join(parent, 'chunks'));
  const chunk = path.join(parent, 'chunks', name);
  const content = readFileSync(chunk);
  writeFileSync(chunk, content.subarray(0, 100));
  expect(await complete()).toEqual([false, false]);
  rmSync(chunk);
  expect(await complete()).toEqual([false, false]);
  writeFileSync(chunk, content);
  expect(await complete()).toEqual([true, true]);
  renameSync(parent, `${parent}-moved`);
  expect(await complete()).toEqual([undefined, false]);
});
