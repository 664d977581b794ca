import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { startApp } from '../support/app.ts';
import { temporaryFolder } from '../support/process.ts';

const ADD = graphql(/* GraphQL */ `
  mutation AddDatabaseByUrl($name: String!, $url: String) {
    createDatabase(input: { name: $name, url: $url }) {
      database {
        id
        name
        url
        error
        tables {
          name
          rowCount
          columns {
            name
            type
            nullable
            primaryKey
            default
          }
          indexes {
            name
            columns
            unique
          }
        }
      }
    }
  }
`);
const LIST = graphql(/* GraphQL */ `
  query DatabaseNames {
    databases {
      name
      error
    }
  }
`);

/** A database that was there before, with a table in it. */
const writeShop = (folder: string) => {
  const file = join(folder, 'a shop.db');
  const db = new Database(file);
  db.exec(`CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'none', price REAL);
    CREATE UNIQUE INDEX by_name ON goods (name, price); INSERT INTO goods (name) VALUES ('a'), ('b')`);
  db.close();
  return file;
};

test('a database that exists is taken in by its URL, and shows what is in it', async () => {
  using folder = temporaryFolder();
  const file = writeShop(folder.path);
  symlinkSync(file, join(folder.path, 'link.db'));
  await using app = await startApp();
  const url = `file:${folder.path}/link.db`;
  const { database } = (await app.execute(ADD, { name: 'shop', url })).createDatabase;
  const column = { nullable: true, primaryKey: false, default: null };
  expect(database).toEqual({
    id: 'database:shop',
    name: 'shop',
    url: `file:${file}`,
    error: null,
    tables: [
      {
        name: 'goods',
        rowCount: 2,
        columns: [
          { ...column, name: 'id', type: 'INTEGER', nullable: false, primaryKey: true },
          { ...column, name: 'name', type: 'TEXT', nullable: false, default: "'none'" },
          { ...column, name: 'price', type: 'REAL' },
        ],
        indexes: [{ name: 'by_name', columns: ['name', 'price'], unique: true }],
      },
    ],
  });
  expect(
    (await app.execute(ADD, { name: 'again', url: `file://${file.replace(' ', '%20')}` })).createDatabase.database.url,
  ).toBe(`file:${file}`);
});

test('a URL that names no database of others is refused, and nothing is added', async () => {
  using folder = temporaryFolder();
  await using app = await startApp();
  const store = join(app.dataDir, 'signalbox.db');
  symlinkSync(store, join(folder.path, 'soft.db'));
  linkSync(store, join(folder.path, 'hard.db'));
  mkdirSync(join(folder.path, 'folder.db'));
  symlinkSync('/etc/passwd', join(folder.path, 'passwd.db'));
  linkSync(`${store}-wal`, join(folder.path, 'wal.db'));
  linkSync(`${store}-lock`, join(folder.path, 'lock.db'));
  for (const [url, reason] of [
    ['shop.db', 'must be file:/ and an absolute path'],
    ['file:shop.db', 'must be file:/ and an absolute path'],
    ['postgres://u:p@host/db', 'must be file:/ and an absolute path'],
    ['file://elsewhere/shop.db', 'must be file:/ and an absolute path'],
    ['file://[/x', 'must be file:/ and an absolute path'],
    ['file:/%', 'must be file:/ and an absolute path'],
    ['', 'must be file:/ and an absolute path'],
    [`file:${folder.path}/none.db`, 'names no file'],
    [`file:${folder.path}/%00.db`, 'names no file'],
    [`file:${folder.path}/folder.db`, 'names no file'],
    [`file:${store}`, 'is the job store itself'],
    [`file:${folder.path}/soft.db`, 'is the job store itself'],
    [`file:${folder.path}/hard.db`, 'is the job store itself'],
    [`file:${store}-wal`, 'is the job store itself'],
    [`file:${folder.path}/wal.db`, 'is the job store itself'],
    [`file:${folder.path}/lock.db`, 'is the job store itself'],
    ['file:/etc/passwd', 'is not an SQLite database'],
    [`file:${folder.path}/passwd.db`, 'is not an SQLite database'],
    [`file:${app.dataDir}/files/sample.csv`, 'is not an SQLite database'],
    ['file:/proc/self/environ', 'names no file'],
    ['file:/proc/self/root/etc/passwd', 'is not an SQLite database'],
    ['file:/dev/zero', 'names no file'],
    ['file:/sys/kernel/notes', 'names no file'],
  ] as const) {
    const { message, extensions } = await app.refuse(ADD, { name: 'x', url });
    expect(extensions, url).toEqual({ code: 'BAD_USER_INPUT', field: 'input.url' });
    expect(message, url).toContain(reason);
  }
  expect((await app.execute(LIST)).databases).toEqual([]);
});

test('a database that can no longer be read has an error, and the others are listed next to it', async () => {
  using folder = temporaryFolder();
  const file = writeShop(folder.path);
  await using app = await startApp();
  await app.execute(ADD, { name: 'shop', url: `file:${file}` });
  await app.execute(ADD, { name: 'demo' });
  folder[Symbol.dispose]();
  const { databases } = await app.execute(LIST);
  expect(databases).toEqual([
    { name: 'demo', error: null },
    { name: 'shop', error: expect.any(String) },
  ]);
});
