import { Operator } from 'opendal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolder, openStored } from '../../../src/storage/open.ts';
import type { Folder } from '../../../src/storage/storage.ts';
import { StorageError } from '../../../src/storage/url.ts';
import { startAzurite } from '../../support/azurite.ts';
import type { Cloud } from '../../support/cloud.ts';
import { environmentOf } from '../../support/places.ts';
import { startS3 } from '../../support/s3.ts';

const { signal } = new AbortController();
const MIB = 1024 * 1024;
const LARGE = Buffer.alloc(20 * MIB, 'abcdefghijk');

const textOf = async (folder: Folder, name: string, fromByte = 0) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.read(name, fromByte, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const namesOf = async (folder: Folder, prefix = '') => {
  const names: string[] = [];
  for await (const name of folder.list(prefix, signal)) names.push(name);
  return names.sort();
};
function* inPieces(content: Buffer, bytes: number) {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

const STORES = [
  {
    name: 'azure',
    start: async (): Promise<Cloud> => {
      const azure = await startAzurite();
      await azure.makeContainer('bucket');
      return azure;
    },
    // Somebody else's client, to see what really lies there.
    other: ({ settings }: Cloud) =>
      new Operator('azblob', {
        container: 'bucket',
        endpoint: settings.AZURE_ENDPOINT ?? '',
        account_name: settings.AZURE_ACCOUNT_NAME ?? '',
        account_key: settings.AZURE_ACCOUNT_KEY ?? '',
      }),
  },
  {
    name: 's3',
    start: async (): Promise<Cloud> => {
      const s3 = await startS3();
      await s3.makeBucket('bucket');
      return s3;
    },
    other: ({ settings }: Cloud) =>
      new Operator('s3', {
        bucket: 'bucket',
        region: 'us-east-1',
        endpoint: settings.AWS_ENDPOINT ?? '',
        access_key_id: settings.AWS_ACCESS_KEY_ID ?? '',
        secret_access_key: settings.AWS_SECRET_ACCESS_KEY ?? '',
        disable_config_load: 'true',
        disable_ec2_metadata: 'true',
      }),
  },
];

describe.each(STORES)('a folder in $name', ({ start, other }) => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud[Symbol.asyncDispose]());
  const environment = () => environmentOf({ filesDir: '/nowhere', allowPrivateHosts: [cloud.host] });
  const open = (path: string) => openFolder(cloud.url(`bucket/${path}`), environment());

  it('has what was written, of any size, in pieces of any size', async () => {
    const folder = open('sizes');
    const sizes = [0, 1, 8 * MIB, 8 * MIB + 1, 20 * MIB];
    for (const size of sizes) await folder.write(`${size}`, inPieces(LARGE.subarray(0, size), 300_000), signal);
    for (const size of sizes) {
      expect((await folder.stat(`${size}`, signal))?.size).toBe(size);
      expect((await textOf(folder, `${size}`)).equals(LARGE.subarray(0, size))).toBe(true);
      expect((await other(cloud).read(`sizes/${size}`)).equals(LARGE.subarray(0, size))).toBe(true);
    }
    expect((await textOf(folder, `${20 * MIB}`, 20 * MIB - 3)).equals(LARGE.subarray(20 * MIB - 3))).toBe(true);
    expect(await textOf(folder, '1', 1)).toHaveLength(0);
    expect(await textOf(folder, '0')).toHaveLength(0);
  });

  it('takes names as they are, as others see them', async () => {
    const folder = open('na mes/%25');
    const names = ['a b', 'ä/ö ü', '%41', 'a#b', 'a?b=c&d', '日本', "it's", '(x)*!', 'a+b', '~', 'a.b'];
    for (const name of names) await folder.write(name, [Buffer.from(name)], signal);
    expect(await namesOf(folder)).toEqual([...names].sort());
    for (const name of names) {
      expect(`${await textOf(folder, name)}`).toBe(name);
      expect(`${await other(cloud).read(`na mes/%/${name}`)}`).toBe(name);
    }
    for (const name of names) await folder.remove(name, signal);
    expect(await namesOf(folder)).toEqual([]);
  });

  it('is replaced, listed by how names begin, and removed from, others left alone', async () => {
    const folder = open('one');
    await open('one-more').write('a', [Buffer.from('other')], signal);
    for (const name of ['a/1', 'a/b/2', 'ab/3', 'b']) await folder.write(name, [Buffer.from(name)], signal);
    const before = await folder.stat('b', signal);
    await folder.write('b', [Buffer.from('replaced')], signal);
    expect(await folder.stat('b', signal)).not.toEqual(before);
    expect(`${await textOf(folder, 'b')}`).toBe('replaced');
    expect(await namesOf(folder, 'a')).toEqual(['a/1', 'a/b/2', 'ab/3']);
    expect(await namesOf(folder, 'a/')).toEqual(['a/1', 'a/b/2']);
    expect(await namesOf(open('nothing'))).toEqual([]);
    for (const name of await namesOf(folder)) await folder.remove(name, signal);
    await folder.remove('b', signal);
    expect(await folder.stat('b', signal)).toBeNull();
    expect(await namesOf(open('one-more'))).toEqual(['a']);
  });

  it('takes no name that OpenDAL would change', async () => {
    await open('spaces').write('a', [Buffer.from('x')], signal);
    for (const name of ['a ', 'a\u3000', 'a\n']) {
      await expect(open('spaces').write(name, [], signal)).rejects.toThrow(
        'with a space at an end, or with an empty part',
      );
      await expect(open('spaces').remove(name, signal)).rejects.toThrow(
        'with a space at an end, or with an empty part',
      );
      await expect(open('spaces').stat(name, signal)).rejects.toThrow('with a space at an end, or with an empty part');
    }
    await expect(namesOf(open('%20spaces'))).rejects.toThrow('with a space at an end, or with an empty part');
    for (const path of ['bucket/spaces//a', 'bucket//spaces/a']) {
      await expect(openStored(cloud.url(path), environment()).stat()).rejects.toThrow('or with an empty part');
    }
    expect(await namesOf(open('spaces'), 'a ')).toEqual([]);
    expect(`${await textOf(open('spaces'), 'a')}`).toBe('x');
  });

  it('is not left by a name', async () => {
    const folder = open('inside');
    for (const name of ['', '.', '..', '../a', 'a/../b', '/a', 'a//b', 'a\\b']) {
      await expect(folder.write(name, [], signal)).rejects.toThrow(StorageError);
      await expect(folder.remove(name, signal)).rejects.toThrow(StorageError);
    }
  });

  it('says what is not there, and shows no key', async () => {
    const errors: unknown[] = [];
    const fails = async (done: Promise<unknown>, message: RegExp) => {
      const error = await done.then(
        () => 'nothing failed',
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(StorageError);
      expect(String(error)).toMatch(message);
      errors.push(error);
    };
    await fails(openStored(cloud.url('bucket/none'), environment()).stat(), /bucket\/none does not exist/);
    await fails(textOf(open('x'), 'none'), /bucket\/x\/none does not exist/);
    const gone = openFolder(cloud.url('nobucket/x'), environment());
    await fails(gone.write('a', [], signal), /there is no (bucket|container) nobucket/);
    await fails(gone.stat('a', signal), /there is no (bucket|container) nobucket/);
    await fails(namesOf(gone), /there is no (bucket|container) nobucket/);
    await gone.remove('a', signal);
    if (cloud.url('x').startsWith('azure')) {
      const wrong = openFolder(cloud.url('bucket/x', { AZURE_ACCOUNT_KEY: 'aHVzaA==' }), environment());
      await fails(wrong.stat('a', signal), /AZURE_ACCOUNT_KEY is wrong/);
      await fails(textOf(wrong, 'a'), /AZURE_ACCOUNT_KEY is wrong/);
      await fails(wrong.write('a', [], signal), /AZURE_ACCOUNT_KEY is wrong/);
      await fails(wrong.write('a', [LARGE], signal), /AZURE_ACCOUNT_KEY is wrong/);
      await fails(namesOf(wrong), /AZURE_ACCOUNT_KEY is wrong/);
      await fails(wrong.remove('a', signal), /AZURE_ACCOUNT_KEY is wrong/);
      expect(errors.map(String).join()).not.toContain('aHVzaA');
    }
    for (const error of errors) {
      expect(String(error)).not.toContain(encodeURIComponent(Object.values(cloud.settings)[1] ?? ''));
      expect(String(error)).not.toContain(Object.values(cloud.settings)[1]);
    }
  });

  it('is not reached on a private address that is not listed', async () => {
    const hidden = openFolder(cloud.url('bucket/x'), environmentOf({ filesDir: '/nowhere' }));
    await expect(hidden.stat('a', signal)).rejects.toThrow('not listed in ALLOW_PRIVATE_HOSTS');
    await expect(hidden.write('a', [], signal)).rejects.toThrow('not listed in ALLOW_PRIVATE_HOSTS');
    await expect(namesOf(hidden)).rejects.toThrow('not listed in ALLOW_PRIVATE_HOSTS');
    await expect(hidden.remove('a', signal)).rejects.toThrow('not listed in ALLOW_PRIVATE_HOSTS');
  });

  it("is opened with the server's own keys by permitted users", async () => {
    const [scheme = ''] = cloud.url('x').split(':');
    const own = environmentOf({ filesDir: '/nowhere', serverCredentials: cloud.settings });
    await openFolder(`${scheme}://bucket/own`, own).write('a', [Buffer.from('mine')], signal);
    expect(`${await textOf(openFolder(`${scheme}://bucket/own?AUTH=implicit`, own), 'a')}`).toBe('mine');
    expect(() => openFolder(`${scheme}://bucket/own`, environmentOf({ filesDir: '/nowhere' }))).toThrow('only admins');
  });
});
