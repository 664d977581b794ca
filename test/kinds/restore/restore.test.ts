import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type Manifest, manifestText, readManifest } from '../../../src/backup-format/manifest.ts';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import type { Environment, Step } from '../../../src/jobs/kind.ts';
import { restoreKind } from '../../../src/kinds/restore/index.ts';
import type { RestoreInput } from '../../../src/kinds/restore/input.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { claimOf } from '../../support/claimed.ts';
import { sqliteAt } from '../../support/places.ts';
import { openScene as openBackupScene, openPlace, PLACE, type Place } from '../backup/scene.ts';
import { cleanUp, execute as drive, JOB_ID, type Scene } from '../contract.ts';
import { backUp, contentOf, createRestore, RESTORE, restore } from './scene.ts';

const { signal } = new AbortController();

/** All that a table can be declared with. */
const EVERYTHING = `
  CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, boss REFERENCES people,
    age INT DEFAULT (1 + 2), CHECK (people.name <> ''));
  CREATE TABLE [odd "name"] (a TEXT, b REAL, c, PRIMARY KEY (a DESC, b)) WITHOUT ROWID;
  CREATE TABLE mixed (a TEXT COLLATE NOCASE, b INT, c ANY, PRIMARY KEY (b DESC, a)) WITHOUT ROWID, STRICT;
  CREATE TABLE loose (x, double AS (x * 2), stored INT AS (x + 1) STORED, UNIQUE (x, stored) ON CONFLICT REPLACE);
  CREATE TABLE plain (rowid, x); CREATE TABLE empty (x INTEGER PRIMARY KEY DESC);
  CREATE UNIQUE INDEX "by ""name""" ON people (lower(name)) WHERE people.id > 2;
  CREATE INDEX by_c ON [odd "name"] (c COLLATE RTRIM DESC, a); CREATE INDEX on_double ON loose (double);
  CREATE VIEW bosses (name, boss) AS SELECT p.name, q.name FROM people p JOIN people q ON p.boss = q.id;
  CREATE VIEW broken AS SELECT * FROM nowhere; CREATE VIEW of_view AS SELECT name FROM bosses;
  CREATE TRIGGER noted AFTER INSERT ON people WHEN new.age > 200 BEGIN INSERT INTO plain (x) VALUES (new.id); END;
  CREATE TRIGGER through INSTEAD OF INSERT ON bosses BEGIN INSERT INTO people (name) VALUES (new.name); END;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO people (name, boss) SELECT 'p' || i, i / 2 FROM n WHERE i > 1;
  DELETE FROM people WHERE id > 2900;
  INSERT INTO [odd "name"] SELECT name, id / 7.0, CAST(x'ff00fe' AS TEXT) FROM people; INSERT INTO [odd "name"] VALUES (x'00', 1e300, NULL), (9007199254740993, -0.0, 1);
  INSERT INTO mixed SELECT char(97 + id % 26), id / 5, 1 FROM people WHERE true ON CONFLICT DO NOTHING;
  INSERT INTO loose (_rowid_, x) SELECT id * id, id FROM people; INSERT INTO loose (_rowid_, x) VALUES (-5, 'minus'), (9223372036854775807, x'01');
  INSERT INTO plain (_rowid_, rowid, x) SELECT id * 3, 'not the rowid', id FROM people;
  PRAGMA user_version = 7;`;

const openAll = async (): Promise<Place> => {
  const place = openPlace();
  place.sql.pragma('foreign_keys = OFF');
  place.sql.exec(EVERYTHING);
  await backUp(place);
  return place;
};

const manifestAt = (place: Place) => path.join(place.filesDir, 'backups/one/manifest.json');
const changeManifest = async (place: Place, change: (manifest: Manifest) => Manifest) => {
  const read = await readManifest(openFolder(PLACE, place.environment), signal);
  if (read === null) throw new Error('there is no manifest');
  writeFileSync(manifestAt(place), manifestText(change(read.manifest)));
};
/** A database with these statements in it, beside that which was backed up. */
const targetOf = (place: Place, statements = '') => {
  const file = path.join(place.dir, 'target.db');
  if (!existsSync(file)) createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec(statements);
  sql.close();
  return file;
};
const sceneOf = async (environment: Environment, input: Partial<RestoreInput> = {}): Promise<Scene> => {
  const { details, secrets = {} } = await createRestore(environment, input);
  return { details, secrets, environment } as Scene;
};
/** What is left anywhere on behalf of the job. */
/** As the engine does: what has ended is cleaned up. */
const execute = async (asked: Parameters<typeof drive>[0]) => {
  const driven = await drive(asked);
  if (driven.ended) await cleanUp(asked.kind, asked.scene, 'ended');
  return driven;
};

