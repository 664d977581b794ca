/** Full-text indexes with external content read a table by its name, which SQLite does not know. */
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cleanUp, execute } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const MADE = `CREATE TABLE docs (id INTEGER PRIMARY KEY, title TEXT, body TEXT, note TEXT);
  CREATE VIRTUAL TABLE docs_search USING fts5(title, body, content=docs, content_rowid='id');
  CREATE VIRTUAL TABLE titles USING fts4(content="docs", title); CREATE VIRTUAL TABLE other USING fts5(title, content='');
  CREATE VIRTUAL TABLE spots USING rtree(id, low, high); CREATE VIRTUAL TABLE terms USING fts5vocab(docs_search, row);
  CREATE TRIGGER added AFTER INSERT ON docs BEGIN
    INSERT INTO docs_search (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body); INSERT INTO titles (docid, title) VALUES (NEW.id, NEW.title); END;
  CREATE TRIGGER removed AFTER DELETE ON docs BEGIN
    INSERT INTO docs_search (docs_search, rowid, title, body) VALUES ('delete', OLD.id, OLD.title, OLD.body); DELETE FROM titles WHERE docid = OLD.id; END;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO docs SELECT i, 'title ' || i, 'body of ' || i, '' FROM n;`;

const RENAME = { renameTable: { table: 'docs', to: "the 'Docs'" } };

test.each<[string, ...Changes]>([
  ['in the catalogue alone', RENAME],
  ['together with a copy', { addCheck: { table: 'docs', name: 'noted', expression: 'note IS NOT NULL' } }, RENAME],
])('a full-text index follows its content %s, for connections that are open, too', async (_, ...changes) => {
  await using scene = await openChange(MADE, ...changes);
  const other = new Sqlite(scene.file);
  const found = other.prepare("SELECT title FROM docs_search WHERE docs_search MATCH 'title AND 77'").pluck();
  expect(found.all()).toEqual(['title 77']);
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  await cleanUp(SCHEMA_CHANGE, scene, 'removed');
  expect(found.all()).toEqual(['title 77']);
  other.exec(`INSERT INTO "the 'Docs'" VALUES (999, 'new title', 'nine', ''); DELETE FROM "the 'Docs'" WHERE id = 5`);
  const reopened = new Sqlite(scene.file);
  for (const sql of [other, reopened]) {
    expect(sql.prepare("SELECT title FROM docs_search WHERE docs_search MATCH 'nine'").pluck().all()).toEqual([
      'new title',
    ]);
    expect(sql.prepare("SELECT title FROM titles WHERE titles MATCH 'new'").pluck().all()).toEqual(['new title']);
    expect(sql.prepare("SELECT count(*) FROM docs_search WHERE docs_search MATCH 'body'").pluck().get()).toBe(399);
    expect(sql.prepare("SELECT doc FROM terms WHERE term = 'nine'").pluck().all()).toEqual([1]);
    sql.close();
  }
  scene.exec("INSERT INTO docs_search (docs_search) VALUES ('integrity-check')");
  expect(
    scene.all("SELECT sql FROM sqlite_schema WHERE name IN ('docs_search', 'titles', 'other') ORDER BY name"),
  ).toEqual([
    ["CREATE VIRTUAL TABLE docs_search USING fts5(title, body, content='the ''Docs''', content_rowid='id')"],
    ["CREATE VIRTUAL TABLE other USING fts5(title, content='')"],
    ["CREATE VIRTUAL TABLE titles USING fts4(content='the ''Docs''', title)"],
  ]);
  expect(scene.hidden()).toEqual([]);
});

test.each<[string, string, Changes[number]]>([
  ['docs_search', 'body', { dropColumn: { table: 'docs', column: 'body' } }],
  ['docs_search', 'title', { renameColumn: { table: 'docs', column: 'Title', to: 'heading' } }],
  ['docs_search', 'id', { renameColumn: { table: 'docs', column: 'id', to: 'number' } }],
])('an index %s that reads column %s keeps it from being renamed or dropped', async (index, column, change) => {
  const message = `full-text index "${index}" reads column "${column}" of this table by its name`;
  await expect(openChange(MADE, change)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(message),
    extensions: { field: `input.changes.0.${Object.keys(change)[0]}.column` },
  });
});

test('other columns of the content change as ever', async () => {
  await using scene = await openChange(MADE, { dropColumn: { table: 'docs', column: 'note' } });
  await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
  expect(scene.all("SELECT title FROM docs_search WHERE docs_search MATCH '77'")).toEqual([['title 77']]);
  expect(snapshotOf(scene.sql).sound).toBe('ok');
});
