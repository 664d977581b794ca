/** Virtual tables: their content is in ordinary tables, which come with them, and SQLite finds rows through them. */
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import { findTables } from '../../../src/kinds/backup/sqlite/find-tables.ts';
import { createBackup, openPlace, type Place } from '../backup/scene.ts';
import { backUp, contentOf, restore } from './scene.ts';

const SOURCE = `
  CREATE TABLE docs (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
  CREATE VIRTUAL TABLE docs_search USING fts5(title, body, content='docs', content_rowid='id');
  CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN
    INSERT INTO docs_search(rowid, title, body) VALUES (new.id, new.title, new.body); END;
  CREATE TRIGGER docs_ad AFTER DELETE ON docs BEGIN
    INSERT INTO docs_search(docs_search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body); END;
  CREATE TABLE log (at, what);
  CREATE TRIGGER docs_log AFTER UPDATE OF title ON docs WHEN EXISTS (SELECT 1 FROM log) BEGIN UPDATE docs SET body = new.body; END;
  CREATE VIRTUAL TABLE notes USING fts5(body, tokenize = "porter unicode61");
  CREATE VIRTUAL TABLE bare USING fts5(body, content='');
  CREATE VIRTUAL TABLE words USING fts5vocab('notes', 'row');
  CREATE VIRTUAL TABLE old3 USING fts3(body); CREATE VIRTUAL TABLE "old 4" USING fts4(subject, body, tokenize=porter);
  CREATE VIRTUAL TABLE rtree_place_geom USING rtree(id, minx, maxx, miny, maxy, +label TEXT);
  CREATE VIRTUAL TABLE shapes USING geopoly(kind);
  CREATE TABLE place (fid INTEGER PRIMARY KEY, geom BLOB);
  CREATE TRIGGER rtree_place_insert AFTER INSERT ON place WHEN (new.geom NOTNULL AND NOT ST_IsEmpty(new.geom)) BEGIN
    INSERT OR REPLACE INTO rtree_place_geom VALUES (new.fid, ST_MinX(new.geom), ST_MaxX(new.geom), 0, 0, NULL); END;
  CREATE VIEW found AS SELECT d.title FROM docs_search s JOIN docs d ON d.id = s.rowid;
  CREATE VIEW picked AS WITH recent(id) AS (SELECT id FROM docs), n AS (SELECT 1 FROM json_each('[1]')) SELECT title FROM docs, n WHERE id IN recent;
  INSERT INTO docs (title, body) VALUES ('fox', 'the quick brown fox'), ('dog', 'a lazy dog');
  INSERT INTO notes VALUES ('running water'), ('still water'); INSERT INTO bare (rowid, body) VALUES (7, 'hidden words');
  INSERT INTO old3 VALUES ('ancient text'); INSERT INTO "old 4" VALUES ('greeting', 'hello worlds');
  INSERT INTO rtree_place_geom SELECT value, value, value + 1, 0, 1, 'p' || value FROM json_each('[1,2,3,40,50]');
  INSERT INTO shapes(_shape, kind) VALUES ('[[0,0],[1,0],[0,1],[0,0]]', 'triangle');`;

const openSource = (): Place => openPlace(SOURCE);

const VIRTUAL = ['docs_search', 'notes', 'bare', 'words', 'old3', 'old 4', 'rtree_place_geom', 'shapes'];

const read = (file: string, query: string): unknown => {
  const sql = new Sqlite(file);
  try {
    return sql.prepare(query).pluck().all();
  } finally {
    sql.close();
  }
};

const write = (file: string, statements: string): void => {
  const sql = new Sqlite(file);
  sql.exec(statements);
  sql.close();
};

const ANSWERS: readonly (readonly [string, unknown])[] = [
  ["SELECT title FROM docs_search WHERE docs_search MATCH 'quick'", ['fox']],
  ["SELECT body FROM notes WHERE notes MATCH 'run'", ['running water']],
  ["SELECT rowid FROM bare WHERE bare MATCH 'hidden'", [7]],
  ["SELECT doc FROM words WHERE term = 'water'", [2]],
  ["SELECT body FROM old3 WHERE old3 MATCH 'ancient'", ['ancient text']],
  [`SELECT subject FROM "old 4" WHERE "old 4" MATCH 'world'`, ['greeting']],
  ['SELECT label FROM rtree_place_geom WHERE minx > 2 AND maxx < 50 ORDER BY 1', ['p3', 'p40']],
  ["SELECT kind FROM shapes WHERE geopoly_overlap(_shape, '[[0,0],[2,0],[0,2],[0,0]]')", ['triangle']],
  ['SELECT title FROM found ORDER BY 1', ['dog', 'fox']],
  ['PRAGMA integrity_check', ['ok']],
];