const leftBy = (place: Place) => [
  readdirSync(place.environment.workDir),
  readdirSync(place.dir).filter((name) => name.includes('restore-')),
];

describe('a restore', () => {
  it.each([
    ['into a database that is made', false],
    ['into a database that is there', true],
  ])('%s brings back every row, rowid and statement', async (_, isThere) => {
    await using place = await openAll();
    const file = isThere ? targetOf(place) : path.join(place.dir, 'target.db');
    await restore(place, { file, isThere });
    expect(contentOf(file)).toEqual(contentOf(place.file));
    const sql = new Sqlite(file);
    expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(sql.pragma('journal_mode', { simple: true })).toBe('wal');
    sql.exec("INSERT INTO bosses (name) VALUES ('new'); INSERT INTO people (name, age) VALUES ('old', 201)");
    expect(sql.prepare('SELECT max(id) FROM people').pluck().get()).toBe(3001);
    expect(sql.prepare('SELECT x FROM plain ORDER BY _rowid_ DESC LIMIT 1').pluck().get()).toBe(3001);
    expect(() => sql.exec("INSERT INTO people (name) VALUES ('P5')")).toThrow('UNIQUE');
    expect(() => sql.exec("INSERT INTO people (name) VALUES ('')")).toThrow('CHECK');
    expect(() => sql.exec("INSERT INTO people (name, boss) VALUES ('x', 99999)")).toThrow('FOREIGN KEY');
    sql.close();
    expect(leftBy(place)).toEqual([[], []]);
  });

  it('of some tables brings what belongs to them, and leaves the rest alone', async () => {
    await using place = await openAll();
    const theirs =
      'CREATE TABLE other (x); INSERT INTO other VALUES (1); CREATE VIEW v AS SELECT * FROM plain; CREATE TABLE nowhere (z)';
    const file = targetOf(place, theirs);
    const before = contentOf(file) as [{ name: string }, unknown][];
    await restore(place, { file, isThere: true }, { tables: ['PEOPLE', 'plain'] });
    const after = contentOf(file) as [{ name: string }, unknown][];
    for (const one of before) expect(after).toContainEqual(one);
    const made = after.map(([{ name }]) => name).filter((name) => !before.some(([one]) => one.name === name));
    expect(made.sort()).toEqual(
      [
        'bosses',
        'by "name"',
        'noted',
        'of_view',
        'people',
        'plain',
        'sqlite_autoindex_people_1',
        'sqlite_sequence',
        'through',
      ].sort(),
    );
    const whole = contentOf(place.file) as [{ name: string }, unknown][];
    for (const name of ['people', 'plain', 'by "name"', 'noted']) {
      expect(after.find(([one]) => one.name === name)).toEqual(whole.find(([one]) => one.name === name));
    }

    const made2 = path.join(place.dir, 'made.db');
    await restore(place, { file: made2, isThere: false }, { tables: ['people', 'plain'] });
    const names = (contentOf(made2) as [{ name: string }, unknown][]).map(([{ name }]) => name);
    expect(names.sort()).toEqual(made.sort());
  });

  it('shows nothing to others until it shows everything, and waits while somebody else writes', async () => {
    await using place = await openAll();
    const file = targetOf(place, 'CREATE TABLE theirs (x)');
    const others = new Sqlite(file);
    const visible = () =>
      others
        .prepare(
          String.raw`SELECT name FROM sqlite_schema WHERE tbl_name NOT LIKE '\_signalbox%' ESCAPE '\' AND tbl_name NOT LIKE 'sqlite%'`,
        )
        .pluck()
        .all();
    const scene = await sceneOf({ ...place.environment, database: sqliteAt(file) });
    const seen = new Set<string>();
    let waited = 0;
    const watch = ({ message = '', commit }: Step<unknown>, count: number) => {
      seen.add(JSON.stringify(visible()));
      if (message.startsWith('copying') && waited === 0 && !others.inTransaction)
        others.exec('BEGIN IMMEDIATE; INSERT INTO theirs VALUES (1)');
      if (message.startsWith('waiting')) waited++;
      if (waited > 3 && others.inTransaction) others.exec('COMMIT');
      expect(commit === undefined || count > 3).toBe(true);
    };
    await execute({ kind: RESTORE, scene, epoch: 1, watch });
    expect(waited).toBeGreaterThan(3);
    expect([...seen]).toEqual(['["theirs"]']);
    expect(visible()).toContain('people');
    others.close();
  });

  it('is forgotten with all that it kept in the database', async () => {
    await using place = await openAll();
    const file = targetOf(place);
    const environment = { ...place.environment, database: sqliteAt(file) };
    const scene = await sceneOf(environment);
    await execute({ kind: RESTORE, scene, epoch: 1 });
    const work = { details: scene.details as never, checkpoint: null, claim: claimOf(JOB_ID, 1) };
    await restoreKind.cleanUp?.(work, environment, 'removed');
    const sql = new Sqlite(file);
    expect(sql.prepare('SELECT * FROM _signalbox_jobs').all()).toEqual([]);
    sql.close();
    expect(contentOf(file)).toEqual(contentOf(place.file));
  });
});

