import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Transient } from '../../../src/jobs/kind.ts';
import { openAzure } from '../../../src/storage/cloud/azure.ts';
import { openCloudFolder } from '../../../src/storage/cloud/cloud.ts';
import { CLOUD_LIMITS, type CloudLimits } from '../../../src/storage/cloud/request.ts';
import { openS3 } from '../../../src/storage/cloud/s3.ts';
import type { Folder } from '../../../src/storage/storage.ts';
import { type CloudUrl, parseUrl, StorageError } from '../../../src/storage/url.ts';
import { type Azurite, startAzurite } from '../../support/azurite.ts';
import { type Fate, startFaulty } from '../../support/faulty.ts';
import { environmentOf } from '../../support/places.ts';
import { type S3, startS3 } from '../../support/s3.ts';

type FateOf = Parameters<typeof startFaulty>[1];

const { signal } = new AbortController();
const MIB = 1024 * 1024;
const MODIFIED = new Date('2026-01-02T03:04:05Z');
const LARGE = Buffer.alloc(20 * MIB, 'abcdefghijk');
let azure: Azurite;
let s3: S3;

beforeAll(async () => {
  [azure, s3] = await Promise.all([startAzurite(), startS3()]);
  await Promise.all([azure.makeContainer('bucket'), s3.makeBucket('bucket')]);
});
afterAll(() => Promise.all([azure[Symbol.asyncDispose](), s3[Symbol.asyncDispose]()]));

const expectStopped = async (attempt: (until: AbortSignal) => Promise<unknown>, asked: () => number) => {
  const stop = new AbortController();
  const before = asked();
  const done = attempt(stop.signal);
  done.catch(() => undefined);
  await expect.poll(asked).toBeGreaterThan(before);
  stop.abort(new Error('asked to stop'));
  // What was asked never answers: waiting for it would end with another error.
  await expect(done).rejects.toThrow('asked to stop');
};

