import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import type { CreateImportInput } from '../../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser } from '../../support/control.ts';
import { workbook } from './workbook.ts';

const CREATE = graphql(/* GraphQL */ `
  mutation CreateBasket {
    createDatabase(input: { name: "basket" }) {
      database {
        name
      }
    }
  }
`);
const IMPORT = graphql(/* GraphQL */ `
  mutation ImportFruit($input: CreateImportInput!) {
    createImport(input: $input) {
      job {
        id
      }
    }
  }
`);
const URL_OF = graphql(/* GraphQL */ `
  query RejectsUrl($id: ID!) {
    job(id: $id) {
      ... on ImportJob {
        rejectsUrl
        rejects {
          nodes {
            line
          }
        }
      }
    }
  }
`);

const DELETE = graphql(/* GraphQL */ `
  mutation DeleteFruit($ids: [ID!]!) {
    deleteJobs(jobs: { ids: $ids }) {
      deletedCount
    }
  }
`);

const COLUMNS = [
  { name: 'id', type: 'INTEGER' },
  { name: 'name', type: 'TEXT' },
];

const openBasket = async (settings: Readonly<Record<string, string>> = {}) => {
  const app = await startApp({ settings });
  const changes = changesOf(app);
  await app.execute(CREATE);
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(app.dataDir, 'files', name), content);
    return `nodelocal:///${name}`;
  };
  const run = async (input: Partial<CreateImportInput> & Pick<CreateImportInput, 'sources' | 'table'>) => {
    const given = { database: 'basket', columns: COLUMNS, rejectLimit: 9, ...input };
    const { id } = (await app.execute(IMPORT, { input: given })).createImport.job;
    await changes.reaches(id, 'SUCCEEDED');
    return id;
  };
  const rows = (table: string, order = 'id') => {
    const sql = new Database(join(app.dataDir, 'databases', 'basket.db'), { readonly: true });
    try {
      return sql.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).raw().all();
    } finally {
      sql.close();
    }
  };
  const close = async () => {
    await changes[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  };
  return { app, write, run, rows, [Symbol.asyncDispose]: close };
};
const urlOf = async (app: TestApp, id: string) => {
  const { job } = await app.execute(URL_OF, { id });
  if (!job || !('rejectsUrl' in job)) throw new Error('it is no import');
  return job.rejectsUrl;
};
const download = (app: TestApp, path: string, user = 'root', method = 'GET') =>
  fetch(new URL(path, app.url), { method, headers: { 'x-signalbox-user': user } });

