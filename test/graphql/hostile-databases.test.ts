/** Files that claim to be SQLite databases, registered as databases. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/process.ts';

const TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x');";
const inSchema = (change: string) => `${TABLE} PRAGMA writable_schema = ON; ${change}`;

const write = (file: string, sql: string) => {
  const database = new Sqlite(file);
  database.unsafeMode();
  database.exec(sql);
  database.close();
};

const damaged = (reason: string) => `is damaged: ${reason}`;
const DAMAGED: readonly (readonly [string, (file: string) => void, string])[] = [
  [
    'garbage',
    (file) => writeFileSync(file, `SQLite format 3\0${'\xff'.repeat(8_000)}`, 'latin1'),
    'is not a SQLite database',
  ],
  ['header', (file) => writeFileSync(file, 'SQLite format 3\0'), 'is not a SQLite database'],
  [
    'truncated',
    (file) => {
      write(
        file,
        `${TABLE} WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO t SELECT i, hex(randomblob(50)) FROM n`,
      );
      truncateSync(file, 20_000);
    },
    damaged('database disk image is malformed'),
  ],
  [
    'schema',
    (file) => write(file, inSchema("UPDATE sqlite_schema SET sql = 'CREATE TABLE t(((('")),
    damaged('malformed database schema (t) - near "(": syntax error'),
  ],
  [
    'page',
    (file) => write(file, inSchema('UPDATE sqlite_schema SET rootpage = 99999')),
    damaged('malformed database schema (t) - invalid rootpage'),
  ],
  [
    'circle',
    (file) => write(file, inSchema('UPDATE sqlite_schema SET rootpage = 1')),
    damaged('malformed database schema (t)'),
  ],
];

const REGISTER = `mutation ($input: CreateDatabaseInput!) {
  createDatabase(input: $input) { database { error tables { name columns { name } indexes { name } } } }
}`;
const register = async (app: TestApp, name: string, file: string) => {
  const { data } = await app.send({ query: REGISTER, variables: { input: { name, url: `file:${file}` } } });
  return (data as { createDatabase: { database: Shape } }).createDatabase.database;
};
interface Shape {
  readonly error: string | null;
  readonly tables: readonly { readonly name: string; readonly columns: object; readonly indexes: object }[] | null;
}

const create = (app: TestApp, kind: string, input: object) =>
  app.send({
    query: `mutation ($input: Create${kind}Input!) { create${kind}(input: $input) { job { status } } }`,
    variables: { input },
  });

test('a file that is no sound database has an error that names it, and no job works on it', async () => {
  using folder = temporaryFolder();
  await using app = await startApp();
  for (const [name, make, reason] of DAMAGED) {
    const file = join(folder.path, `${name}.db`);
    make(file);
    const error = `database ${name} ${reason}`;
    expect(await register(app, name, file)).toEqual({ error, tables: null });
    for (const [kind, input] of [
      ['Import', { database: name, table: 't', sources: ['nodelocal:///sample.csv'] }],
      ['Backup', { database: name, destination: 'nodelocal:///backup' }],
      ['Changefeed', { database: name, tables: ['t'] }],
      ['SchemaChange', { database: name, changes: [{ dropColumn: { table: 't', column: 'a' } }] }],
    ] as const) {
      const { errors } = await create(app, kind, input);
      expect(errors?.[0], `${name}, ${kind}`).toMatchObject({
        message: error,
        extensions: { code: 'BAD_USER_INPUT', field: 'input.database' },
      });
    }
  }
  expect((await app.store.log()).head).toBe(0);
  expect((await app.send({ query: '{ viewer { name } }' })).errors).toBeUndefined();
});

test('names with quotes, brackets, line breaks and names of properties are ordinary names', async () => {
  using folder = temporaryFolder();
  await using app = await startApp();
  const file = join(folder.path, 'names.db');
  const odd = 'a"b\'c`d]e;--\n\u202e';
  const quoted = `"${odd.replaceAll('"', '""')}"`;
  write(
    file,
    `CREATE TABLE ${quoted} ("__proto__" TEXT PRIMARY KEY, ${quoted} TEXT, "constructor" INT);
     CREATE TABLE "__proto__" (id INTEGER PRIMARY KEY);
     INSERT INTO ${quoted} VALUES ('k', 'v', 1)`,
  );
  const { tables, error } = await register(app, 'names', file);
  expect([error, tables?.map(({ name }) => name)]).toEqual([null, ['__proto__', odd]]);
  for (const [kind, input] of [
    ['Backup', { database: 'names', destination: 'nodelocal:///backup' }],
    ['SchemaChange', { database: 'names', changes: [{ dropColumn: { table: odd, column: odd } }] }],
    ['Changefeed', { database: 'names', tables: ['__proto__'] }],
  ] as const) {
    expect(await create(app, kind, input), kind).not.toHaveProperty('errors');
  }
  const { errors } = await create(app, 'Changefeed', { database: 'names', tables: [`${odd}\0`] });
  expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'input.tables.0' });
});

test('a database of very many tables is read in time', async () => {
  using folder = temporaryFolder();
  await using app = await startApp();
  const file = join(folder.path, 'many.db');
  const statements = Array.from({ length: 2_000 }, (_, n) => `CREATE TABLE t${n} (id INTEGER PRIMARY KEY)`);
  write(file, `BEGIN; ${statements.join(';')}; COMMIT`);
  const { tables, error } = await register(app, 'many', file);
  expect([error, tables?.length]).toEqual([null, 2_000]);
});

test('an endless trigger, a virtual table without its module and reserved names of others are only read', async () => {
  using folder = temporaryFolder();
  await using app = await startApp();
  const never = 'SELECT max(x) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c)';
  const file = join(folder.path, 'hostile.db');
  write(
    file,
    inSchema(`CREATE VIEW never AS ${never};
      CREATE TRIGGER endless AFTER INSERT ON t BEGIN ${never}; END;
      CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a;
      CREATE TABLE _signalbox_others (a);
      INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING nowhere(x)')`),
  );
  const { tables, error } = await register(app, 'hostile', file);
  expect([error, tables?.map(({ name }) => name)]).toEqual([null, ['t', 'v']]);
  const { errors } = await create(app, 'Changefeed', { database: 'hostile', tables: ['v'] });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect((await app.store.log()).head).toBe(0);
});
