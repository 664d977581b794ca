import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Transient } from '../../../src/jobs/kind.ts';
import { openFolder } from '../../../src/storage/open.ts';
import type { Folder } from '../../../src/storage/storage.ts';
import { StorageError } from '../../../src/storage/url.ts';
import { environmentOf } from '../../support/places.ts';

let dir: string;
let filesDir: string;
const { signal } = new AbortController();

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-folder-'));
  filesDir = path.join(dir, 'files');
  mkdirSync(filesDir);
  return () => rmSync(dir, { recursive: true });
});

const open = (name = 'to/there') => openFolder(`nodelocal:///${name}`, environmentOf({ filesDir }));
const write = (folder: Folder, name: string, ...pieces: readonly string[]) =>
  folder.write(
    name,
    pieces.map((piece) => Buffer.from(piece)),
    signal,
  );
const textOf = async (folder: Folder, name: string, fromByte = 0) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.read(name, fromByte, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const namesOf = async (folder: Folder, prefix = '') => {
  const names: string[] = [];
  for await (const name of folder.list(prefix, signal)) names.push(name);
  return names.sort();
};
/** All that there is, folders with a slash at their end. */
const treeOf = (at = dir) =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .map((entry) => `${path.relative(at, path.join(entry.parentPath, entry.name))}${entry.isDirectory() ? '/' : ''}`)
    .sort();

describe('a local folder', () => {
  it('has what was written, and is gone with the last of it', async () => {
    const folder = open();
    expect(await folder.stat('deep/a', signal)).toBeNull();
    await write(folder, 'deep/a', 'one', '', 'two');
    await write(folder, 'empty');
    expect(await textOf(folder, 'deep/a')).toBe('onetwo');
    expect(await textOf(folder, 'deep/a', 3)).toBe('two');
    expect(await textOf(folder, 'empty')).toBe('');
    expect(await folder.stat('empty', signal)).toMatchObject({ size: 0 });
    const before = await folder.stat('deep/a', signal);
    await write(folder, 'deep/a', 'other');
    expect(await textOf(folder, 'deep/a')).toBe('other');
    expect(await folder.stat('deep/a', signal)).not.toEqual(before);
    expect(await namesOf(folder)).toEqual(['deep/a', 'empty']);
    await folder.remove('deep/a', signal);
    expect(treeOf(filesDir)).toEqual(['to/', 'to/there/', 'to/there/empty']);
    await folder.remove('empty', signal);
    await folder.remove('empty', signal);
    expect(treeOf()).toEqual(['files/']);
  });

  it('takes names as they are', async () => {
    const folder = open('with%20space');
    const names = [
      'a b',
      'ä/ö ü',
      '%41',
      '%2e%2e/x',
      'a#b',
      'a?b=c',
      '..a',
      'a..',
      '日本',
      "it's",
      '"',
      '*',
      'line\nbreak',
    ];
    for (const name of names) await write(folder, name, name);
    expect(await namesOf(folder)).toEqual([...names].sort());
    for (const name of names) expect(await textOf(folder, name)).toBe(name);
    expect(readFileSync(path.join(filesDir, 'with space', '%2e%2e', 'x'), 'utf8')).toBe('%2e%2e/x');
    for (const name of names) await folder.remove(name, signal);
    expect(treeOf()).toEqual(['files/']);
  });

  it('is listed by how names begin, in folders or not', async () => {
    const folder = open();
    for (const name of ['a/1', 'a/b/2', 'ab/3', 'b']) await write(folder, name, name);
    expect(await namesOf(folder, 'a')).toEqual(['a/1', 'a/b/2', 'ab/3']);
    expect(await namesOf(folder, 'a/')).toEqual(['a/1', 'a/b/2']);
    expect(await namesOf(folder, 'a/b')).toEqual(['a/b/2']);
    expect(await namesOf(folder, 'none/x')).toEqual([]);
    expect(await namesOf(open('nowhere'))).toEqual([]);
    await expect(namesOf(folder, '../')).rejects.toThrow(StorageError);
  });

  it('makes files and folders for their owner alone', async () => {
    await write(open(), 'deep/a', 'one');
    const modes = ['to', 'to/there', 'to/there/deep', 'to/there/deep/a'];
    expect(modes.map((name) => statSync(path.join(filesDir, name)).mode & 0o777)).toEqual([0o700, 0o700, 0o700, 0o600]);
  });
});

describe('a file is written whole or not at all', () => {
  const failing = async function* (error: unknown) {
    yield Buffer.from('half');
    throw error;
  };

  it('leaves the existing file when its pieces fail, and reports their error', async () => {
    const folder = open();
    const error = Object.assign(new Error('no more'), { code: 'ENOENT' });
    await expect(folder.write('a', failing(error), signal)).rejects.toBe(error);
    expect(await namesOf(folder)).toEqual([]);
    await write(folder, 'a', 'whole');
    await expect(folder.write('a', failing(error), signal)).rejects.toBe(error);
    expect(await textOf(folder, 'a')).toBe('whole');
    expect(treeOf(filesDir)).toEqual(['to/', 'to/there/', 'to/there/a']);
  });

  it('shows nothing of it before its end, and nothing when it is asked to stop', async () => {
    const folder = open();
    const stop = new AbortController();
    const pieces = async function* () {
      yield Buffer.from('half');
      expect(await namesOf(folder)).toEqual([]);
      expect(await folder.stat('a', signal)).toBeNull();
      stop.abort(new Error('asked to stop'));
      yield Buffer.from('more');
    };
    await expect(folder.write('a', pieces(), stop.signal)).rejects.toThrow('asked to stop');
    expect(treeOf(filesDir)).toEqual(['to/', 'to/there/']);
  });

  it('removes what a writer left that was killed, when the name is written again or removed', async () => {
    const [one, two] = [open(), open()];
    const pieces = one.write(
      'a',
      (async function* () {
        yield Buffer.from('half');
        await write(two, 'a', 'of another');
      })(),
      signal,
    );
    await expect(pieces).rejects.toThrow(Transient);
    expect(await textOf(two, 'a')).toBe('of another');
    expect(treeOf(filesDir)).toEqual(['to/', 'to/there/', 'to/there/a']);
    const part = '.signalbox-part-ca978112ca1bbdca-00';
    writeFileSync(path.join(filesDir, 'to/there', part), 'left');
    expect(await namesOf(open())).toEqual(['a']);
    await expect(write(open(), part, '')).rejects.toThrow(StorageError);
    await open().remove('a', signal);
    expect(treeOf()).toEqual(['files/']);
  });

  it('goes on when the folder is removed in the meantime', async () => {
    const folder = open();
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await write(folder, `${i % 3}/${i}`, 'x');
        await folder.remove(`${i % 3}/${i}`, signal);
      }),
    );
    expect(treeOf()).toEqual(['files/']);
  });
});

