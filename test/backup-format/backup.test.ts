import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackup } from '../../src/backup-format/backup.ts';
import { type Chunk, fileOf } from '../../src/backup-format/chunk.ts';
import { compressWithDictionary, decompressWithDictionary } from '../../src/backup-format/delta.ts';
import { type Manifest, manifestText, readManifest } from '../../src/backup-format/manifest.ts';
import { openFolder } from '../../src/storage/open.ts';
import { StorageError } from '../../src/storage/url.ts';
import { startFaulty } from '../support/faulty.ts';
import { environmentOf } from '../support/places.ts';
import { startS3 } from '../support/s3.ts';

let filesDir: string;
beforeEach(() => {
  filesDir = mkdtempSync(path.join(tmpdir(), 'signalbox-manifest-'));
});
afterEach(() => rmSync(filesDir, { recursive: true }));

const { signal } = new AbortController();
const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(path.dirname(path.join(filesDir, name)), { recursive: true });
  writeFileSync(path.join(filesDir, name), content);
};
const hashOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const read = (name = 'one') => readManifest(openFolder(`nodelocal:///${name}`, environmentOf({ filesDir })), signal);
const open = (name: string) =>
  openBackup(`nodelocal:///${name}`, environmentOf({ filesDir }), path.join(filesDir, 'cache'), signal);

const chunk = (content: string, more: Partial<Chunk> = {}): Chunk => ({
  sha256: hashOf(content),
  bytes: content.length,
  stored: 'plain',
  storedBytes: content.length,
  dictionary: [],
  fingerprints: [],
  ...more,
});
const manifest = (chunks: readonly Chunk[], more: Partial<Manifest> = {}): Manifest => ({
  program: 'signalbox',
  id: 'some id',
  createdBy: null,
  createdAt: '2026-11-21T10:00:00.000Z',
  database: 'größe \ufffd',
  pageSize: 4096,
  encoding: 'UTF-8',
  sizeBytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
  tables: [{ name: 't', rows: 3, shadowOf: null }],
  isPartial: false,
  statements: ['CREATE TABLE t (a)'],
  generation: 0,
  incrementalFrom: null,
  chunks: [...chunks],
  ...more,
});

describe('a manifest', () => {
  it('is read as it was written, and is JSON', async () => {
    const written = manifest([chunk('a'), chunk('bc')]);
    put('one/manifest.json', manifestText(written));
    const found = await read();
    expect(found?.manifest).toEqual(written);
    const text = readFileSync(path.join(filesDir, 'one/manifest.json'), 'utf8');
    const [, ...rest] = text.split(/(?<=\n)/);
    expect(JSON.parse(text)).toMatchObject({ format: 'signalbox-backup', version: 1, sha256: found?.sha256 });
    expect(hashOf(rest.join(''))).toBe(found?.sha256);
    expect(await read('two')).toBeNull();
  });

  it('is refused with any one byte changed', async () => {
    const content = Buffer.from(manifestText(manifest([chunk('a')])));
    for (let at = 0; at < content.length; at++) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      put('one/manifest.json', changed);
      await expect(read(), `byte ${at}`).rejects.toThrow(StorageError);
    }
  });

  it.each([
    ['{"some": "other"}', 'was created by another program'],
    ['{"format": "signalbox-backup", "version": 3}', 'is of format version 3, and this server reads up to version 2'],
    ['not JSON', 'is damaged'],
    ['', 'is damaged'],
  ])('that says %j is refused', async (text, message) => {
    put('one/manifest.json', text);
    await expect(read()).rejects.toThrow(`the backup at nodelocal:///one ${message}`);
  });

  it('of a newer version, whole, is refused by its version', async () => {
    const body = manifestText(manifest([]))
      .split(/(?<=\n)/)
      .slice(1)
      .join('')
      .replace('"version": 1', '"version": 7');
    put('one/manifest.json', `{"sha256":"${hashOf(body)}",\n${body}`);
    await expect(read()).rejects.toThrow('is of format version 7, and this server reads up to version 2');
  });

  it.each([
    [{ sizeBytes: 2 }, 'its chunks have 1 bytes, not 2'],
    [{ chunks: [chunk('a', { stored: 'parent' })] }, 'it names no parent'],
    [{ chunks: [chunk('a', { sha256: '../../etc/passwd' })] }, 'chunks.0.sha256: is not a SHA-256'],
    [{ generation: 17 }, 'generation'],
  ])('that says %j is refused', async (more, message) => {
    put('one/manifest.json', manifestText(manifest([chunk('a')], more)));
    await expect(read()).rejects.toThrow(message);
  });
});