describe.each(['azure', 's3'] as const)('through a proxy, %s', (which) => {
  const bucketOf = (url: string, host: string, limits: Partial<CloudLimits> = {}) => {
    const environment = environmentOf({ filesDir: '/nowhere', allowPrivateHosts: [host] });
    const open = which === 'azure' ? openAzure : openS3;
    return open(parseUrl(url) as CloudUrl, 'shown', environment, { ...CLOUD_LIMITS, retryMs: 20, ...limits });
  };
  const openThrough = async (path: string, fateOf: FateOf) => {
    const cloud = which === 'azure' ? azure : s3;
    const proxy = await startFaulty(cloud.host, fateOf);
    const endpoint =
      which === 'azure' ? { AZURE_ENDPOINT: `${proxy.url}/devstoreaccount1` } : { AWS_ENDPOINT: proxy.url };
    const open = (url: string, host: string) => openCloudFolder(bucketOf(url, host), path, url);
    const url = cloud.url(`bucket/${path}`, endpoint);
    const folder = open(url, proxy.host);
    const direct = open(cloud.url(`bucket/${path}`), cloud.host);
    const dispose = () => proxy[Symbol.asyncDispose]();
    return { proxy, url, folder, direct, [Symbol.asyncDispose]: dispose };
  };
  const read = async (folder: Folder, name: string) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of folder.read(name, 0, signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  const namesOf = async (folder: Folder) => {
    const names: string[] = [];
    for await (const name of folder.list('', signal)) names.push(name);
    return names;
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
    expect(await namesOf(scene.folder)).toEqual(['large']);
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

  it.each<Fate>([503, 'cut'])('that never answers well (%s), it is Transient, and nothing is there', async (fate) => {
    let isDown = false;
    await using scene = await openThrough(`down-${fate}`, () => (isDown ? fate : 'pass'));
    const { folder } = scene;
    // What was there before it went down: only the end of the upload fails.
    const pieces = async function* () {
      yield LARGE;
      isDown = true;
    };
    await expect(folder.write('large', pieces(), signal)).rejects.toThrow(Transient);
    const attempts = [
      folder.write('a', [Buffer.from('x')], signal),
      folder.stat('a', signal),
      folder.remove('a', signal),
      folder.list('', signal).next(),
    ].map((done) => expect(done).rejects.toThrow(Transient));
    await Promise.all(attempts);
    expect(await namesOf(scene.direct)).toEqual([]);
  });

  it('whose key is revoked partway, it fails permanently at once, and what was there stays', async () => {
    await using scene = await openThrough('revoked', (_, count) => (count > 2 ? 403 : 'pass'));
    await scene.direct.write('large', [Buffer.from('before')], signal);
    const error: unknown = await scene.folder.write('large', [LARGE], signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(String(error)).toMatch(/bucket\/revoked\/large may not be (written|read): permission denied \(403\)$/);
    expect(`${await read(scene.direct, 'large')}`).toBe('before');
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

  if (which === 's3')
    it('that does not know an upload any more, it is Transient, and what was there stays', async () => {
      await using scene = await openThrough('gone', ({ method, url = '' }) =>
        method === 'POST' && url.includes('uploadId=')
          ? { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' }
          : 'pass',
      );
      await scene.direct.write('large', [Buffer.alloc(LARGE.length)], signal);
      await expect(scene.folder.write('large', [LARGE], signal)).rejects.toThrow(Transient);
      expect((await read(scene.direct, 'large')).equals(Buffer.alloc(LARGE.length))).toBe(true);
    });

  it('that hangs, a stop is heard', async () => {
    await using scene = await openThrough('hangs', () => 'hang');
    const attempts = [
      (until: AbortSignal) => scene.folder.write('a', [LARGE], until),
      (until: AbortSignal) => scene.folder.stat('a', until),
      (until: AbortSignal) => scene.folder.remove('a', until),
      (until: AbortSignal) => scene.folder.read('a', 0, until).next(),
      (until: AbortSignal) => scene.folder.list('', until).next(),
    ];
    for (const attempt of attempts) await expectStopped(attempt, () => scene.proxy.asked.length);
    expect(await scene.direct.stat('a', signal)).toBeNull();
  });

  it('that hangs in an upload, a stop is heard, and nothing is there', async () => {
    await using scene = await openThrough('midst', ({ method = '' }) => (/HEAD|GET/.test(method) ? 'pass' : 'hang'));
    const sent = () => scene.proxy.asked.filter(({ method }) => method === 'PUT' || method === 'POST').length;
    await expectStopped((until) => scene.folder.write('large', [LARGE, LARGE], until), sent);
    expect(await scene.direct.stat('large', signal)).toBeNull();
  });

  it('that is asked with the keys that were given, none is taken from the environment', async () => {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AZBLOB_ACCOUNT_NAME'];
    for (const name of names) vi.stubEnv(name, 'stranger');
    vi.stubEnv('AZBLOB_ACCOUNT_KEY', 'c3RyYW5nZXI=');
    await using scene = await openThrough('env', () => 'pass');
    vi.unstubAllEnvs();
    await scene.folder.write('a', [Buffer.from('x')], signal);
    expect(`${await read(scene.folder, 'a')} ${await namesOf(scene.folder)}`).toBe('x a');
    const said = scene.proxy.asked.map(({ url, headers }) => `${url} ${JSON.stringify(headers)}`).join();
    expect(said).not.toMatch(/stranger|security-token/i);
  });

  it('that redirects to another host, no request follows, and nothing arrives there', async () => {
    await using elsewhere = await startFaulty(which === 'azure' ? azure.host : s3.host, () => 'pass');
    const status = { leads: false };
    await using scene = await openThrough('led', ({ url = '' }) => {
      if (!status.leads) return 'pass';
      return {
        status: 307,
        body: '',
        headers: { location: `${elsewhere.url.replace('127.0.0.1', 'localhost')}${url}` },
      };
    });
    const pieces = async function* () {
      status.leads = false;
      yield LARGE;
      status.leads = true;
      yield LARGE;
    };
    await scene.direct.write('a', [Buffer.from('x')], signal);
    status.leads = true;
    await expect(scene.folder.stat('a', signal)).rejects.toThrow(/cannot be read \(307\)$/);
    await expect(read(scene.folder, 'a')).rejects.toThrow(/cannot be read \(307\)$/);
    await expect(scene.folder.write('a', [Buffer.from('y')], signal)).rejects.toThrow(/cannot be written \(307\)$/);
    const refused = /redirects to localhost:\d+, which is not followed$/;
    await expect(namesOf(scene.folder)).rejects.toThrow(refused);
    await expect(scene.folder.remove('a', signal)).rejects.toThrow(refused);
    // A store that answers early may close the connection before its answer is read; the file is looked at then.
    const refusedEarly = new RegExp(`${refused.source}|cannot be read \\(307\\)$`);
    await expect(scene.folder.write('large', pieces(), signal)).rejects.toThrow(refusedEarly);
    expect(elsewhere.asked).toEqual([]);
    expect(await namesOf(scene.direct)).toContain('a');
    expect(`${await read(scene.direct, 'a')}`).toBe('x');
  });

  // The answers are written here: of the servers one begins a second answer behind 5,000 names, the other cannot.
  it('that answers with a part of the names at a time, all are listed', async () => {
    const pages = {
      azure: (name: string, next: string) =>
        `<EnumerationResults><Blobs><Blob><Name>${name}</Name><Properties><Last-Modified>${MODIFIED.toUTCString()}</Last-Modified><Etag>1</Etag><Content-Length>1</Content-Length></Properties></Blob></Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
      s3: (name: string, next: string) =>
        `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next && `<NextContinuationToken>${next}</NextContinuationToken>`}<Contents><Key>${name}</Key><LastModified>${MODIFIED.toISOString()}</LastModified><Size>1</Size></Contents></ListBucketResult>`,
    };
    await using scene = await openThrough('paged', ({ url = '' }) => {
      const isSecond = /[?&](marker|continuation-token)=more/.test(url);
      const body = isSecond ? pages[which]('paged/b%26', '') : pages[which]('paged/a', 'more+/=');
      return { status: 200, body, headers: { 'content-type': 'application/xml' } };
    });
    expect(await namesOf(scene.folder)).toEqual(['a', 'b%26']);
    expect(scene.proxy.asked).toHaveLength(2);
  });

  it('whose pieces fail, nothing is there', async () => {
    await using scene = await openThrough('pieces', () => 'pass');
    const pieces = async function* () {
      yield LARGE;
      yield LARGE;
      expect(scene.proxy.asked.filter(({ method }) => method === 'PUT')).not.toHaveLength(0);
      expect(await scene.direct.stat('large', signal)).toBeNull();
      throw new Error('no more');
    };
    await expect(scene.folder.write('large', pieces(), signal)).rejects.toThrow('no more');
    expect(await scene.direct.stat('large', signal)).toBeNull();
    expect(await namesOf(scene.direct)).toEqual([]);
    // OpenDAL gives no upload up.
    if (which === 'azure') expect(await azure.namesIn('bucket')).toContain('pieces/large');
  });

  it('that hangs, what OpenDAL asks is given up when its time is over', async () => {
    await using scene = await openThrough('late', () => 'hang');
    const bucket = bucketOf(scene.url, scene.proxy.host, { callMs: 100, listMs: 100 });
    await expect(bucket.list('', signal)).rejects.toThrow(/cannot be listed now: .* for 0.1 s$/);
    await expect(bucket.remove('a', signal)).rejects.toThrow(Transient);
  });
});