const targetOf = (place: Place, isThere: boolean, name = 'target') => {
  const file = path.join(place.dir, `${name}.db`);
  if (isThere) {
    createDatabaseFile(file);
    write(file, 'CREATE TABLE theirs (x); CREATE VIRTUAL TABLE theirs_too USING fts5(x)');
  }
  return { file, isThere };
};

describe.each([
  ['a new', false],
  ['an existing', true],
])('restored into %s database', (_, isThere) => {
  it('virtual tables answer as before, and their triggers keep them so', async () => {
    await using place = openSource();
    await backUp(place);
    const target = targetOf(place, isThere);
    expect(await restore(place, target)).toEqual([]);
    for (const [query, answer] of ANSWERS) expect(read(target.file, query), query).toEqual(answer);
    write(
      target.file,
      `INSERT INTO docs (title, body) VALUES ('hen', 'quick hen'); DELETE FROM docs WHERE title = 'fox';
      INSERT INTO notes VALUES ('ran'), ('runs'); INSERT INTO rtree_place_geom VALUES (9, 9, 9, 9, 9, 'nine')`,
    );
    expect(read(target.file, "SELECT title FROM docs_search WHERE docs_search MATCH 'quick'")).toEqual(['hen']);
    expect(read(target.file, 'PRAGMA integrity_check')).toEqual(['ok']);
    if (!isThere) return;
    write(target.file, "INSERT INTO theirs_too VALUES ('theirs')");
    expect(read(target.file, "SELECT x FROM theirs_too WHERE theirs_too MATCH 'theirs'")).toEqual(['theirs']);
  });

  it('some of them bring what belongs to them, and no trigger that would fail', async () => {
    await using place = openSource();
    await backUp(place);
    const target = targetOf(place, isThere);
    const warnings = await restore(place, target, { tables: ['DOCS', 'notes', 'rtree_place_geom', 'place', 'words'] });
    expect([...warnings].sort()).toEqual([
      'trigger "docs_ad" was left out: it needs "docs_search", which is not restored',
      'trigger "docs_ai" was left out: it needs "docs_search", which is not restored',
      'trigger "docs_log" was left out: it needs "log", which is not restored',
    ]);
    const names = read(
      target.file,
      "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'theirs%' ORDER BY name",
    ) as string[];
    expect(
      names.filter((name) => !/^_signalbox|_(data|idx|content|docsize|config|node|rowid|parent)$/.test(name)),
    ).toEqual(['docs', 'notes', 'picked', 'place', 'rtree_place_geom', 'rtree_place_insert', 'words']);
    for (const [query, answer] of ANSWERS.filter(([text]) => /FROM (notes|words|rtree)/.test(text))) {
      expect(read(target.file, query), query).toEqual(answer);
    }
    write(target.file, "INSERT INTO docs (title, body) VALUES ('x', 'y'); UPDATE docs SET title = 'z'");
    expect(read(target.file, 'PRAGMA integrity_check')).toEqual(['ok']);
  });

  it('a backup of some tables leaves the triggers that need others to the restore', async () => {
    await using place = openSource();
    await backUp(place, { tables: ['docs', 'notes', 'shapes'] });
    const target = targetOf(place, isThere);
    if (isThere) write(target.file, 'CREATE TABLE log (x)');
    const warnings = await restore(place, target);
    expect(warnings.filter((warning) => warning.includes('docs_log'))).toHaveLength(isThere ? 0 : 1);
    expect(warnings.filter((warning) => warning.includes('docs_search'))).toHaveLength(2);
    expect(read(target.file, "SELECT body FROM notes WHERE notes MATCH 'run'")).toEqual(['running water']);
    write(target.file, "INSERT INTO docs (title, body) VALUES ('x', 'y'); UPDATE docs SET title = 'z'");
    expect(read(target.file, 'PRAGMA integrity_check')).toEqual(['ok']);
  });
});

