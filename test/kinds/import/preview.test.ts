import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/index.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser } from '../../support/control.ts';

const PREVIEW = graphql(/* GraphQL */ `
  query Preview($input: ImportPreviewInput!) {
    importPreview(input: $input) {
      format
      compression
      encoding
      delimiter
      quote
      escape
      header
      skip
      fieldNames
      columns {
        name
        type
        nullable
      }
      rows
      problems {
        source
        line
        lastLine
        column
        reason
        text
      }
    }
  }
`);
const IMPORT = graphql(/* GraphQL */ `
  mutation ImportPreviewed($input: CreateImportInput!) {
    createImport(input: $input) {
      job {
        id
        rowsImported
      }
    }
  }
`);

const CONTENT = `id;zip;price;born;paid;;note;note
1;00601;1.5;1999-12-31;true;x;"a;b";
2;10001;2;2000-01-01;false;;"c
d";e
`;

const open = async () => {
  const app = await startApp();
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), CONTENT);
  return app;
};
const preview = async (app: TestApp, input: object, user?: string) =>
  (await app.execute(PREVIEW, { input: { sources: ['nodelocal:///a.csv'], ...input } as never }, user)).importPreview;

test('a preview shows how a source is read and what would be stored, and createImport stores just that', async () => {
  await using app = await open();
  const files = readdirSync(app.dataDir, { recursive: true }).length;
  const found = await preview(app, {});
  expect(found).toMatchObject({
    ...{ format: 'CSV', compression: 'NONE', encoding: 'UTF-8', delimiter: ';', quote: '"', escape: null },
    ...{ header: true, skip: 0, problems: [] },
    fieldNames: ['id', 'zip', 'price', 'born', 'paid', '', 'note', 'note'],
    columns: [
      { name: 'id', type: 'INTEGER', nullable: true },
      { name: 'zip', type: 'TEXT', nullable: true },
      { name: 'price', type: 'REAL', nullable: true },
      { name: 'born', type: 'DATE', nullable: true },
      { name: 'paid', type: 'BOOLEAN', nullable: true },
      { name: 'column6', type: 'TEXT', nullable: true },
      { name: 'note', type: 'TEXT', nullable: true },
      { name: 'note_2', type: 'TEXT', nullable: true },
    ],
    rows: [
      [1, '00601', 1.5, '1999-12-31', 1, 'x', 'a;b', null],
      [2, '10001', 2, '2000-01-01', 0, null, 'c\nd', 'e'],
    ],
  });
  expect(readdirSync(app.dataDir, { recursive: true })).toHaveLength(files);

  await using changes = changesOf(app);
  const input = {
    database: 'demo',
    table: 't',
    sources: ['nodelocal:///a.csv'],
    csv: { delimiter: ';' },
    inferColumns: true,
  };
  const { job } = (await app.execute(IMPORT, { input })).createImport;
  await changes.reaches(job.id, 'SUCCEEDED');
  const sql = new Database(join(app.dataDir, 'databases', 'demo.db'), { readonly: true });
  expect(sql.prepare('SELECT * FROM t').raw().all()).toEqual(found?.rows);
  expect(sql.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('t')).toEqual(
    found?.columns.map(({ name }) => name),
  );
  sql.close();
});

test('a preview shows what would be rejected, for columns that are given and for a table that exists', async () => {
  await using app = await open();
  const columns = [
    { name: 'id', type: 'INT' },
    { name: 'zip', type: 'INT2' },
  ];
  const fields = columns.map(({ name }) => ({ from: { name }, column: name }));
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), 'id,zip,x\n1,2,3\n2,70000,4\n3,"5\n6",7\n');
  const given = await preview(app, { columns, fields, rows: 1 });
  expect(given?.rows).toEqual([[1, 2]]);
  expect(given?.problems).toEqual([
    {
      source: 'nodelocal:///a.csv',
      line: 3,
      lastLine: 3,
      column: 'zip',
      reason: 'out of the range of INT2',
      text: '2,70000,4',
    },
    { source: 'nodelocal:///a.csv', line: 4, lastLine: 5, column: 'zip', reason: 'not an integer', text: '3,"5\n6",7' },
  ]);

  const sql = new Database(join(app.dataDir, 'databases', 'demo.db'));
  sql.exec('CREATE TABLE t (id INT NOT NULL, zip STRING)');
  sql.close();
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), 'zip,id\n00601,1\n601,\n5,2\n');
  const there = await preview(app, { database: 'demo', table: 't' });
  expect(there?.columns).toEqual([
    { name: 'id', type: 'INT', nullable: false },
    { name: 'zip', type: 'STRING', nullable: true },
  ]);
  expect(there?.rows).toEqual([[2, 5]]);
  expect(there?.problems.map(({ line, column }) => [line, column])).toEqual([
    [2, 'zip'],
    [3, 'id'],
  ]);
});

test('NDJSON is recognized, and its keys name the columns', async () => {
  await using app = await open();
  writeFileSync(join(app.dataDir, 'files', 'a.log'), '{"id":1,"ok":true}\n{"id":2,"tags":["x"]}\n');
  expect(await preview(app, { sources: ['nodelocal:///a.log'] })).toMatchObject({
    format: 'NDJSON',
    delimiter: null,
    fieldNames: ['id', 'ok', 'tags'],
    columns: [{ type: 'INTEGER' }, { type: 'BOOLEAN' }, { type: 'TEXT' }],
    rows: [
      [1, 1, null],
      [2, null, '["x"]'],
    ],
  });
});

