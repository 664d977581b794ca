/** The backups in a location, newest first. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_ENTRIES } from '../../../src/kinds/backup/list.ts';
import { graphql } from '../../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser } from '../../support/control.ts';
import { startS3 } from '../../support/s3.ts';

const LIST = graphql(/* GraphQL */ `
  query ListBackups($url: String!, $first: Int! = 50, $after: String) {
    backups(url: $url, first: $first, after: $after) {
      edges {
        cursor
        node {
          url
        }
      }
      nodes {
        url
        database
        createdAt
        complete
        incrementalFrom
        storedBytes
        tables {
          name
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

const urlsIn = async (app: TestApp, url: string, user?: string) =>
  (await app.execute(LIST, { url }, user)).backups?.nodes.map((backup) => backup.url);

/** Makes backups of an empty database, one after the other. */
const backedUp = async (app: TestApp, inputs: readonly Readonly<Record<string, string>>[]) => {
  await using changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "shop" }) { database { name } } }' });
  for (const input of inputs) {
    const { id } = await app.create('BACKUP', { database: 'shop', ...input }, 'root');
    await changes.reaches(id, 'SUCCEEDED');
  }
};

test('backups are listed newest first and in pages, with encrypted and incremental ones', async () => {
  await using app = await startApp({ settings: { SIGNALBOX_SECRET: 'sixteen characters and more' } });
  const passphrase = { encryptionPassphrase: 'correct horse battery staple' };
  await backedUp(app, [
    { destination: 'nodelocal:///b/one' },
    { destination: 'nodelocal:///b/deep/er/a%20%25two', incrementalFrom: 'nodelocal:///b/one' },
    { destination: 'nodelocal:///b/chunks', ...passphrase },
    { destination: 'nodelocal:///other/four' },
  ]);
  const { backups } = await app.execute(LIST, { url: 'nodelocal:///b' });
  expect(backups?.nodes).toMatchObject([
    { url: 'nodelocal:///b/chunks', database: 'shop', complete: true, incrementalFrom: null, tables: [] },
    { url: 'nodelocal:///b/deep/er/a%20%25two', complete: true, incrementalFrom: 'nodelocal:///b/one' },
    { url: 'nodelocal:///b/one', complete: true, incrementalFrom: null },
  ]);
  expect(backups?.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  expect(await urlsIn(app, 'nodelocal:///')).toHaveLength(4);
  expect(await urlsIn(app, 'nodelocal:///b/one/')).toEqual(['nodelocal:///b/one']);
  expect(await urlsIn(app, 'nodelocal:///nothing')).toEqual([]);

  const seen: string[] = [];
  const pageAfter = async (after: string | null) =>
    (await app.execute(LIST, { url: 'nodelocal:///', first: 1, after })).backups;
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof pageAfter>> = await pageAfter(after);
    expect(page?.pageInfo.hasPreviousPage).toBe(after !== null);
    expect(page?.edges[0]?.cursor).toBe(page?.pageInfo.endCursor);
    seen.push(...(page?.nodes.map(({ url }) => url) ?? []));
    if (page?.pageInfo.hasNextPage !== true) break;
    after = page.pageInfo.endCursor ?? null;
  }
  expect(seen).toEqual(await urlsIn(app, 'nodelocal:///'));
});

test('a damaged backup is listed as not complete, and whatever else is in the location is left out', async () => {
  await using app = await startApp();
  await backedUp(
    app,
    ['one', 'two', 'three'].map((name) => ({ destination: `nodelocal:///b/${name}` })),
  );
  const folder = join(app.dataDir, 'files', 'b');
  const manifest = join(folder, 'two', 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"pageSize"', '"pageSizf"'));
  rmSync(join(folder, 'one', 'chunks'), { recursive: true });
  const others = {
    foreign: '{"format": "other", "createdAt": "2026-01-01T00:00:00.000Z"}',
    empty: '',
    list: '[1]',
    binary: '\0\u{ffff}'.repeat(99_999),
    undated: '{"sha256":"0",\n "format": "signalbox-backup",\n "createdAt": "yesterday",\n "database": "x"\n}\n',
  };
  for (const [name, text] of Object.entries(others)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'manifest.json'), text);
  }
  mkdirSync(join(folder, 'folder', 'manifest.json'), { recursive: true });
  mkdirSync(join(folder, 'begun'));
  const begun = { id: 'i', database: 'shop', createdAt: '2026-01-01T00:00:00.000Z', incrementalFrom: null };
  writeFileSync(join(folder, 'begun', 'in-progress-7.json'), JSON.stringify(begun));
  symlinkSync(join(folder, 'three'), join(folder, 'link'));

  const { backups } = await app.execute(LIST, { url: 'nodelocal:///b' });
  expect(backups?.nodes).toMatchObject([
    { url: 'nodelocal:///b/three', complete: true },
    { url: 'nodelocal:///b/two', complete: false, database: 'shop', storedBytes: 0, tables: [] },
    { url: 'nodelocal:///b/one', complete: false, database: 'shop' },
  ]);
});

