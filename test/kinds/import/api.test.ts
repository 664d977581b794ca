import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import type { CreateImportInput } from '../../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser, jobWhen, order } from '../../support/control.ts';

const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateShop {
    createDatabase(input: { name: "shop" }) {
      database {
        name
      }
    }
  }
`);
const IMPORT = graphql(/* GraphQL */ `
  mutation ImportGoods($input: CreateImportInput!) {
    createImport(input: $input) {
      job {
        id
        description
      }
    }
  }
`);
const REJECTS = graphql(/* GraphQL */ `
  query Rejects($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    job(id: $id) {
      error
      ... on ImportJob {
        rowsImported
        rowsRejected
        rejects(first: $first, after: $after, last: $last, before: $before) {
          edges {
            cursor
          }
          nodes {
            source
            line
            column
            reason
            text
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    }
  }
`);

/** A database with a table of goods, and a source for it. */
const openShop = async (app: TestApp, made: string, lines: readonly string[]) => {
  await app.execute(CREATE_DATABASE);
  const file = join(app.dataDir, 'databases', 'shop.db');
  writeFileSync(join(app.dataDir, 'files', 'goods.csv'), ['id,name,price', ...lines, ''].join('\n'));
  const sql = new Database(file);
  sql.exec(made);
  return { file, all: (select: string) => sql.prepare(select).raw().all(), [Symbol.dispose]: () => sql.close() };
};
const importGoods = async (app: TestApp, input: Partial<CreateImportInput> = {}) => {
  const given = { database: 'shop', table: 'goods', sources: ['nodelocal:///goods.csv'], ...input };
  return (await app.execute(IMPORT, { input: given })).createImport.job;
};

const COUNTS = graphql(/* GraphQL */ `
  query ConflictCounts($id: ID!) {
    job(id: $id) {
      description
      ... on ImportJob {
        rowsImported
        rowsSkipped
        rowsReplaced
        rowsUpdated
        rowsRejected
      }
    }
  }
`);

test.each([
  ['SKIP', { rowsSkipped: 2 }, ['1,old,1', '2,b,2', '3,old,']],
  ['REPLACE', { rowsReplaced: 2 }, ['1,a,2', '2,b,2', '3,c,']],
  ['UPDATE', { rowsUpdated: 2 }, ['1,a,2', '2,b,2', '3,c,']],
] as const)('rows that conflict are counted by policy: %s', async (onConflict, counts, expected) => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const made = `CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL);
    INSERT INTO goods VALUES (1, 'old', 1), (3, 'old', NULL)`;
  using shop = await openShop(app, made, ['1,a,2', '2,b,2', 'x,y,z', '3,c,']);

  const { id } = await importGoods(app, { onConflict, rejectLimit: 1 });
  await changes.reaches(id, 'SUCCEEDED');

  const { job } = await app.execute(COUNTS, { id });
  const none = { rowsSkipped: 0, rowsReplaced: 0, rowsUpdated: 0 };
  expect(job).toMatchObject({ rowsImported: 1, rowsRejected: 1, ...none, ...counts });
  expect(job?.description).toBe(
    `IMPORT INTO "shop"."goods" FROM CSV 'nodelocal:///goods.csv' ON CONFLICT ${onConflict}`,
  );
  const rows = shop.all('SELECT id, name, price FROM goods ORDER BY id') as unknown[][];
  expect(rows.map((row) => row.join(','))).toEqual(expected);
});

test('the rows that an import set aside are read page by page, by whoever sees the job', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const lines = ['1,a,1', '2', '3,c,free', '1,d,4', '5,e,5'];
  using shop = await openShop(app, 'CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL) STRICT', lines);

  const { id, description } = await importGoods(app, { rejectLimit: 3 });
  await changes.reaches(id, 'SUCCEEDED');

  expect(description).toBe(`IMPORT INTO "shop"."goods" FROM CSV 'nodelocal:///goods.csv'`);
  expect(shop.all('SELECT id FROM goods')).toEqual([[1], [5]]);
  const { job } = await app.execute(REJECTS, { id });
  const source = 'nodelocal:///goods.csv';
  expect(job).toMatchObject({ error: null, rowsImported: 2, rowsRejected: 3 });
  const rejects = job && 'rejects' in job ? job.rejects : undefined;
  expect(rejects?.nodes).toEqual([
    { source, line: 3, column: null, reason: '1 fields, expected 3', text: '2' },
    { source, line: 4, column: 'price', reason: 'not a number', text: '3,c,free' },
    { source, line: 5, column: 'id', reason: 'duplicate primary key', text: '1,d,4' },
  ]);
  const page = async (bounds: { first?: number; last?: number; after?: string | null; before?: string | null }) => {
    const found = (await app.execute(REJECTS, { id, ...bounds })).job;
    if (!found || !('rejects' in found)) throw new Error('it is no import');
    const { nodes, pageInfo } = found.rejects;
    return { ...pageInfo, lines: nodes.map(({ line }) => line) };
  };
  const first = await page({ first: 2 });
  expect(first).toMatchObject({ lines: [3, 4], hasNextPage: true, hasPreviousPage: false });
  expect(first.endCursor).toBe(rejects?.edges[1]?.cursor);
  expect(await page({ first: 2, after: first.endCursor })).toMatchObject({
    lines: [5],
    hasNextPage: false,
    hasPreviousPage: true,
  });
  const last = await page({ last: 2 });
  expect(last).toMatchObject({ lines: [4, 5], hasNextPage: false, hasPreviousPage: true });
  expect(await page({ last: 2, before: last.startCursor })).toMatchObject({ lines: [3], hasNextPage: true });
  const between = await page({ last: 5, before: last.endCursor, after: first.startCursor });
  expect(between).toMatchObject({ lines: [4], hasNextPage: true, hasPreviousPage: true });
  expect(await page({ first: 0 })).toMatchObject({ lines: [], hasNextPage: true, startCursor: null, endCursor: null });

  await addUser(app, 'stranger');
  expect((await app.execute(REJECTS, { id }, 'stranger')).job).toBeNull();
  for (const wrong of [{ first: -1 }, { first: 1_001 }, { after: 'job' }, { before: 'job' }]) {
    const [field] = Object.keys(wrong);
    expect((await app.refuse(REJECTS, { id, ...wrong })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  }
});

test('an import that fails over too many bad rows takes its rows out, and keeps those set aside', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  using shop = await openShop(app, 'CREATE TABLE goods (id INTEGER, name, price)', ['1,a,1', '2', '3', '4', '5,e,5']);
  const { id } = await importGoods(app, { rejectLimit: 2 });
  await changes.reaches(id, 'FAILED');
  const { job } = await app.execute(REJECTS, { id });
  expect(job).toMatchObject({
    error: 'nodelocal:///goods.csv line 5: 1 fields, expected 3',
    rowsRejected: 2,
    rejects: { nodes: [{ line: 3 }, { line: 4 }] },
  });
  expect(shop.all('SELECT * FROM goods')).toEqual([]);
});

const INPUT = graphql(/* GraphQL */ `
  query ValidationInput($id: ID!) {
    job(id: $id) {
      description
      inputJson
    }
  }
`);

test('a validation counts rows and lists rejected ones, and changes nothing, to its end or canceled', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const made =
    "CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL); INSERT INTO goods VALUES (1, 'old', 1)";
  using shop = await openShop(app, made, ['1,a,2', '2,b,2', 'x,y,z', '2,c,']);
  const schema = () => shop.all("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%signalbox%'");
  const before = [schema(), shop.all('SELECT * FROM goods')];

  const { id } = await importGoods(app, { validateOnly: true, onConflict: 'SKIP', rejectLimit: 1 });
  await changes.reaches(id, 'SUCCEEDED');
  expect((await app.execute(COUNTS, { id })).job).toMatchObject({ rowsImported: 1, rowsSkipped: 2, rowsRejected: 1 });
  const { job } = await app.execute(INPUT, { id });
  expect(job?.description).toMatch(/^IMPORT INTO .* ON CONFLICT SKIP WITH validate_only$/);
  expect(job?.inputJson).toMatchObject({ validateOnly: true });
  const rejects = (await app.execute(REJECTS, { id })).job;
  expect(rejects).toMatchObject({ error: null, rejects: { nodes: [{ line: 4, column: 'id' }] } });

  const columns = [
    { name: 'id', type: 'TEXT' },
    { name: 'name', type: 'TEXT' },
    { name: 'price', type: 'TEXT' },
  ];
  const slow = await importGoods(app, { table: 'other', columns, validateOnly: true, maxRowsPerSecond: 1 });
  await jobWhen(app, slow.id, ({ counters }) => counters.some(({ name, value }) => name === 'rows' && value >= 1));
  await order(app, 'CANCEL', [slow.id]);
  await changes.reaches(slow.id, 'CANCELED');

  expect([schema(), shop.all('SELECT * FROM goods')]).toEqual(before);
  expect(
    shop.all(
      "SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%jobs' AND name NOT LIKE '%rejects'",
    ),
  ).toEqual([]);
});

/** What somebody else does to a table that is being filled, in a process of its own and without Signalbox. */
const WRITES = `
  import Database from 'better-sqlite3';
  const db = new Database(process.argv[1], { timeout: 5000 });
  const at = (place) => db.prepare('SELECT id FROM goods WHERE id > 0 ORDER BY id LIMIT 1 OFFSET ?').pluck().get(place);
  for (let round = 0; round < 50; round++) {
    const [gone, replaced, pushed, moved, updated, freed] = [1, 3, 5, 7, 9, 11].map((place) => at(10 * round + place));
    db.transaction(() => {
      db.exec(\`
        DELETE FROM goods WHERE id = \${gone};
        INSERT OR REPLACE INTO goods VALUES (\${replaced}, 'replaced \${round}', 1);
        INSERT OR REPLACE INTO goods (id, name) SELECT -10000 - \${round}, name FROM goods WHERE id = \${pushed};
        UPDATE goods SET id = -20000 - \${round} WHERE id = \${moved};
        UPDATE goods SET price = -1 WHERE id = \${updated};
        DELETE FROM goods WHERE id = \${freed};
        INSERT INTO goods VALUES (\${freed}, 'reused \${round}', 1)\`);
    })();
  }
  db.close();`;

test('cancelling takes out exactly the rows of the import, whatever another process did to them meanwhile', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const lines = Array.from({ length: 40_000 }, (_, i) => `${i + 1},n${i + 1},${i}`);
  const made =
    "CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price REAL); INSERT INTO goods VALUES (-1, 'old', 1)";
  using shop = await openShop(app, made, lines);
  const { id } = await importGoods(app, { maxRowsPerSecond: 4_000 });
  await jobWhen(app, id, ({ counters }) => counters.some(({ name, value }) => name === 'rows' && value >= 1_000));

  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', WRITES, shop.file]);
  await order(app, 'CANCEL', [id]);
  await changes.reaches(id, 'CANCELED');

  const rounds = [...Array(50).keys()];
  expect(shop.all("SELECT name FROM goods WHERE name LIKE 're%'").flat().sort()).toEqual(
    rounds.flatMap((round) => [`replaced ${round}`, `reused ${round}`]).sort(),
  );
  expect(shop.all('SELECT id FROM goods WHERE id < -1 ORDER BY id DESC').flat()).toEqual([
    ...rounds.map((round) => -10_000 - round),
    ...rounds.map((round) => -20_000 - round),
  ]);
  expect(shop.all('SELECT count(*) FROM goods')).toEqual([[1 + 4 * 50]]);
  expect(shop.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%jobs'")).toEqual(
    [],
  );
});