describe('a chunk', () => {
  const write = (
    name: string,
    chunks: readonly [Chunk, string | Uint8Array | null][],
    more: Partial<Manifest> = {},
  ) => {
    for (const [one, content] of chunks) if (content !== null) put(`${name}/${fileOf(one)}`, content);
    const text = manifestText(
      manifest(
        chunks.map(([one]) => one),
        more,
      ),
    );
    put(`${name}/manifest.json`, text);
    return /"sha256":"(\w+)"/.exec(text)?.[1] ?? '';
  };
  const contentOf = async (name: string, at = 0) => {
    const backup = await open(name);
    return String(await backup?.read(backup.manifest.chunks[at] as Chunk, signal));
  };

  it.each([
    ['is missing', null, 'chunk 1 of 1 of the backup at nodelocal:///one is missing: chunks/'],
    ['is cut short', 'ab', 'chunk 1 of 1 of the backup at nodelocal:///one is damaged: '],
    ['is too long', 'abcd', 'has more than 3 bytes'],
    ['has another content', 'abX', 'does not match its SHA-256'],
  ])('that %s is refused by name', async (_, content, message) => {
    write('one', [[chunk('abc'), content]]);
    await expect(contentOf('one')).rejects.toThrow(message);
  });

  it('is read through a chain of backups, wherever it is stored', async () => {
    const contents = ['first '.repeat(500), 'second '.repeat(500), 'third '.repeat(500)] as const;
    const compressedWith = (content: string, base: string) => {
      const stored = compressWithDictionary(Buffer.from(content), Buffer.from(base));
      const made = chunk(content, { stored: 'zstd', storedBytes: stored.length, dictionary: [hashOf(base)] });
      return [made, stored] as [Chunk, Buffer];
    };
    const [a, b, c] = contents;
    const link = (name: string, sha256: string) => ({ incrementalFrom: { url: `nodelocal:///${name}`, sha256 } });
    const one = write('one', [[chunk(a), a]]);
    const two = write('two', [compressedWith(a + b, a), [chunk(a, { stored: 'parent', storedBytes: 0 }), null]], {
      ...link('one', one),
      generation: 1,
    });
    write('three', [compressedWith(a + b + c, a + b), [chunk(a, { stored: 'parent', storedBytes: 0 }), null]], {
      ...link('two', two),
      generation: 2,
    });
    expect(await contentOf('three', 0)).toBe(a + b + c);
    expect(await contentOf('three', 1)).toBe(a);

    put(`two/${fileOf(compressedWith(a + b, a)[0])}`, compressedWith(a + b, a)[1].fill(7, 20, 24));
    rmSync(path.join(filesDir, 'cache'), { recursive: true });
    await expect(contentOf('three', 0)).rejects.toThrow('chunk 1 of 2 of the backup at nodelocal:///two is damaged');
    write('one', [[chunk(b), b]]);
    await expect(open('three')).rejects.toThrow(
      'nodelocal:///two is incremental on a backup other than the one now at nodelocal:///one',
    );
    rmSync(path.join(filesDir, 'one'), { recursive: true });
    await expect(open('three')).rejects.toThrow('is incremental on one at nodelocal:///one, which no longer exists');
  });

  it('whose dictionary is larger than allowed is refused before it is read', async () => {
    const large = 'x'.repeat(1024 * 1024);
    const one = write('one', [[chunk(large), large]]);
    const withDictionaryOf = (times: number) => {
      const stored = compressWithDictionary(Buffer.from('abc'), Buffer.from(large.repeat(times)));
      const more = { storedBytes: stored.length, dictionary: Array.from({ length: times }, () => hashOf(large)) };
      const incrementalFrom = { url: 'nodelocal:///one', sha256: one };
      write('two', [[chunk('abc', { stored: 'zstd', ...more }), stored]], { incrementalFrom, generation: 1 });
      return contentOf('two');
    };
    expect(await withDictionaryOf(16)).toBe('abc');
    await expect(withDictionaryOf(17)).rejects.toThrow(
      'the backup at nodelocal:///two is damaged: a chunk uses a larger dictionary',
    );
  });

  it('is looked for in another bucket without the keys of the one that names it', async () => {
    await using s3 = await startS3();
    await using evil = await startFaulty(s3.host, () => 404);
    await s3.makeBucket('backups');
    const environment = environmentOf({ filesDir, allowPrivateHosts: [s3.host, evil.host] });
    const url = s3.url('backups/two');
    const link = async (parent: string) => {
      const more = { incrementalFrom: { url: parent, sha256: hashOf('') }, generation: 1 };
      const text = manifestText(manifest([chunk('a')], more));
      await openFolder(url, environment).write('manifest.json', [Buffer.from(text)], signal);
      return openBackup(url, environment, path.join(filesDir, 'cache'), signal);
    };
    const endpoint = `AWS_ENDPOINT=${encodeURIComponent(evil.url)}`;
    await expect(link(`s3://others/one?${endpoint}`)).rejects.toThrow("only admins use the server's own keys");
    // In the same bucket, it is the place of the URL that was given that is asked, whatever the manifest says.
    await expect(link(`s3://backups/one?${endpoint}`)).rejects.toThrow('which no longer exists');
    expect(evil.asked).toEqual([]);
  });

  it('that expands to more than it should is refused', () => {
    const stored = compressWithDictionary(Buffer.alloc(100_000), Buffer.alloc(0));
    expect(decompressWithDictionary(stored, Buffer.alloc(0), Buffer.alloc(99_999))).toBe(false);
    expect(decompressWithDictionary(stored, Buffer.alloc(0), Buffer.alloc(100_001))).toBe(false);
    expect(decompressWithDictionary(stored, Buffer.alloc(0), Buffer.alloc(100_000))).toBe(true);
  });
});
