import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { keepTables } from '../../../src/databases/sqlite/keep.ts';
import { Transient } from '../../../src/jobs/kind.ts';
import { readRejects, readRejectTexts } from '../../../src/kinds/import/sqlite/rejects.ts';
import { changesOf, startApp } from '../../support/app.ts';
import { claimOf } from '../../support/claimed.ts';
import { removed } from '../../support/history.ts';
import { peopleImport, writePeople } from '../../support/people.ts';
import { temporaryFolder } from '../../support/process.ts';
import { execute, JOB_ID } from '../contract.ts';
import { IMPORT, type ImportScene, openScene } from './scene.ts';

const kind = IMPORT;
const BAD_CSV = 'id,name,age\n1,Ada,36\n2,Grace,old\n3,Edsger,72\n';
const REJECTS = `_signalbox_import_${JOB_ID}_rejects`;

const cleanUp = ({ details, environment }: ImportScene, when: 'ended' | 'removed' = 'removed') =>
  kind.cleanUp?.({ details, checkpoint: null, claim: claimOf(JOB_ID, 1) }, environment, when);

/** What there is in the target that bears the server's name. */
const namesIn = (scene: ImportScene) =>
  scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' ORDER BY name").flat();

const keptFilesOf = ({ environment: { keptDir } }: ImportScene) => (existsSync(keptDir) ? readdirSync(keptDir) : []);
const rejectsOf = ({ environment }: ImportScene) => [
  readRejects(environment, 'demo', JOB_ID, { direction: 'ascending', from: 0, limit: 9_000 }),
  readRejectTexts(environment, 'demo', JOB_ID, 0),
];

/** An import that has ended, with a bad row set aside. */
const openEnded = async () => {
  const scene = await openScene({ files: { 'a.csv': BAD_CSV }, rejectLimit: 5 });
  await execute({ kind, scene, epoch: 1 });
  expect(namesIn(scene)).toEqual([REJECTS, '_signalbox_jobs']);
  return scene;
};

describe('an import that is forgotten', () => {
  it('leaves its table, and nothing else of its own', async () => {
    await using scene = await openEnded();
    const before = scene.snapshot();
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
    expect(scene.all('SELECT * FROM _signalbox_jobs')).toEqual([]);
    expect(scene.snapshot()).toEqual(before);
    expect(scene.all('SELECT id FROM people')).toEqual([[1], [3]]);
  });

  it('can be forgotten again', async () => {
    await using scene = await openEnded();
    await cleanUp(scene);
    const names = namesIn(scene);
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual(names);
  });

  it('takes nothing of another job, nor what bears a name like its own', async () => {
    await using scene = await openEnded();
    const others = [
      `_signalbox_import_${JOB_ID}9`,
      `_signalbox_import_${JOB_ID}9_rejects`,
      `x_signalbox_import_${JOB_ID}_a`,
    ];
    for (const name of others) scene.exec(`CREATE TABLE "${name}" (a)`);
    scene.exec(`INSERT INTO _signalbox_jobs (jobId, epoch) VALUES (${JOB_ID}9, 4)`);
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual([...others.slice(0, 2), '_signalbox_jobs', others[2]]);
    expect(scene.all('SELECT jobId, epoch FROM _signalbox_jobs')).toEqual([[Number(`${JOB_ID}9`), 4]]);
  });

  it('takes a large table away, of which nothing is left', async () => {
    await using scene = await openEnded();
    scene.exec(`WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO "${REJECTS}" (id, text) SELECT i, printf('%.200c', 'x') FROM n`);
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
  });

  it('whose database was away while it was undone leaves no rows, and no trigger on a table of others', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1, stopAt: 3 });
    expect(namesIn(scene)).toContain(`_signalbox_import_${JOB_ID}`);
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);

    await using existing = await openScene({ files: { 'a.csv': 'a\n3\n4\n' }, table: 'bystander', columns: null });
    await execute({ kind, scene: existing, epoch: 1, stopAt: 2 });
    await cleanUp(existing);
    expect(namesIn(existing)).toEqual(['_signalbox_jobs']);
    existing.exec('INSERT INTO bystander VALUES (5)');
  });
});