describe('nothing outside of the folder of files is reached', () => {
  it.each(['', '.', '..', '../a', 'a/../../b', '/a', 'a/', 'a//b', 'a\\b', 'a\0'])('by the name %j', async (name) => {
    const folder = open();
    const before = treeOf();
    await expect(write(folder, name, 'x')).rejects.toThrow(StorageError);
    await expect(folder.stat(name, signal)).rejects.toThrow(StorageError);
    await expect(folder.remove(name, signal)).rejects.toThrow(StorageError);
    await expect(folder.read(name, 0, signal).next()).rejects.toThrow(StorageError);
    expect(treeOf()).toEqual(before);
  });

  it('by links, in a name or in the URL', async () => {
    mkdirSync(path.join(dir, 'elsewhere'));
    writeFileSync(path.join(dir, 'elsewhere', 'secret'), 'secret');
    symlinkSync('../elsewhere', path.join(filesDir, 'out'));
    symlinkSync('../elsewhere/secret', path.join(filesDir, 'file'));
    symlinkSync('nothing', path.join(filesDir, 'dangling'));
    mkdirSync(path.join(filesDir, 'in'));
    symlinkSync('in', path.join(filesDir, 'link'));
    const before = treeOf();
    for (const [folder, name] of [
      [open('out'), 'a'],
      [open('out'), 'secret'],
      [open('out/deep'), 'a'],
      [open('in'), '../out/a'],
    ] as const) {
      await expect(write(folder, name, 'x')).rejects.toThrow(StorageError);
    }
    await expect(namesOf(open('out'))).rejects.toThrow('leads outside');
    await expect(open('out').stat('secret', signal)).rejects.toThrow('leads outside');
    await expect(open('out').remove('secret', signal)).rejects.toThrow('leads outside');
    await expect(write(open('dangling'), 'a', 'x')).rejects.toThrow('no folder');
    expect(treeOf()).toEqual(before);
    // A link that stays inside is followed; one that is written over is replaced, not what it leads to.
    await write(open('link'), 'a', 'x');
    expect(readFileSync(path.join(filesDir, 'in', 'a'), 'utf8')).toBe('x');
    symlinkSync('../../elsewhere/secret', path.join(filesDir, 'in', 's'));
    await expect(textOf(open('in'), 's')).rejects.toThrow('leads outside');
    await write(open('in'), 's', 'mine');
    expect(readFileSync(path.join(dir, 'elsewhere', 'secret'), 'utf8')).toBe('secret');
    expect(await namesOf(open('in'))).toEqual(['a', 's']);
  });

  it('by a root that is no file, a host or parameters', () => {
    for (const url of [
      'nodelocal:///',
      'nodelocal:///..',
      'nodelocal:///%2e%2e/a',
      'nodelocal://h/a',
      'nodelocal:///a?b=c',
    ]) {
      expect(() => openFolder(url, environmentOf({ filesDir }))).toThrow(StorageError);
    }
  });
});

describe('an unwritable file is reported by its URL, without a path of the server', () => {
  it('for a file that is a folder, and a folder that is a file', async () => {
    await write(open('a'), 'b', 'x');
    for (const [folder, name] of [
      [open('a/b'), 'c'],
      [open('a'), 'b/c/d'],
    ] as const) {
      const error = await write(folder, name, 'x').catch((error: unknown) => error);
      expect(error).toBeInstanceOf(StorageError);
      expect(String(error)).not.toContain(dir);
      expect(await folder.stat(name, signal)).toBeNull();
      await folder.remove(name, signal);
    }
    mkdirSync(path.join(filesDir, 'a/folder'));
    await expect(write(open('a'), 'folder', 'x')).rejects.toThrow('nodelocal:///a/folder is a folder, not a file');
    expect(treeOf(filesDir)).toEqual(['a/', 'a/b', 'a/folder/']);
  });
});
