import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

const LIST = graphql(/* GraphQL */ `
  query ListFiles($prefix: String, $first: Int! = 100, $after: String) {
    files(prefix: $prefix, first: $first, after: $after) {
      edges {
        cursor
      }
      nodes {
        path
        size
        modifiedAt
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        endCursor
      }
    }
  }
`);
const DELETE = graphql(/* GraphQL */ `
  mutation DeleteFile($path: String!) {
    deleteFile(input: { path: $path }) {
      path
    }
  }
`);

const put = (app: TestApp, path: string, content = 'a\n1\n') => {
  const file = join(app.dataDir, 'files', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const paths = async (app: TestApp, variables = {}, user?: string) =>
  (await app.execute(LIST, variables, user)).files.nodes.map(({ path }) => path);

test('files are listed with size and time, in the order of their paths, page by page', async () => {
  await using app = await startApp();
  const first = put(app, 'a-b.csv', 'four');
  utimesSync(first, 1_000, 1_000);
  for (const path of ['a/z.csv', 'a/b/c.csv', 'a0.csv', 'b.csv']) put(app, path);
  const all = ['a-b.csv', 'a/b/c.csv', 'a/z.csv', 'a0.csv', 'b.csv', 'sample.csv'];
  const { files } = await app.execute(LIST);
  expect(files.nodes[0]).toEqual({ path: 'a-b.csv', size: 4, modifiedAt: '1970-01-01T00:16:40.000Z' });
  expect(files.nodes.map(({ path }) => path)).toEqual(all);
  expect(files.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: typeof files = (await app.execute(LIST, { first: 2, after })).files;
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    seen.push(...page.nodes.map(({ path }) => path));
    after = page.pageInfo.endCursor ?? null;
    more = page.pageInfo.hasNextPage;
  }
  expect(seen).toEqual(all);
  expect(await paths(app, { prefix: 'a/' })).toEqual(['a/b/c.csv', 'a/z.csv']);
  expect(await paths(app, { prefix: 'a' })).toEqual(all.slice(0, 4));
  expect(await paths(app, { prefix: '../' })).toEqual([]);
  expect(await paths(app, { first: 0 })).toEqual([]);
  expect(await app.refuse(LIST, { first: 1_001 })).toMatchObject({ extensions: { field: 'first' } });
  expect(await app.refuse(LIST, { after: 'no' })).toMatchObject({ extensions: { field: 'after' } });
});

test('a path is what follows nodelocal:///, whatever the name of the file is', async () => {
  await using app = await startApp();
  const names = ['100% [of] a?#*.csv', 'Straße 1.csv', 'a b.csv', '%41.csv'];
  for (const name of names) put(app, name, name);
  put(app, 'back\\slash.csv');
  put(app, '.signalbox-part-0-1');
  const listed = await paths(app);
  expect(
    listed
      .filter((path) => path !== 'sample.csv')
      .map(decodeURIComponent)
      .sort(),
  ).toEqual([...names].sort());
  await app.execute(
    graphql(/* GraphQL */ `
      mutation ShopForFiles {
        createDatabase(input: { name: "shop" }) {
          database {
            name
          }
        }
      }
    `),
  );
  await using changes = changesOf(app);
  const input = { database: 'shop', table: 't', columns: [{ name: 'line', type: 'TEXT' }], csv: { header: false } };
  const sources = listed.filter((path) => path !== 'sample.csv').map((path) => `nodelocal:///${path}`);
  const { id } = await app.create('IMPORT', { ...input, sources }, 'root');
  await changes.reaches(id, 'SUCCEEDED');
  for (const path of listed) expect(await app.execute(DELETE, { path })).toEqual({ deleteFile: { path } });
  expect(await paths(app)).toEqual([]);
  expect(readdirSync(join(app.dataDir, 'files')).sort()).toEqual(['.signalbox-part-0-1', 'back\\slash.csv']);
});

test('users list and delete in the folder that was granted to them, and nowhere else', async () => {
  await using app = await startApp();
  const own = put(app, 'team/ann/in/own.csv');
  const others = [put(app, 'team/bob.csv'), put(app, 'team/anna.csv'), put(app, 'top.csv')];
  const privileges = ['CREATEJOB'] as const;
  await addUser(app, 'ann', { privileges: [...privileges], databases: { names: [] }, files: { folder: 'team/ann' } });
  await addUser(app, 'none', { privileges: [...privileges], databases: { names: [] }, files: { all: false } });
  await addUser(app, 'reader', { databases: { all: true }, files: { all: true } });
  expect(await paths(app, {}, 'ann')).toEqual(['team/ann/in/own.csv']);
  expect(await paths(app, { prefix: 'team/b' }, 'ann')).toEqual([]);
  expect(await paths(app, {}, 'none')).toEqual([]);
  expect((await app.refuse(LIST, {}, 'reader')).message).toBe('user reader does not have the privilege CREATEJOB');
  expect(await app.refuse(DELETE, { path: 'top.csv' }, 'reader')).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  const refused = [
    'team/bob.csv',
    'team/ann/../bob.csv',
    'team/ann/%2E%2E/bob.csv',
    'team/anna.csv',
    'top.csv',
    '',
    '/',
  ];
  for (const user of ['ann', 'none']) {
    for (const path of refused) {
      expect(await app.refuse(DELETE, { path }, user)).toEqual({
        message: `file ${JSON.stringify(path)} does not exist`,
        path: ['deleteFile'],
        locations: expect.anything(),
        extensions: { code: 'NOT_FOUND' },
      });
    }
  }
  expect(others.map((file) => existsSync(file))).toEqual([true, true, true]);
  await app.execute(DELETE, { path: 'team/ann/in/own.csv' }, 'ann');
  expect(existsSync(own)).toBe(false);
  expect(readdirSync(join(app.dataDir, 'files/team/ann'))).toEqual([]);
  await app.execute(DELETE, { path: 'team/bob.csv' });
  expect(existsSync(others[0] ?? '')).toBe(false);
});

test('links are not listed, and nothing is deleted through one', async () => {
  await using app = await startApp();
  const outside = join(app.dataDir, 'outside.csv');
  writeFileSync(outside, 'kept');
  const files = join(app.dataDir, 'files');
  put(app, 'real/x.csv');
  symlinkSync(outside, join(files, 'file-link.csv'));
  symlinkSync(app.dataDir, join(files, 'folder-link'));
  symlinkSync(join(files, 'real'), join(files, 'inner-link'));
  symlinkSync(join(files, 'real'), join(files, 'granted'));
  await addUser(app, 'eve', { privileges: ['CREATEJOB'], databases: { names: [] }, files: { folder: 'granted' } });
  expect(await paths(app)).toEqual(['real/x.csv', 'sample.csv']);
  expect(await paths(app, {}, 'eve')).toEqual([]);
  const through = ['file-link.csv', 'folder-link/outside.csv', 'inner-link/x.csv', 'real'];
  for (const path of through) {
    expect((await app.refuse(DELETE, { path })).extensions).toEqual({ code: 'NOT_FOUND' });
  }
  expect((await app.refuse(DELETE, { path: 'granted/x.csv' }, 'eve')).extensions).toEqual({ code: 'NOT_FOUND' });
  expect(readFileSync(outside, 'utf8')).toBe('kept');
  expect(readdirSync(files).sort()).toEqual([
    ...['file-link.csv', 'folder-link', 'granted', 'inner-link'],
    'real',
    'sample.csv',
  ]);
  expect(readdirSync(join(files, 'real'))).toEqual(['x.csv']);
});

test('a file stays while a job that has not ended names it, or a folder that it is in', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const file = put(app, 'eve/in/a.csv');
  await addUser(app, 'eve', { privileges: ['CREATEJOB'], databases: { names: [] }, files: { folder: 'eve' } });
  const path = 'eve/in/a.csv';
  for (const [name, user] of [
    ['nodelocal:///eve/in/a.csv', 'eve'],
    ['nodelocal:///eve/./in', 'root'],
  ] as const) {
    const { id } = await app.create('SCRIPTED', { name }, user);
    await changes.reaches(id, 'RUNNING');
    const byEve = await app.refuse(DELETE, { path }, 'eve');
    expect(byEve.extensions).toEqual(user === 'eve' ? { code: 'CONFLICT', jobId: id } : { code: 'CONFLICT' });
    expect(byEve.message).toContain(user === 'eve' ? `job ${id}` : 'another job');
    expect(await app.refuse(DELETE, { path })).toMatchObject({ extensions: { code: 'CONFLICT', jobId: id } });
    expect(existsSync(file)).toBe(true);
    script(name).act('finish');
    await changes.reaches(id, 'SUCCEEDED');
  }
  await app.execute(DELETE, { path }, 'eve');
  expect(existsSync(file)).toBe(false);
});
