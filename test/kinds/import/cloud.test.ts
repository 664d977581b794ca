import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../../../src/storage/open.ts';
import { startAzurite } from '../../support/azurite.ts';
import { environmentOf } from '../../support/places.ts';
import { startS3 } from '../../support/s3.ts';
import { execute } from '../contract.ts';
import { IMPORT, openScene } from './scene.ts';

const kind = IMPORT;
const ROWS = 60_000;
const csvOf = (from: number, to: number) =>
  `id,name,age\n${Array.from({ length: to - from }, (_, i) => `${from + i},name ${from + i},36\n`).join('')}`;
const count = 'SELECT count(*), count(DISTINCT id), sum(id) FROM people';
const all = [[ROWS, ROWS, (ROWS * (ROWS - 1)) / 2]];
const { signal } = new AbortController();

const startStore = async (which: 'azure' | 's3') => {
  if (which === 's3') {
    const s3 = await startS3();
    await s3.makeBucket('bucket');
    return s3;
  }
  const azure = await startAzurite();
  await azure.makeContainer('bucket');
  return azure;
};

describe.each(['azure', 's3'] as const)('an import from %s', (which) => {
  it('reads several sources, plain and gzip, goes on by byte, and fails when a source changed', async () => {
    await using store = await startStore(which);
    const allowPrivateHosts = [store.host];
    const folder = openFolder(store.url('bucket/in'), environmentOf({ filesDir: '/nowhere', allowPrivateHosts }));
    const put = (name: string, content: string | Uint8Array) => folder.write(name, [Buffer.from(content)], signal);
    await put('a b.csv', csvOf(0, 50_000));
    await put('c.csv.gz', gzipSync(csvOf(50_000, ROWS)));
    const sources = ['bucket/in/a%20b.csv', 'bucket/in/c.csv.gz'].map((path) => store.url(path));
    await using scene = await openScene({ files: {}, sources, allowPrivateHosts });
    expect(JSON.stringify(scene.details).match(/_KEY=redacted/g)).toHaveLength(2);
    expect(Object.values(scene.secrets ?? {})).toEqual(sources);
    await execute({ kind, scene, epoch: 1, stopAt: 4 });
    await execute({ kind, scene, epoch: 2 });
    expect(scene.all(count)).toEqual(all);

    await using other = await openScene({ files: {}, sources, allowPrivateHosts });
    await execute({ kind, scene: other, epoch: 1, stopAt: 3 });
    await put('a b.csv', csvOf(1, 50_001));
    await expect(execute({ kind, scene: other, epoch: 2 })).rejects.toThrow('has changed since the job was created');
  });
});