describe('rejected rows of an import that has ended', () => {
  it('leave the database for a file, and are read from it until they are removed', async () => {
    await using scene = await openEnded();
    scene.exec(`WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
      INSERT INTO "${REJECTS}" SELECT i, 's', i, NULL, 'r', printf('%d', i) || char(0) || 'é', i FROM n`);
    const [before, texts] = rejectsOf(scene);
    expect(before).toHaveLength(1_492);
    for (const _ of ['once', 'again']) {
      await cleanUp(scene, 'ended');
      expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
      expect(keptFilesOf(scene)).toEqual([`${JOB_ID}.db`]);
      expect(rejectsOf(scene)).toEqual([before, texts]);
    }
    expect(statSync(join(scene.environment.keptDir, `${JOB_ID}.db`)).mode & 0o777).toBe(0o600);
    for (const end of ['', '-wal', '-shm']) rmSync(scene.file + end, { force: true });
    expect(rejectsOf(scene)).toEqual([before, texts]);
    await cleanUp(scene, 'removed');
    expect(keptFilesOf(scene)).toEqual([]);
  });

  it('are all there if the clean-up was killed while it wrote the file, or while it emptied the table', async () => {
    await using scene = await openEnded();
    scene.exec(`INSERT INTO "${REJECTS}" SELECT 2, source, 9, NULL, reason, text, 9 FROM "${REJECTS}"`);
    const before = rejectsOf(scene);
    const file = join(scene.environment.keptDir, `${JOB_ID}.db`);
    mkdirSync(scene.environment.keptDir);
    writeFileSync(`${file}.killed.part`, 'SQLite form');
    expect(rejectsOf(scene)).toEqual(before);

    const sql = new Sqlite(scene.file);
    await keepTables(sql, [REJECTS], file);
    sql.close();
    scene.exec(`DELETE FROM "${REJECTS}" WHERE id = 1`);
    expect(rejectsOf(scene)).toEqual(before);
    await cleanUp(scene, 'ended');
    expect(rejectsOf(scene)).toEqual(before);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
  });

  it('stay in the database while their file cannot be written', async () => {
    await using scene = await openEnded();
    const before = rejectsOf(scene);
    writeFileSync(scene.environment.keptDir, 'no folder');
    await expect(cleanUp(scene, 'ended')).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(namesIn(scene)).toEqual([REJECTS, '_signalbox_jobs']);
    rmSync(scene.environment.keptDir);
    await cleanUp(scene, 'ended');
    expect(rejectsOf(scene)).toEqual(before);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
  });

  it('need no file if there are none', async () => {
    await using scene = await openScene({ rejectLimit: 5 });
    await execute({ kind, scene, epoch: 1 });
    await cleanUp(scene, 'ended');
    expect([namesIn(scene), keptFilesOf(scene), rejectsOf(scene)]).toEqual([['_signalbox_jobs'], [], [[], []]]);
  });
});

describe('a database', () => {
  it('that is gone, or not known any more, has nothing to forget, and is not made', async () => {
    await using scene = await openEnded();
    for (const end of ['', '-wal', '-shm']) rmSync(scene.file + end, { force: true });
    await cleanUp(scene);
    expect(existsSync(scene.file)).toBe(false);
    await cleanUp({ ...scene, environment: { ...scene.environment, database: null } });
  });

  it('in which the job never was is not written to', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1, stopAt: 1 });
    scene.exec(`DROP TABLE IF EXISTS _signalbox_jobs; DROP TABLE IF EXISTS _signalbox_import_${JOB_ID}`);
    const version = () => scene.all('PRAGMA data_version');
    const before = version();
    await cleanUp(scene);
    expect(version()).toEqual(before);
    expect(namesIn(scene)).toEqual([]);
  });

  it('that is locked is told of, while its thread goes on; once it is free, nothing is left', async () => {
    await using scene = await openEnded();
    scene.exec('BEGIN IMMEDIATE');
    let turns = 0;
    let turning = setImmediate(function turn() {
      turns += 1;
      turning = setImmediate(turn);
    });
    await expect(cleanUp(scene)).rejects.toThrow(new Transient('database demo is locked'));
    clearImmediate(turning);
    expect(turns).toBeGreaterThan(10);
    scene.exec('COMMIT');
    expect(namesIn(scene)).toEqual([REJECTS, '_signalbox_jobs']);
    await cleanUp(scene);
    expect(namesIn(scene)).toEqual(['_signalbox_jobs']);
  });
});

it('is cleaned up by the server when it has ended, and what people read of it when retention removes it', async () => {
  using folder = temporaryFolder();
  const startedAt = Date.UTC(2030, 0, 1);
  const dataDir = join(folder.path, 'data');
  const inDemo = (statement: string) => {
    const sql = new Sqlite(join(dataDir, 'databases', 'demo.db'), { readonly: true });
    try {
      return sql.prepare(statement).pluck().all();
    } finally {
      sql.close();
    }
  };
  let id = '';
  {
    await using app = await startApp({ dataDir: folder.path, now: () => startedAt });
    await using changes = changesOf(app);
    await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
    writePeople(dataDir, 10);
    appendFileSync(join(dataDir, 'files', 'people.csv'), 'few\n');
    id = (await app.create('IMPORT', peopleImport({ rejectLimit: 5 }), 'root')).id;
    await changes.reaches(id, 'SUCCEEDED');
  }
  // What people read about the job stays in a file as long as the job. Nothing is in the database after the end.
  expect(inDemo('SELECT name FROM sqlite_schema ORDER BY name')).toEqual(['people']);
  expect(readdirSync(join(dataDir, 'rejects'))).toEqual([`${id}.db`]);

  await using app = await startApp({ dataDir: folder.path, now: () => startedAt + 14 * 24 * 60 * 60 * 1_000 });
  await removed(app, id);
  expect(readdirSync(join(dataDir, 'rejects'))).toEqual([]);
  expect(inDemo('SELECT name FROM sqlite_schema ORDER BY name')).toEqual(['people']);
});
