import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { importKind } from '../../../src/kinds/import/index.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { filesNamed } from '../../../src/storage/wildcards.ts';
import { environmentOf } from '../../support/places.ts';
import { startS3 } from '../../support/s3.ts';
import { execute } from '../contract.ts';
import { IMPORT, inputFor, openPlace, openScene } from './scene.ts';

const { signal } = new AbortController();

const openFiles = (names: readonly string[]) => {
  const place = openPlace({});
  for (const name of names) {
    mkdirSync(path.join(place.filesDir, path.dirname(name)), { recursive: true });
    place.write(name, 'id\n1\n');
  }
  return place;
};

test('an asterisk stands for any characters of one name', async () => {
  await using place = openFiles([
    'in/b.csv',
    'in/a b.csv',
    'in/a.txt',
    'in/deep/c.csv',
    'top.csv',
    'in/x*.csv',
    'in/x+.csv',
  ]);
  const named = (url: string) => filesNamed(url, place.environment, 10, signal);
  expect(await named('nodelocal:///in/*.csv')).toEqual([
    'nodelocal:///in/a%20b.csv',
    'nodelocal:///in/b.csv',
    'nodelocal:///in/x%2A.csv',
    'nodelocal:///in/x%2B.csv',
  ]);
  expect(await named('nodelocal:///*.csv')).toEqual(['nodelocal:///top.csv']);
  expect(await named('nodelocal://self/in/*/*.csv')).toEqual(['nodelocal://self/in/deep/c.csv']);
  expect(await named('nodelocal:///i*/a%20*')).toEqual(['nodelocal:///in/a%20b.csv']);
  expect(await named('nodelocal:///in/x%2A*.csv')).toEqual(['nodelocal:///in/x%2A.csv']);
  expect(await named('nodelocal:///in/x%2A.csv')).toEqual(['nodelocal:///in/x%2A.csv']);
  expect(await named('https://example.com/*.csv')).toEqual(['https://example.com/*.csv']);
  await expect(named('nodelocal:///in/*.parquet')).rejects.toThrow('nodelocal:///in/*.parquet names no file');
  await expect(filesNamed('nodelocal:///in/*', place.environment, 2, signal)).rejects.toThrow('more than 2 files');
});

test('nothing outside of the granted folder is listed', async () => {
  await using place = openFiles(['team/a.csv', 'other/b.csv', 'b.csv']);
  mkdirSync(path.join(place.filesDir, '..', 'outside'));
  place.write('../outside/secret.csv', 'id\n1\n');
  symlinkSync(path.join(place.filesDir, '..', 'outside'), path.join(place.filesDir, 'team', 'link'));
  symlinkSync(path.join(place.filesDir, 'other'), path.join(place.filesDir, 'team', 'other'));
  const confined = { ...place.environment, filesFolder: ['team'] };
  const named = (url: string, environment = confined) => filesNamed(url, environment, 10, signal);
  expect(await named('nodelocal:///team/*.csv')).toEqual(['nodelocal:///team/a.csv']);
  for (const url of ['nodelocal:///*/*.csv', 'nodelocal:///*.csv', 'nodelocal:///te*/a.csv', 'nodelocal:///other/*']) {
    await expect(named(url)).rejects.toThrow('outside of the granted folder');
  }
  for (const url of ['nodelocal:///team/../other/*', 'nodelocal:///team/%2e%2e/other/*']) {
    await expect(named(url)).rejects.toThrow('leads outside');
  }
  for (const url of ['nodelocal:///team/*/../b.csv', 'nodelocal:///team/*/*.csv', 'nodelocal:///team/*%2fb.csv']) {
    await expect(named(url)).rejects.toThrow('names no file');
  }
  await expect(named('nodelocal:///team/link/*')).rejects.toThrow('leads outside');
  await expect(named('nodelocal:///team/*', { ...confined, filesFolder: null } as never)).rejects.toThrow('no folder');
});

test('the files are fixed when the job is created, in order, and those that come later are not read', async () => {
  await using scene = await openScene({
    files: { 'b.csv': 'id\n3\n4\n', 'a.csv': 'id\n1\n2\n', 'empty.csv': '' },
    sources: ['nodelocal://1/*.csv', 'nodelocal:///a.csv'],
  });
  scene.write('a2.csv', 'id\n9\n');
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT id FROM people').flat()).toEqual([1, 2, 3, 4, 1, 2]);
});

test('a set stands for one of its characters, and what cannot be meant is refused', async () => {
  await using place = openFiles(['a1.csv', 'a2.csv', 'a9.csv', 'ab.csv', 'a[1].csv', 'a/1.csv']);
  const named = (url: string) => filesNamed(`nodelocal:///${url}`, place.environment, 1_000, signal);
  expect(await named('a[1-2].csv')).toEqual(['nodelocal:///a1.csv', 'nodelocal:///a2.csv']);
  expect(await named('a[^1-2].csv')).toEqual(['nodelocal:///a9.csv', 'nodelocal:///ab.csv']);
  expect(await named('a[!-2].csv')).toEqual(['nodelocal:///a1.csv', 'nodelocal:///a2.csv']);
  expect(await named('a%5B1%5D*')).toEqual(['nodelocal:///a%5B1%5D.csv']);
  await expect(named('a[.csv')).rejects.toThrow('has a [ that is never closed');
  await expect(named('a[].csv')).rejects.toThrow('which stands for no character');
  await expect(named('a[z-a].csv')).rejects.toThrow('which stands for no character');
  await expect(named('**/a.csv')).rejects.toThrow('has **');
});

test('a wildcard that matches nothing, or too much, is refused by its field', async () => {
  await using place = openFiles(Array.from({ length: 1_001 }, (_, i) => `${i}.csv`));
  const refusal = (sources: readonly string[]) =>
    importKind.create({ ...inputFor([]), sources: [...sources] }, place.environment).catch((error: unknown) => error);
  const bad = (field: string) => ({ extensions: { field } });
  expect(await refusal(['nodelocal:///1.csv', 'nodelocal:///x*.csv'])).toMatchObject(bad('input.sources.1'));
  expect(await refusal(['nodelocal:///*.csv'])).toMatchObject(bad('input.sources.0'));
  expect(
    await refusal([
      'nodelocal:///*0.csv',
      'nodelocal:///*0*.csv',
      'nodelocal:///*1*.csv',
      'nodelocal:///*2*.csv',
      'nodelocal:///*3*.csv',
      'nodelocal:///*4*.csv',
    ]),
  ).toMatchObject({
    message: 'sources name more than 1000 files',
  });
});

test('files of a bucket are listed with the parameters of the URL, which stay secret', async () => {
  await using s3 = await startS3();
  await s3.makeBucket('bucket');
  const allowPrivateHosts = [s3.host];
  const folder = openFolder(s3.url('bucket/in'), environmentOf({ filesDir: '/nowhere', allowPrivateHosts }));
  for (const [i, name] of ['2026-02.csv', '2026-01.csv', '2025-12.csv'].entries()) {
    await folder.write(name, [Buffer.from(`id\n${i}\n`)], signal);
  }
  await using scene = await openScene({ files: {}, sources: [s3.url('bucket/in/2026-*.csv')], allowPrivateHosts });
  expect(JSON.stringify(scene.details)).not.toContain('*');
  expect(Object.values(scene.secrets ?? {})).toEqual(
    ['01', '02'].map((month) => s3.url(`bucket/in/2026-${month}.csv`)),
  );
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT id FROM people').flat()).toEqual([1, 0]);
});
