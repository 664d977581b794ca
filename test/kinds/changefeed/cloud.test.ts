import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openFolder } from '../../../src/storage/open.ts';
import { startAzurite } from '../../support/azurite.ts';
import { startS3 } from '../../support/s3.ts';
import { createFeed, drain, openPlace } from './scene.ts';

const CLOUDS = {
  s3: async () => {
    const cloud = await startS3();
    await cloud.makeBucket('feeds');
    return cloud;
  },
  azure: async () => {
    const cloud = await startAzurite();
    await cloud.makeContainer('feeds');
    return cloud;
  },
};

test.each(Object.entries(CLOUDS))('files of messages go to %s:, named in their order', async (_, start) => {
  await using cloud = await start();
  const environment = { allowPrivateHosts: [cloud.host] };
  await using place = openPlace(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')",
    environment,
  );
  const sink = cloud.url('feeds/of/t');
  const feed = await createFeed(place, { sink });
  expect(JSON.stringify([feed.details, feed.description])).not.toMatch(/(SECRET_ACCESS|ACCOUNT)_KEY=[^r]/);
  await drain(place, feed, 1);
  place.exec("INSERT INTO t VALUES (2, 'b'); DELETE FROM t WHERE id = 1");
  await drain(place, feed, 2);

  const folder = openFolder(sink, place.environment);
  const { signal } = new AbortController();
  const names: string[] = [];
  for await (const name of folder.list('', signal)) names.push(name);
  names.sort();
  expect(names.length).toBe(2);
  const lines = await Promise.all(names.map((name) => text(folder.read(name, 0, signal))));
  expect(
    lines
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).key),
  ).toEqual([[1], [2], [1]]);
});