test('a location that cannot be listed, or holds too much, is refused with the reason', async () => {
  await using app = await startApp();
  const field = 'url';
  for (const [url, message] of [
    ['https://example.com/backups', 'nothing is listed over http: and https:'],
    ['nonsense', 'is not a storage URL'],
    ['nodelocal:///../x', 'leads outside of the folder of files'],
  ] as const) {
    expect(await app.refuse(LIST, { url })).toMatchObject({
      message: expect.stringContaining(message),
      extensions: { code: 'BAD_USER_INPUT', field },
    });
  }
  const list = { url: 'nodelocal:///b' };
  for (const [args, of] of [
    [{ after: 'nonsense' }, 'after'],
    [{ first: -1 }, 'first'],
    [{ first: 1_001 }, 'first'],
  ] as const) {
    expect(await app.refuse(LIST, { ...list, ...args })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', field: of },
    });
  }
  await backedUp(app, [{ destination: 'nodelocal:///b/one' }]);
  const chunks = join(app.dataDir, 'files', 'b', 'one', 'chunks');
  for (let i = 0; i <= MAX_ENTRIES; i += 1) writeFileSync(join(chunks, `${i}`), '');
  expect(await urlsIn(app, list.url)).toHaveLength(1);
  for (let i = 0; i <= MAX_ENTRIES; i += 1) writeFileSync(join(app.dataDir, 'files', 'b', `${i}`), '');
  expect(await app.refuse(LIST, list)).toMatchObject({
    message: expect.stringContaining(`holds more than ${MAX_ENTRIES} files and folders`),
    extensions: { code: 'BAD_USER_INPUT', field },
  });
});

test('a user lists the backups in the granted folder only', async () => {
  await using app = await startApp();
  await backedUp(app, [{ destination: 'nodelocal:///eve/one' }, { destination: 'nodelocal:///bob/two' }]);
  await addUser(app, 'eve', { privileges: ['CREATEJOB'], files: { folder: 'eve' } });
  await addUser(app, 'watcher', { privileges: ['VIEWJOB'] });
  expect(await urlsIn(app, 'nodelocal:///eve', 'eve')).toEqual(['nodelocal:///eve/one']);
  for (const url of ['nodelocal:///', 'nodelocal:///bob', 's3://bucket/b?AUTH=implicit']) {
    expect(await app.refuse(LIST, { url }, 'eve')).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', field: 'url' },
    });
  }
  expect(await app.refuse(LIST, { url: 'nodelocal:///eve' }, 'watcher')).toMatchObject({
    extensions: { code: 'FORBIDDEN' },
  });
});

test('the backups below a prefix of a bucket are listed, and no key is shown', async () => {
  await using s3 = await startS3();
  await s3.makeBucket('backups');
  const settings = { ALLOW_PRIVATE_HOSTS: s3.host, SIGNALBOX_SECRET: 'sixteen characters and more' };
  await using app = await startApp({ settings });
  // Of several folders next to each other, this store lists only the last.
  await backedUp(app, [
    { destination: s3.url('backups/in') },
    { destination: s3.url('backups/in/deep'), incrementalFrom: s3.url('backups/in') },
    { destination: s3.url('backups/in/deep/two') },
    { destination: s3.url('backups/inside') },
  ]);
  const { backups } = await app.execute(LIST, { url: s3.url('backups/in') });
  expect(backups?.nodes).toMatchObject([
    { url: expect.stringMatching(/^s3:\/\/backups\/in\/deep\/two\?/), complete: true },
    { url: expect.stringMatching(/^s3:\/\/backups\/in\/deep\?/), complete: true },
    { url: expect.stringMatching(/^s3:\/\/backups\/in\?/), complete: true },
  ]);
  expect(backups?.nodes[1]?.incrementalFrom).toMatch(/^s3:\/\/backups\/in\?/);
  expect(JSON.stringify(backups)).not.toContain('AWS_SECRET_ACCESS_KEY=S3RVER');
});
