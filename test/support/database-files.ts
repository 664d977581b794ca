/** Database files as other programs leave them: page sizes, encodings, journals, and everything a schema may have. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { createRealSchema, REAL_SCHEMA_NAMES } from './real-schemas.ts';

const rows = (count: number) => `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;

/** Statements before and after `journal_mode` has been chosen. */
const SHAPES: Readonly<Record<string, string>> = {
  'utf16, 512 bytes a page': `PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 512; PRAGMA user_version = 9;
    CREATE TABLE "naïve ""名""" (id INTEGER PRIMARY KEY, "größe" TEXT COLLATE NOCASE); CREATE INDEX "ö" ON "naïve ""名""" ("größe" DESC);
    ${rows(300)} INSERT INTO "naïve ""名""" SELECT i, 'größe ' || i || char(128512) FROM n;`,
  '64 KiB a page, incremental vacuum': `PRAGMA page_size = 65536; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 252006673;
    CREATE TABLE blobs (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID; ${rows(60)} INSERT INTO blobs SELECT 'b' || i, randomblob(9000) FROM n;
    DELETE FROM blobs WHERE name > 'b4';`,
  'every declaration': `CREATE TABLE strict (id INTEGER PRIMARY KEY, a ANY, b BLOB, r REAL) STRICT;
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL DEFAULT (lower('X')), twice AS (id * 2), kept AS (name || '!') STORED,
      parent INT REFERENCES counted ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, CHECK (length(name) < 90), UNIQUE (name, parent) ON CONFLICT REPLACE);
    CREATE TABLE pairs (a TEXT COLLATE RTRIM, b INT, c, PRIMARY KEY (b DESC, a)) WITHOUT ROWID, STRICT2;
    CREATE INDEX expressions ON counted (lower(name), twice) WHERE parent IS NOT NULL; CREATE UNIQUE INDEX pair ON pairs (c, a);
    CREATE VIEW tree AS WITH RECURSIVE t (id) AS (SELECT 1 UNION SELECT c.id FROM counted c JOIN t ON c.parent = t.id) SELECT id FROM t;
    CREATE TRIGGER follows AFTER UPDATE OF name ON counted WHEN NEW.name <> OLD.name BEGIN UPDATE pairs SET c = NEW.name WHERE b = NEW.id; END;
    ${rows(200)} INSERT INTO counted (name, parent) SELECT 'n' || i, nullif(i / 2, 0) FROM n; INSERT INTO pairs SELECT 'p' || id, id, id FROM counted;
    INSERT INTO strict VALUES (1, 'text', x'00', 1), (2, 2, NULL, -0.0), (9007199254740993, 1e300, x'', 2); DELETE FROM counted WHERE id > 190; ANALYZE;`.replace(
    ', STRICT2',
    '',
  ),
  'full text and R*Trees': `CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    CREATE VIRTUAL TABLE search USING fts5(title, body, content='posts', content_rowid='id', tokenize='porter');
    CREATE VIRTUAL TABLE old USING fts4(body); CREATE VIRTUAL TABLE oldest USING fts3(body); CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
    CREATE TRIGGER found AFTER INSERT ON posts BEGIN INSERT INTO search (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body); END;
    ${rows(200)} INSERT INTO posts SELECT i, 'title ' || i, 'the body of ' || i FROM n; INSERT INTO old SELECT body FROM posts;
    INSERT INTO oldest SELECT body FROM posts; INSERT INTO boxes SELECT id, id, id + 1 FROM posts;`,
  'no tables': 'PRAGMA user_version = 3;',
};

export interface DatabaseFile {
  readonly name: string;
  readonly file: string;
}

/** Creates all of them in a folder, in rollback-journal mode, as most programs use it. */
export const createDatabaseFiles = (folder: string): readonly DatabaseFile[] => {
  const created = (name: string, make: (sql: Sqlite.Database) => void): DatabaseFile => {
    const file = path.join(folder, `${name.replaceAll(/\W+/g, '_')}.db`);
    const sql = new Sqlite(file);
    try {
      make(sql);
    } finally {
      sql.close();
    }
    return { name, file };
  };
  return [
    ...REAL_SCHEMA_NAMES.map((name) => created(name, (sql) => createRealSchema(sql, name))),
    ...Object.entries(SHAPES).map(([name, statements]) => created(name, (sql) => sql.exec(statements))),
    withLeftWal(
      created('a WAL that was left', (sql) => sql.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a PRIMARY KEY)')),
    ),
  ];
};

/** As after a crash: the last rows are in the WAL only. */
const withLeftWal = (made: DatabaseFile): DatabaseFile => {
  const copy = `${made.file}.copy`;
  const sql = new Sqlite(made.file);
  sql.pragma('wal_autocheckpoint = 0');
  sql.exec("INSERT INTO t VALUES ('in the WAL')");
  for (const end of ['', '-wal']) copyFileSync(made.file + end, copy + end);
  sql.close();
  for (const end of ['', '-wal']) {
    copyFileSync(copy + end, made.file + end);
    rmSync(copy + end);
  }
  if (existsSync(`${made.file}-shm`)) rmSync(`${made.file}-shm`);
  return made;
};