describe('a chunk that is wrong', () => {
  const DAMAGE: Readonly<Record<string, (file: string) => void>> = {
    'is missing': (file) => rmSync(file),
    'has one byte changed': (file) => {
      const content = readFileSync(file);
      content[content.length - 7] = (content.at(-7) ?? 0) ^ 1;
      writeFileSync(file, content);
    },
    'is cut short': (file) => writeFileSync(file, readFileSync(file).subarray(0, 5000)),
  };
  it.each(Object.keys(DAMAGE).flatMap((what) => [true, false].map((isThere) => [what, isThere] as const)))(
    'since it %s fails the job before anything is seen (into a database that is there: %s)',
    async (what, isThere) => {
      await using place = await openBackupScene(24);
      await backUp(place);
      const read = await readManifest(openFolder(PLACE, place.environment), signal);
      const last = read?.manifest.chunks.at(-1)?.sha256 ?? '';
      DAMAGE[what]?.(path.join(place.filesDir, 'backups/one/chunks', last));
      const file = isThere ? targetOf(place, 'CREATE TABLE theirs (x)') : path.join(place.dir, 'target.db');
      const before = isThere ? contentOf(file) : null;
      const environment = { ...place.environment, database: sqliteAt(file) };
      const { details } = await createRestore({
        ...environment,
        database: sqliteAt(isThere ? file : null),
      });
      const scene = { details, secrets: {}, environment } as unknown as Scene;
      const count = read?.manifest.chunks.length;
      await expect(execute({ kind: RESTORE, scene, epoch: 1 })).rejects.toThrow(
        `chunk ${count} of ${count} of the backup at ${PLACE} is ${what === 'is missing' ? 'missing' : 'damaged'}`,
      );
      await execute({ kind: RESTORE, scene, epoch: 2, task: 'revert' });
      expect(isThere ? contentOf(file) : existsSync(file)).toEqual(isThere ? before : false);
      expect(leftBy(place)).toEqual([[], []]);
    },
  );

  it('makes no difference when the manifest was made for it: the catalogue has to be what it says', async () => {
    await using place = await openAll();
    const folder = path.join(place.filesDir, 'backups/one/chunks');
    const [name = ''] = readdirSync(folder);
    const snapshot = path.join(place.dir, 'forged.db');
    copyFileSync(path.join(folder, name), snapshot);
    const sql = new Sqlite(snapshot);
    sql.exec('CREATE TRIGGER hidden AFTER INSERT ON plain BEGIN DELETE FROM people; END');
    sql.close();
    const content = readFileSync(snapshot);
    const sha256 = createHash('sha256').update(content).digest('hex');
    writeFileSync(path.join(folder, sha256), content);
    await changeManifest(place, (manifest) => ({
      ...manifest,
      sizeBytes: content.length,
      chunks: [
        {
          sha256,
          bytes: content.length,
          stored: 'plain',
          storedBytes: content.length,
          dictionary: [],
          fingerprints: [],
        },
      ],
    }));
    for (const isThere of [true, false]) {
      const file = path.join(place.dir, `forged-${isThere}.db`);
      if (isThere) createDatabaseFile(file);
      await expect(restore(place, { file, isThere })).rejects.toThrow(
        `the backup at ${PLACE} is damaged: its catalogue differs from the manifest`,
      );
      rmSync(path.join(place.environment.workDir, JOB_ID), { recursive: true });
    }
  });
});

