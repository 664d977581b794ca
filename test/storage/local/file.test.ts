import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStored } from '../../../src/storage/open.ts';
import { environmentOf } from '../../support/places.ts';

let dir: string;
let filesDir: string;
const signal = new AbortController().signal;

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-storage-'));
  filesDir = path.join(dir, 'files');
  mkdirSync(path.join(filesDir, 'folder'), { recursive: true });
  mkdirSync(path.join(dir, 'files-not'));
  for (const file of ['files/a.csv', 'files/folder/b.csv', 'secret.csv', 'files-not/c.csv']) {
    writeFileSync(path.join(dir, file), file);
  }
  symlinkSync('folder/b.csv', path.join(filesDir, 'inside.csv'));
  symlinkSync('../secret.csv', path.join(filesDir, 'outside.csv'));
  symlinkSync('..', path.join(filesDir, 'up'));
  symlinkSync('../files-not', path.join(filesDir, 'beside'));
  symlinkSync('round.csv', path.join(filesDir, 'round.csv'));
  symlinkSync('nothing', path.join(filesDir, 'dangling.csv'));
  execFileSync('mkfifo', [path.join(filesDir, 'pipe.csv')]);
});
afterAll(() => rmSync(dir, { recursive: true }));

const open = (name: string) => openStored(`nodelocal:///${name}`, environmentOf({ filesDir }));
const textOf = async (name: string, fromByte = 0) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of open(name).read(fromByte, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a local file', () => {
  it('is read from a place on', async () => {
    expect(await textOf('a.csv')).toBe('files/a.csv');
    expect(await textOf('folder/b.csv', 6)).toBe('folder/b.csv');
    expect(await textOf('a.csv', 1000)).toBe('');
    expect(await textOf('inside.csv')).toBe('files/folder/b.csv');
  });

  it('comes in pieces of at most a megabyte, each its own', async () => {
    writeFileSync(path.join(filesDir, 'large.bin'), Buffer.alloc(3_000_000, 7));
    const chunks: Uint8Array[] = [];
    for await (const chunk of open('large.bin').read(5, signal)) chunks.push(chunk);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1024 * 1024);
    expect(Buffer.concat(chunks).equals(Buffer.alloc(2_999_995, 7))).toBe(true);
  });

  it('has another version when its content, its time or its place changed', async () => {
    const file = path.join(filesDir, 'v.csv');
    writeFileSync(file, 'one');
    const versions = [(await open('v.csv').stat()).version];
    utimesSync(file, 1, 1);
    versions.push((await open('v.csv').stat()).version);
    linkSync(path.join(filesDir, 'a.csv'), `${file}2`);
    versions.push((await open('v.csv2').stat()).version, (await open('a.csv').stat()).version);
    expect(new Set(versions).size).toBe(3);
    expect(await open('v.csv').stat()).toMatchObject({ size: 3, version: versions[1] });
  });

  it('stops being read on request, with the reason of the request', async () => {
    const stop = new AbortController();
    const chunks = open('large.bin').read(0, stop.signal);
    await chunks.next();
    stop.abort(new Error('asked to stop'));
    await expect(chunks.next()).rejects.toThrow('asked to stop');
  });
});

describe('an unreadable file is reported by its URL, without a path of the server', () => {
  it.each([
    ['none.csv', 'does not exist'],
    ['a.csv/b', 'does not exist'],
    ['dangling.csv', 'does not exist'],
    ['folder', 'is a folder, not a file'],
    ['pipe.csv', 'is not an ordinary file'],
    ['outside.csv', 'leads outside of the folder of files'],
    ['up/secret.csv', 'leads outside of the folder of files'],
    ['up', 'leads outside of the folder of files'],
    ['beside/c.csv', 'leads outside of the folder of files'],
    ['round.csv', 'leads outside of the folder of files'],
    [`${'x'.repeat(300)}.csv`, 'has a name that is too long'],
  ])('%s', async (name, message) => {
    await expect(open(name).stat()).rejects.toThrow(`nodelocal:///${name} ${message}`);
    await expect(open(name).read(0, signal).next()).rejects.toThrow(`nodelocal:///${name} ${message}`);
  });
});