test('rejected rows are downloaded whole, corrected, and imported with the same options', async () => {
  await using basket = await openBasket();
  const { app, write, run, rows } = basket;
  const long = 'é'.repeat(3_000);
  const text = `Title\nid;name\n1;Ada\nx;"a ""b""\n${long}"\n3;c\ny;€\n`;
  write('in.csv', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
  const options = { csv: { delimiter: ';', skip: 1 }, encoding: 'utf-16le' };
  const id = await run({ table: 'fruit', sources: ['nodelocal:///in.csv'], ...options });
  const url = (await urlOf(app, id)) ?? '';
  expect(url).toBe(`/rejects/${id}`);

  const reply = await download(app, url);
  expect(reply.status).toBe(200);
  expect(Object.fromEntries(reply.headers)).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="rejects-${id}.csv"`,
    'cache-control': 'no-store',
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  expect(bytes.toString()).toBe(`\ufeffTitle\nid;name\nx;"a ""b""\n${long}"\ny;€\n`);

  write('again.csv', bytes.toString().replace('\nx;', '\n2;').replace('\ny;', '\n4;'));
  await run({ table: 'more', sources: ['nodelocal:///again.csv'], ...options });
  expect(rows('more')).toEqual([
    [2, `a "b"\n${long}`],
    [4, '€'],
  ]);
});

test('skipped lines that are long are blank in the download, and a header that is longer is left out by name', async () => {
  await using basket = await openBasket();
  const { app, write, run } = basket;
  const get = async (sources: string[], input: Pick<CreateImportInput, 'csv' | 'fields'>) => {
    const id = await run({ table: `t${sources[0]?.length}`, sources, ...input });
    const reply = await download(app, (await urlOf(app, id)) ?? '');
    return [id, reply.headers.get('content-disposition'), await reply.text()] as const;
  };
  const long = 'x'.repeat(70_000);
  const [first, named, text] = await get([write('a.csv', `${long}\n\nid,name\n1,a\nx,b\n`)], { csv: { skip: 2 } });
  expect([named, text]).toEqual([`attachment; filename="rejects-${first}.csv"`, '\n\nid,name\nx,b\n']);
  const fields = ['id', 'name'].map((name) => ({ from: { name }, column: name }));
  const [second, cut, rest] = await get([write('bb.csv', `id,name,${long}\n1,a,\nx,b,\n`)], { fields });
  expect([cut, rest]).toEqual([`attachment; filename="rejects-${second}-without-header.csv"`, 'x,b,\n']);
});

test('rejected rows leave the database when the job has ended, are read as before, and go with the job', async () => {
  await using basket = await openBasket();
  const { app, write, run, rows } = basket;
  await run({ table: 'fruit', sources: [write('good.csv', 'id,name\n1,a\n')] });
  const objects = () => (rows('sqlite_schema', 'name') as unknown[][]).filter(([, name]) => !/_jobs$/.test(`${name}`));
  await expect.poll(objects).toHaveLength(1);
  const before = objects();
  const id = await run({ table: 'fruit', columns: null, sources: [write('bad.csv', 'id,name\nx,a\n2,b\ny,c\n')] });
  await expect.poll(objects).toEqual(before);
  expect(rows('fruit')).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  const files = () => readdirSync(join(app.dataDir, 'rejects'));
  expect(files()).toEqual([`${id}.db`]);
  expect((await app.execute(URL_OF, { id })).job).toEqual({
    rejectsUrl: `/rejects/${id}`,
    rejects: { nodes: [{ line: 2 }, { line: 4 }] },
  });
  expect(await (await download(app, `/rejects/${id}`)).text()).toBe('id,name\nx,a\ny,c\n');

  expect((await app.execute(DELETE, { ids: [id] })).deleteJobs?.deletedCount).toBe(1);
  await expect.poll(files).toEqual([]);
  expect((await download(app, `/rejects/${id}`)).status).toBe(404);
  expect(objects()).toEqual(before);
});

test('only the creator of the job and admins download them', async () => {
  await using basket = await openBasket();
  const { app, write, run } = basket;
  write('in.csv', 'id,name\nx,a\n');
  const id = await run({ table: 'fruit', sources: ['nodelocal:///in.csv'] });
  await addUser(app, 'watcher', { privileges: ['CONTROLJOB'] });
  expect(await urlOf(app, id)).toBe(`/rejects/${id}`);
  const codeOf = async (reply: Response) => [reply.status, (await reply.json()).errors[0].extensions.code];
  expect(await codeOf(await download(app, `/rejects/${id}`, 'watcher'))).toEqual([403, 'FORBIDDEN']);
  expect(await codeOf(await download(app, '/rejects/123'))).toEqual([404, 'NOT_FOUND']);
  expect(await codeOf(await download(app, `/rejects/${id}`, 'root', 'DELETE'))).toEqual([400, 'BAD_USER_INPUT']);
  expect((await download(app, `/rejects/${id}`, 'nobody')).status).toBe(401);
  write('good.csv', 'id,name\n1,a\n');
  expect(await urlOf(app, await run({ table: 'good', sources: ['nodelocal:///good.csv'] }))).toBeNull();
});

test('rows of Excel are CSV and those of objects NDJSON, and sources of different headers are files of their own', async () => {
  await using basket = await openBasket({ PUBLIC_URL: 'https://example.com/jobs' });
  const { app, write, run } = basket;
  write('in.xlsx', workbook({ sheets: [['S', { 2: ['id', 'name'], 3: ['x', 'a,b'], 4: [1, 'c'], 5: ['y'] }]] }));
  const sheet = await run({ table: 'sheet', sources: ['nodelocal:///in.xlsx'], format: 'XLSX' });
  expect(await urlOf(app, sheet)).toBe(`https://example.com/jobs/rejects/${sheet}`);
  expect(await (await download(app, `/rejects/${sheet}`)).text()).toBe('id,name\nx,"a,b"\ny,\n');

  write('in.json', '[{"id":1},\n{"id":"x",\n"name":"é"}]');
  const objects = await run({ table: 'objects', sources: ['nodelocal:///in.json'], format: 'JSON' });
  expect(await (await download(app, `/rejects/${objects}`)).text()).toBe('{"id":"x",\n"name":"é"}\n');

  write('a.csv', 'id,name\nx,a\n');
  write('b.csv', 'name,id\nb,y\n');
  const two = await run({ table: 'two', sources: ['nodelocal:///a.csv', 'nodelocal:///b.csv'] });
  expect((await download(app, `/rejects/${two}`)).status).toBe(400);
  expect(await (await download(app, `/rejects/${two}?source=2`)).text()).toBe('name,id\nb,y\n');
});