test('JSON is recognized in any layout, and its columns are inferred', async () => {
  await using app = await open();
  const objects = [
    { id: 1, ok: true },
    { id: 2, tags: ['x'] },
  ];
  for (const text of [
    JSON.stringify(objects),
    JSON.stringify(objects, null, 2),
    `\x1e${JSON.stringify(objects[0])}\n\x1e${JSON.stringify(objects[1])}`,
  ]) {
    writeFileSync(join(app.dataDir, 'files', 'a.log'), text);
    expect(await preview(app, { sources: ['nodelocal:///*.log'] })).toMatchObject({
      format: 'JSON',
      delimiter: null,
      fieldNames: ['id', 'ok', 'tags'],
      columns: [{ type: 'INTEGER' }, { type: 'BOOLEAN' }, { type: 'TEXT' }],
      rows: [
        [1, 1, null],
        [2, null, '["x"]'],
      ],
      problems: [],
    });
  }
});

test('JSON is recognized where the sample ends inside of an object', async () => {
  await using app = await open();
  const long = 'x'.repeat(2_000_000);
  const cases: [unknown, string[]][] = [
    [
      {
        type: 'list',
        rows: Array.from({ length: 40_000 }, (_, id) => ({ id, long: 'a "quoted" text of some length' })),
      },
      ['id', 'long'],
    ],
    [{ type: 'one', points: [[1, 2]], long }, ['type', 'points', 'long']],
    [
      [{ long, id: 1 }, { id: 2 }],
      ['long', 'id'],
    ],
  ];
  for (const [value, fieldNames] of cases) {
    writeFileSync(join(app.dataDir, 'files', 'a.json'), JSON.stringify(value));
    const found = await preview(app, { sources: ['nodelocal:///a.json'], rows: 1 });
    expect(found).toMatchObject({ format: 'JSON', fieldNames, problems: [] });
  }
  writeFileSync(join(app.dataDir, 'files', 'a.json'), '[]');
  const sources = ['nodelocal:///a.json'];
  expect(
    await app.send({
      query: 'query ($s: [String!]!) { importPreview(input: { sources: $s }) { format } }',
      variables: { s: sources },
    }),
  ).toMatchObject({
    errors: [{ message: 'nodelocal:///a.json has no fields to infer columns from' }],
  });
});

test('Parquet is recognized, and its columns have the types that it declares', async () => {
  await using app = await open();
  const columnData = [
    { name: 'id', data: [1n, 9007199254740993n, 3n], type: 'INT64' as const },
    { name: 'at', data: [new Date(0), null, new Date(1)], type: 'TIMESTAMP' as const },
  ];
  writeFileSync(join(app.dataDir, 'files', 'a.bin'), Buffer.from(parquetWriteBuffer({ columnData })));
  const found = await preview(app, { sources: ['nodelocal:///a.bin'], rows: 2 });
  expect(found).toMatchObject({
    format: 'PARQUET',
    compression: 'NONE',
    delimiter: null,
    fieldNames: ['id', 'at'],
    columns: [
      { name: 'id', type: 'BIGINT' },
      { name: 'at', type: 'TIMESTAMPTZ' },
    ],
    rows: [
      [1, '1970-01-01T00:00:00Z'],
      ['9007199254740993', null],
    ],
    problems: [],
  });
});

test('the encoding is detected, and shown when it is given', async () => {
  await using app = await open();
  const text = 'id,name\n1,Jürgen Müller aus Österreich\n2,größer als süß\n';
  writeFileSync(join(app.dataDir, 'files', 'a.csv'), Buffer.from(text, 'latin1'));
  const expected = { encoding: 'windows-1252', rows: [[1, 'Jürgen Müller aus Österreich'], expect.anything()] };
  expect(await preview(app, {})).toMatchObject(expected);
  expect(await preview(app, { encoding: 'latin1' })).toMatchObject(expected);
  expect(await preview(app, { encoding: 'utf-8' })).toMatchObject({
    encoding: 'UTF-8',
    rows: [],
    problems: [{ line: 2, column: 'name', reason: 'invalid UTF-8' }, { line: 3 }],
  });
});

test('a preview is refused where an import would be', async () => {
  await using app = await open();
  const refusal = async (input: object, user?: string) =>
    (await app.refuse(PREVIEW, { input: { sources: ['nodelocal:///a.csv'], ...input } as never }, user)).extensions;
  await addUser(app, 'newbie');
  expect(await refusal({}, 'newbie')).toMatchObject({ code: 'FORBIDDEN' });
  const bad = (field: string) => ({ code: 'BAD_USER_INPUT', field });
  expect(await refusal({ sources: ['nodelocal:///none.csv'] })).toMatchObject(bad('input.sources.0'));
  expect(await refusal({ database: 'none', table: 't' })).toMatchObject(bad('input.database'));
  expect(await refusal({ database: 'demo', table: 'none' })).toMatchObject(bad('input.table'));
  expect(await refusal({ table: 't' })).toMatchObject(bad('input.database'));
  expect(await refusal({ columns: [{ name: 'id', type: 'STRNG' }] })).toMatchObject(bad('input.columns.0.type'));
  expect(await refusal({ rows: 1_001 })).toMatchObject(bad('input.rows'));
});
