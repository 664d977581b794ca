/** A user's URLs are confined to the folder that was granted, whatever they are written like and whatever lies there. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolder, openStored } from '../../../src/storage/open.ts';
import { environmentOf } from '../../support/places.ts';

let dir: string;
let filesDir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-granted-'));
  filesDir = path.join(dir, 'files');
  for (const folder of ['team/ann', 'team/annex', 'other']) mkdirSync(path.join(filesDir, folder), { recursive: true });
  for (const file of ['team/ann/own.csv', 'team/annex/near.csv', 'team/top.csv', 'other/secret.csv']) {
    writeFileSync(path.join(filesDir, file), file);
  }
  writeFileSync(path.join(dir, 'outside.csv'), 'outside');
});
afterEach(() => rmSync(dir, { recursive: true }));

const { signal } = new AbortController();
const environment = (filesFolder: readonly string[] | null) => environmentOf({ filesDir, filesFolder });
const ANN = ['team', 'ann'];
const read = async (url: string, folder: readonly string[] | null = ANN) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openStored(url, environment(folder)).read(0, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('what is in the folder can be read, under any spelling of its URL', async () => {
  for (const url of [
    'nodelocal:///team/ann/own.csv',
    'nodelocal:////team//ann/./own.csv',
    'NODELOCAL:///te%61m/%61nn/own%2ecsv',
  ]) {
    expect(await read(url)).toBe('team/ann/own.csv');
  }
});

test.each([
  'nodelocal:///other/secret.csv',
  'nodelocal:///team/annex/near.csv',
  'nodelocal:///team/top.csv',
  'nodelocal:///own.csv',
  'nodelocal:///team/ann/../annex/near.csv',
  'nodelocal:///team/ann/%2e%2e/annex/near.csv',
  'nodelocal:///team/ann/.%2E/annex/near.csv',
  'nodelocal:///team/ann%2f..%2fannex/near.csv',
  'nodelocal:///team/ann%5c..%5cannex/near.csv',
  'nodelocal:///team/ann/%252e%252e/annex/near.csv',
  'nodelocal:///TEAM/ann/own.csv',
  'nodelocal:///team/ann%00/own.csv',
])('%s is not reachable from the folder', async (url) => {
  await expect(read(url)).rejects.toThrow();
  expect(() => openFolder(url, environment(null))).toThrow();
});

test('a link does not lead out of the folder, nor does one in its place', async () => {
  symlinkSync(path.join(filesDir, 'other/secret.csv'), path.join(filesDir, 'team/ann/link.csv'));
  symlinkSync(path.join(filesDir, 'other'), path.join(filesDir, 'team/ann/folder'));
  symlinkSync(path.join(filesDir, 'other'), path.join(filesDir, 'team/bob'));
  symlinkSync(path.join(filesDir, 'team/ann/own.csv'), path.join(filesDir, 'team/ann/inside.csv'));
  const outside = /leads outside/;
  await expect(read('nodelocal:///team/ann/link.csv')).rejects.toThrow(outside);
  await expect(read('nodelocal:///team/ann/folder/secret.csv')).rejects.toThrow(outside);
  await expect(read('nodelocal:///team/bob/secret.csv', ['team', 'bob'])).rejects.toThrow(outside);
  expect(await read('nodelocal:///team/ann/inside.csv')).toBe('team/ann/own.csv');
  expect(await read('nodelocal:///team/ann/link.csv', [])).toBe('other/secret.csv');

  for (const [url, folder] of [
    ['nodelocal:///team/ann/folder', ANN],
    ['nodelocal:///team/bob', ['team', 'bob']],
  ] as const) {
    const opened = openFolder(url, environment(folder));
    await expect(opened.write('a/new.csv', [Buffer.from('x')], signal)).rejects.toThrow(outside);
    await expect(opened.remove('secret.csv', signal)).rejects.toThrow(outside);
    await expect(opened.list('', signal).next()).rejects.toThrow(outside);
  }
  expect(readdirSync(path.join(filesDir, 'other'))).toEqual(['secret.csv']);
  expect(readFileSync(path.join(filesDir, 'other/secret.csv'), 'utf8')).toBe('other/secret.csv');
});

test('a folder that does not exist yet is created in its place, and its own folders are removed with their files', async () => {
  const folder = openFolder('nodelocal:///team/new/backup', environment(['team', 'new']));
  await folder.write('a/b', [Buffer.from('x')], signal);
  expect(await read('nodelocal:///team/new/backup/a/b', ['team', 'new'])).toBe('x');
  await folder.remove('a/b', signal);
  expect(readdirSync(path.join(filesDir, 'team/new'))).toEqual([]);
});

test('without a folder every nodelocal URL is refused', () => {
  expect(() => openStored('nodelocal:///team/ann/own.csv', environment(null))).toThrow('no folder of files');
  expect(() => openFolder('nodelocal:///team/ann', environment(null))).toThrow('no folder of files');
});
