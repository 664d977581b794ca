/** Backups that somebody has forged: their manifests have the right hash. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../../support/app.ts';
import { jobNow } from '../../support/control.ts';

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const NEVER = 'SELECT max(x) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c)';
const TABLE = 'CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)';

interface Forged {
  /** The database in the backup. */
  readonly sql?: string;
  readonly content?: Buffer;
  readonly manifest?: object;
  readonly chunk?: object;
}

const parent = (url: string): Forged => ({
  manifest: { generation: 1, incrementalFrom: { url, sha256: 'a'.repeat(64) } },
  chunk: { stored: 'older' },
});
const statement = (text: string): Forged => ({ manifest: { statements: [text] } });

/** Refused when the restore is created. */
const REFUSED: Readonly<Record<string, readonly [Forged, RegExp]>> = {
  'a chunk outside of the folder': [{ chunk: { sha256: '../../../secret' } }, /is not a SHA-256/],
  'a snapshot of a petabyte': [{ manifest: { sizeBytes: 1e15 } }, /its chunks have 8192 bytes/],
  'a chunk of a petabyte': [{ chunk: { bytes: 1e15 } }, /Too big/],
  'a parent that is a file of the system': [parent('file:///etc/passwd'), /is not a storage URL/],
  'a parent outside of the folder': [parent('nodelocal:///../secret'), /leads outside/],
  'a parent on a private address': [parent('http://127.0.0.1:1/'), /private address/],
  'a parent that is itself': [parent('nodelocal:///forged'), /incremental on a backup other than/],
  'two statements in one': [statement(`${TABLE}; DROP TABLE kept`), /is not one CREATE TABLE/],
  'another database': [statement("ATTACH DATABASE 'x.db' AS x"), /is not one CREATE TABLE/],
  'a file to write': [statement("VACUUM INTO 'x.db'"), /is not one CREATE TABLE/],
  'a pragma': [statement('PRAGMA writable_schema = ON'), /is not one CREATE TABLE/],
  'names of properties': [
    { manifest: { tables: [{ name: '__proto__', rows: 1, shadowOf: 'constructor' }] } },
    /create other tables than it lists/,
  ],
};

/** Found when the content is read. */
const FAILED: Readonly<Record<string, readonly [Forged, RegExp]>> = {
  'content that is no database': [{ content: Buffer.alloc(8_192, 'x') }, /is not a SQLite database/],
  'a trigger and a view that never end and are not listed': [
    { sql: `${TABLE}; CREATE TRIGGER g AFTER INSERT ON t BEGIN ${NEVER}; END; CREATE VIEW v AS ${NEVER}` },
    /its catalogue differs from the manifest/,
  ],
  'a catalogue that is damaged': [
    { sql: `${TABLE}; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE t(((('` },
    /malformed database schema/,
  ],
  'objects with reserved names': [
    { sql: `${TABLE}; CREATE TABLE _signalbox_fence(a)` },
    /reserved name _signalbox_fence/,
  ],
};

const forge = (filesDir: string, { sql = TABLE, content, manifest = {}, chunk = {} }: Forged): void => {
  const folder = join(filesDir, 'forged');
  mkdirSync(join(folder, 'chunks'), { recursive: true });
  const file = join(folder, 'content.db');
  rmSync(file, { force: true });
  const database = new Sqlite(file);
  database.unsafeMode();
  database.exec(sql);
  database.close();
  const bytes = content ?? readFileSync(file);
  const hash = sha256(bytes);
  writeFileSync(join(folder, 'chunks', hash), bytes);
  const stored = { sha256: hash, bytes: bytes.length, stored: 'plain', storedBytes: bytes.length, base: [], marks: [] };
  const fields = {
    format: 'signalbox-backup',
    version: 1,
    program: 'signalbox',
    id: '1',
    createdAt: '2026-01-01T00:00:00.000Z',
    database: 'forged',
    pageSize: 4_096,
    encoding: 'UTF-8',
    sizeBytes: bytes.length,
    tables: [{ name: 't', rows: 0, shadowOf: null }],
    isPartial: false,
    statements: [TABLE],
    generation: 0,
    incrementalFrom: null,
    chunks: [{ ...stored, ...chunk }],
    ...manifest,
  };
  const body = `${JSON.stringify(fields, null, 1).slice(2)}\n`;
  writeFileSync(join(folder, 'manifest.json'), `{"sha256":"${sha256(body)}",\n${body}`);
};

/** A server with a database that forged backups are restored into. */
const open = async () => {
  const app = await startApp();
  await app.send({ query: 'mutation { createDatabase(input: { name: "target" }) { database { name } } }' });
  const target = new Sqlite(join(app.dataDir, 'databases', 'target.db'));
  target.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY); INSERT INTO kept VALUES (1)');
  const restore = (database: string) =>
    app.send({
      query: 'mutation ($input: CreateRestoreInput!) { createRestore(input: $input) { job { id } } }',
      variables: { input: { database, source: 'nodelocal:///forged' } },
    });
  return {
    app,
    filesDir: join(app.dataDir, 'files'),
    restore,
    /** The tables of the target, and of every other database. */
    left: () => [
      target.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_signalbox%' ESCAPE '\\'").pluck().all(),
      target.prepare('SELECT id FROM kept').pluck().all(),
      readdirSync(join(app.dataDir, 'databases')).filter((name) => name.endsWith('.db')),
    ],
    [Symbol.asyncDispose]: async () => {
      target.close();
      await app[Symbol.asyncDispose]();
    },
  };
};
const LEFT = [['kept'], [1], ['target.db']];

test('a forged manifest is refused, whatever it names, and nothing is created', async () => {
  await using scene = await open();
  for (const [what, [forged, reason]] of Object.entries(REFUSED)) {
    forge(scene.filesDir, forged);
    for (const database of ['target', 'made']) {
      const { errors } = await scene.restore(database);
      expect(errors?.[0]?.message, what).toMatch(reason);
      expect(errors?.[0]?.extensions, what).toEqual({ code: 'BAD_USER_INPUT', field: 'input.source' });
    }
  }
  expect((await scene.app.store.log()).head).toBe(0);
  expect(scene.left()).toEqual(LEFT);
});

test('forged content fails the restore, and leaves nothing', async () => {
  await using scene = await open();
  await using changes = changesOf(scene.app);
  for (const [what, [forged, reason]] of Object.entries(FAILED)) {
    forge(scene.filesDir, forged);
    for (const database of ['target', 'made']) {
      const { data } = await scene.restore(database);
      const { id } = (data as { createRestore: { job: { id: string } } }).createRestore.job;
      await changes.reaches(id, 'FAILED');
      expect((await jobNow(scene.app, id)).error, what).toMatch(reason);
    }
  }
  expect(scene.left()).toEqual(LEFT);
});

test('what is forged is otherwise a backup', async () => {
  await using scene = await open();
  await using changes = changesOf(scene.app);
  forge(scene.filesDir, {});
  const { data } = await scene.restore('target');
  const { id } = (data as { createRestore: { job: { id: string } } }).createRestore.job;
  await changes.reaches(id, 'SUCCEEDED');
  expect(scene.left()).toEqual([['kept', 't'], [1], ['target.db']]);
});
