import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Transient } from '../../src/jobs/kind.ts';
import { openFolder } from '../../src/storage/storage.ts';
import { StorageError } from '../../src/storage/url.ts';
import { type Azurite, startAzurite } from '../support/azurite.ts';
import { type Fate, startFaulty } from '../support/faulty.ts';
import { placesOf } from '../support/places.ts';
import { type S3, startS3 } from '../support/s3.ts';

type FateOf = Parameters<typeof startFaulty>[1];

const { signal } = new AbortController();
const MIB = 1024 * 1024;
const LARGE = Buffer.alloc(20 * MIB, 'abcdefghijk');
let azure: Azurite;
let s3: S3;

beforeAll(async () => {
  [azure, s3] = await Promise.all([startAzurite(), startS3()]);
  await Promise.all([azure.makeContainer('bucket'), s3.makeBucket('bucket')]);
});
afterAll(() => Promise.all([azure[Symbol.asyncDispose](), s3[Symbol.asyncDispose]()]));

describe.each(['azure', 's3'] as const)('through a proxy, %s', (which) => {
  const openThrough = async (path: string, fateOf: FateOf) => {
    const cloud = which === 'azure' ? azure : s3;
    const proxy = await startFaulty(cloud.host, fateOf);
    const endpoint =
      which === 'azure' ? { AZURE_ENDPOINT: `${proxy.url}/devstoreaccount1` } : { AWS_ENDPOINT: proxy.url };
    const open = (url: string, host: string) =>
      openFolder(url, placesOf({ filesDir: '/nowhere', allowPrivateHosts: [host] }));
    const folder = open(cloud.url(`bucket/${path}`, endpoint), proxy.host);
    const direct = open(cloud.url(`bucket/${path}`), cloud.host);
    const dispose = () => proxy[Symbol.asyncDispose]();
    return { proxy, folder, direct, [Symbol.asyncDispose]: dispose };
  };
  const read = async (folder: ReturnType<typeof openFolder>, name: string) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of folder.read(name, 0, signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  it.each<[string, Fate]>([
    ['answers 503', 503],
    ['breaks the connection', 'cut'],
    ['loses the answer', 'lose'],
  ])('that %s to every third request, all is written and read', async (name, fate) => {
    await using scene = await openThrough(name, (asked, count) => {
      // This store forgets an upload that is finished in its own way: see below.
      const finishes = which === 's3' && asked.method === 'POST' && fate === 'lose';
      return count % 3 === 0 && !finishes ? fate : 'pass';
    });
    await scene.folder.write('large', [LARGE], signal);
    expect((await read(scene.direct, 'large')).equals(LARGE)).toBe(true);
    expect((await read(scene.folder, 'large')).equals(LARGE)).toBe(true);
    await scene.folder.remove('large', signal);
    expect(await scene.direct.stat('large', signal)).toBeNull();
  });

  it('that breaks in the middle of what is read, the rest is read from there', async () => {
    await using scene = await openThrough('halved', (_, count) => (count <= 3 ? 'halve' : 'pass'));
    await scene.direct.write('large', [LARGE], signal);
    expect((await read(scene.folder, 'large')).equals(LARGE)).toBe(true);
    const ranges = scene.proxy.asked.map(({ headers }) => headers.range);
    expect(ranges.slice(0, 2)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });

  it('that never answers well, it is Transient, and nothing is there', async () => {
    await using scene = await openThrough('down', () => 503);
    await expect(scene.folder.write('a', [Buffer.from('x')], signal)).rejects.toThrow(Transient);
    expect(await scene.direct.stat('a', signal)).toBeNull();
  });

  it('whose key is revoked half way, it fails for good at once, and what was there stays', async () => {
    await using scene = await openThrough('revoked', (_, count) => (count > 2 ? 403 : 'pass'));
    await scene.direct.write('large', [Buffer.from('before')], signal);
    const error: unknown = await scene.folder.write('large', [LARGE], signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(String(error)).toMatch(/bucket\/revoked\/large may not be written: permission denied \(403\)$/);
    expect(`${await read(scene.direct, 'large')}`).toBe('before');
    if (which === 's3') expect(scene.proxy.asked.at(-1)?.url).toContain('uploadId=');
  });

  if (which === 's3')
    it('that loses the answer to the end of an upload, it is found to be there', async () => {
      let finishing = 0;
      await using scene = await openThrough('lost', ({ method, url = '' }) => {
        if (method !== 'POST' || !url.includes('uploadId=')) return 'pass';
        return ++finishing === 1 ? 'lose' : { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' };
      });
      await scene.folder.write('large', [LARGE], signal);
      expect(finishing).toBe(2);
      expect((await read(scene.direct, 'large')).equals(LARGE)).toBe(true);
    });

  it('that hangs, a stop is heard within a second', async () => {
    await using scene = await openThrough('hangs', () => 'hang');
    const attempts = [
      (until: AbortSignal) => scene.folder.write('a', [LARGE], until),
      (until: AbortSignal) => scene.folder.stat('a', until),
      (until: AbortSignal) => scene.folder.remove('a', until),
      (until: AbortSignal) => scene.folder.read('a', 0, until).next(),
      (until: AbortSignal) => scene.folder.list('', until).next(),
    ];
    for (const attempt of attempts) {
      const stop = new AbortController();
      const before = scene.proxy.asked.length;
      const done = attempt(stop.signal);
      done.catch(() => undefined);
      await expect.poll(() => scene.proxy.asked.length).toBeGreaterThan(before);
      const toldAt = performance.now();
      stop.abort(new Error('told to stop'));
      await expect(done).rejects.toThrow('told to stop');
      expect(performance.now() - toldAt).toBeLessThan(1_000);
    }
    expect(await scene.direct.stat('a', signal)).toBeNull();
  });

  it('that redirects, it does not follow', async () => {
    await using scene = await openThrough('led', () => ({ status: 307, body: '' }));
    await expect(scene.folder.stat('a', signal)).rejects.toThrow(StorageError);
  });

  it('whose pieces fail, nothing is there', async () => {
    await using scene = await openThrough('pieces', () => 'pass');
    const pieces = async function* () {
      yield LARGE;
      throw new Error('no more');
    };
    await expect(scene.folder.write('large', pieces(), signal)).rejects.toThrow('no more');
    expect(await scene.direct.stat('large', signal)).toBeNull();
  });
});