describe('a creation is refused', () => {
  const refused = async (
    place: Place,
    input: Partial<RestoreInput>,
    field: string,
    message: string,
    file: string | null = null,
  ) => {
    const files = place.files();
    await expect(createRestore({ ...place.environment, database: sqliteAt(file) }, input)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      extensions: { field },
    });
    expect(place.files()).toEqual(files);
    expect(readdirSync(place.environment.workDir)).toEqual([]);
  };

  it.each([
    ["ATTACH DATABASE 'x.db' AS y", 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW'],
    ["CREATE TABLE b (x); ATTACH DATABASE 'x.db' AS y", 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW'],
    ["CREATE TABLE b AS SELECT readfile('/etc/passwd')", 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW'],
    ['CREATE VIRTUAL TABLE b USING fts5 (x)', 'its statements create other tables than it lists'],
    [
      'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; DROP TABLE a',
      'is not one CREATE TABLE, INDEX, TRIGGER or VIEW',
    ],
    ['CREATE VIEW v AS SELECT 1; DROP TABLE a', 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW'],
    ['CREATE TABLE _signalbox_jobs (x)', 'has a name that is reserved'],
    ['CREATE TABLE sqlite_evil (x)', 'has a name that is reserved'],
    ['CREATE TABLE other (x)', 'its statements create other tables than it lists'],
    ['CREATE INDEX i ON nowhere (x)', 'refers to "nowhere", which no statement creates'],
  ])('over a manifest with the statement %j', async (statement, message) => {
    await using place = openPlace('CREATE TABLE a (x)');
    await backUp(place);
    await changeManifest(place, (manifest) => ({ ...manifest, statements: [...manifest.statements, statement] }));
    for (const file of [null, targetOf(place)]) await refused(place, {}, 'input.source', message, file);
  });

  it.each([
    ['a table that is there', 'CREATE TABLE A (y)', 'database "copy" has a table named "a" already'],
    ['the name of a table, for a view', 'CREATE VIEW a AS SELECT 1', 'database "copy" has a view named "a" already'],
    [
      'the name of an index',
      'CREATE TABLE z (x); CREATE INDEX I ON z (x)',
      'database "copy" has an index named "i" already',
    ],
    ['the name of a view', 'CREATE TABLE v (x)', 'database "copy" has a table named "v" already'],
    [
      'the name of a trigger',
      'CREATE TABLE z (x); CREATE TRIGGER t AFTER INSERT ON z BEGIN SELECT 1; END',
      'has a trigger named "t" already',
    ],
  ])('over %s', async (_, theirs, message) => {
    await using place = openPlace(
      'CREATE TABLE a (x); CREATE INDEX i ON a (x); CREATE VIEW v AS SELECT x FROM a; CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
    );
    await backUp(place);
    await refused(place, {}, 'input.database', message, targetOf(place, theirs));
  });

  it('over what is no backup, no table of it, or of another encoding', async () => {
    await using place = openPlace('CREATE TABLE a (x)');
    await refused(
      place,
      { source: 'nodelocal:///nowhere' },
      'input.source',
      'there is no backup at nodelocal:///nowhere',
    );
    const begun = { id: 'x', database: 'demo', createdAt: '2026-11-21T14:00:00.000Z', incrementalFrom: null };
    mkdirSync(path.join(place.environment.filesDir, 'begun'), { recursive: true });
    writeFileSync(path.join(place.environment.filesDir, 'begun', 'in-progress-1.json'), JSON.stringify(begun));
    await refused(
      place,
      { source: 'nodelocal:///begun' },
      'input.source',
      'the backup at nodelocal:///begun is in progress or abandoned (of database demo, begun at 2026-11-21T14:00:00.000Z)',
    );
    await backUp(place);
    await refused(place, { tables: ['a', 'b'] }, 'input.tables.1', `the backup at ${PLACE} has no table "b"`);
    await refused(place, { tables: ['a', 'A'] }, 'input.tables.1', 'table "A" is named twice');
    await refused(place, { tables: [] }, 'input.tables', 'tables is empty');
    const file = path.join(place.dir, 'utf16.db');
    const sql = new Sqlite(file);
    sql.exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE z (x)");
    sql.close();
    await refused(place, {}, 'input.database', 'database "copy" is in UTF-16le, and the backup in UTF-8', file);
    const content = readFileSync(manifestAt(place));
    content[200] = (content[200] ?? 0) ^ 1;
    writeFileSync(manifestAt(place), content);
    await refused(
      place,
      {},
      'input.source',
      `the backup at ${PLACE} is damaged: its manifest does not match its SHA-256`,
    );
  });
});

describe('what somebody else does meanwhile', () => {
  it('stays as it is: a table of the same name', async () => {
    await using place = await openAll();
    const file = targetOf(place);
    const environment = { ...place.environment, database: sqliteAt(file) };
    const scene = await sceneOf(environment);
    await execute({ kind: RESTORE, scene, epoch: 1, stopAt: 6 });
    const other = path.join(place.dir, 'other.db');
    createDatabaseFile(other);
    for (const one of [file, other]) {
      const sql = new Sqlite(one);
      sql.exec("CREATE TABLE plain (theirs); INSERT INTO plain VALUES ('mine')");
      sql.close();
    }
    await expect(execute({ kind: RESTORE, scene, epoch: 2 })).rejects.toThrow('has a table named "plain" already');
    await execute({ kind: RESTORE, scene, epoch: 3, task: 'revert' });
    expect(contentOf(file)).toEqual(contentOf(other));
    const sql = new Sqlite(file);
    expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
    sql.close();
  });

  it('stays as it is: a file where the database was to be', async () => {
    await using place = await openAll();
    const file = path.join(place.dir, 'target.db');
    const { details } = await createRestore({ ...place.environment, database: null });
    const scene = {
      details,
      secrets: {},
      environment: { ...place.environment, database: sqliteAt(file) },
    } as unknown as Scene;
    await execute({ kind: RESTORE, scene, epoch: 1, stopAt: 2 });
    writeFileSync(file, '');
    await expect(execute({ kind: RESTORE, scene, epoch: 2 })).rejects.toThrow(
      'the file of database copy has been created by another program',
    );
    await execute({ kind: RESTORE, scene, epoch: 3, task: 'revert' });
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(leftBy(place)).toEqual([[], []]);
  });

  it('ends it: the target is gone, whose tables cannot be removed then, and the backup is another', async () => {
    await using place = await openAll();
    const file = targetOf(place);
    const scene = await sceneOf({ ...place.environment, database: sqliteAt(file) });
    await execute({ kind: RESTORE, scene, epoch: 1, stopAt: 6 });
    rmSync(file);
    await expect(execute({ kind: RESTORE, scene, epoch: 2 })).rejects.toThrow('the file of database copy is missing');
    await expect(execute({ kind: RESTORE, scene, epoch: 3, task: 'revert' })).rejects.toThrow(
      'the file of database copy is missing, and what job 27536791415282 wrote to "people"',
    );
    expect(existsSync(file)).toBe(false);

    targetOf(place);
    const second = await sceneOf({ ...place.environment, database: sqliteAt(file) });
    await changeManifest(place, (manifest) => ({ ...manifest, database: 'another' }));
    await expect(execute({ kind: RESTORE, scene: second, epoch: 4 })).rejects.toThrow(
      `the backup at ${PLACE} is not there as it was when the job was created`,
    );
  });
});