describe('a virtual table of a module that this server does not have', () => {
  const openUnknown = (): Place => {
    const place = openPlace(
      `CREATE TABLE t (x); INSERT INTO t VALUES (1); CREATE TABLE odd_data (k, v); INSERT INTO odd_data VALUES ('a', x'00ff')`,
    );
    place.sql.unsafeMode(true);
    place.sql.exec(`PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
      VALUES ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING elsewhere(a, b)'); PRAGMA writable_schema = RESET`);
    place.sql.unsafeMode(false);
    return place;
  };
  const WARNING =
    'the virtual tables of module "elsewhere" are copied byte for byte and not checked: this server does not have the module';

  it.each([true, false])('comes along with the whole database, with a warning (existing: %s)', async (isThere) => {
    await using place = openUnknown();
    expect(await backUp(place)).toEqual([WARNING]);
    const target = targetOf(place, isThere);
    await restore(place, target);
    expect(read(target.file, "SELECT sql FROM sqlite_schema WHERE name = 'odd'")).toEqual([
      'CREATE VIRTUAL TABLE odd USING elsewhere(a, b)',
    ]);
    expect(read(target.file, 'SELECT hex(v) FROM odd_data')).toEqual(['00FF']);
  });

  it('cannot be selected, neither for a backup nor for a restore', async () => {
    await using place = openUnknown();
    await expect(createBackup(place, { tables: ['t', 'odd'] })).rejects.toMatchObject({
      message: expect.stringContaining(
        '"odd" is a virtual table of module "elsewhere", which this server does not have',
      ),
      extensions: { field: 'input.tables.1' },
    });
    await backUp(place);
    await expect(restore(place, targetOf(place, false), { tables: ['odd'] })).rejects.toThrow(
      '"odd" is a virtual table of module "elsewhere", which this server does not have',
    );
    await restore(place, targetOf(place, false, 'other'), { tables: ['t', 'odd_data'] });
    expect(read(path.join(place.dir, 'other.db'), 'SELECT x FROM t')).toEqual([1]);
  });
});

it('the tables of a virtual table are not listed, and are refused with its name', async () => {
  await using place = openSource();
  const tables = await findTables(place.environment, 'demo', null);
  expect([...tables].sort()).toEqual([...VIRTUAL, 'docs', 'log', 'place'].sort());
  await expect(createBackup(place, { tables: ['notes_data'] })).rejects.toMatchObject({
    message: '"notes_data" belongs to the virtual table "notes": back that up instead',
  });
});

it('strings in double quotes, which SQLite no longer accepts in new statements, are restored as they were', async () => {
  await using place = openPlace(`CREATE TABLE t (kind TEXT CHECK (kind <> 'vip'), n);
    CREATE INDEX i ON t (n) WHERE kind = 'a'; INSERT INTO t VALUES ('a', 1), ('b', 2)`);
  place.sql.unsafeMode(true);
  place.sql.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(replace(sql, '''vip''', '"vip"'), '''a''', '"a"');
    PRAGMA writable_schema = RESET`);
  place.sql.unsafeMode(false);
  await backUp(place);
  for (const isThere of [true, false]) {
    const target = targetOf(place, isThere, String(isThere));
    await restore(place, target);
    expect(read(target.file, 'PRAGMA integrity_check')).toEqual(['ok']);
    const found = contentOf(target.file) as readonly (readonly [{ readonly name: string }, unknown])[];
    for (const object of contentOf(place.file) as readonly unknown[]) expect(found).toContainEqual(object);
    expect(read(target.file, "SELECT n FROM t INDEXED BY i WHERE kind = 'a' AND n > 0")).toEqual([1]);
    expect(() => write(target.file, "INSERT INTO t VALUES ('vip', 3)")).toThrow('CHECK constraint failed');
  }
});

it('content and catalogue are the same after a round trip', async () => {
  await using place = openSource();
  await backUp(place);
  const target = targetOf(place, false);
  await restore(place, target);
  expect(contentOf(target.file)).toEqual(contentOf(place.file));
});
