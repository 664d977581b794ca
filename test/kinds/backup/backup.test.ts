import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch as watchFolder, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/backup-format/manifest.ts';
import { type Environment, PauseAsked, type Step } from '../../../src/jobs/kind.ts';
import { describeBackup } from '../../../src/kinds/backup/describe.ts';
import type { BackupInput } from '../../../src/kinds/backup/input.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { cleanUp, execute as drive, JOB_ID, type Scene } from '../contract.ts';
import { backUp, contentOf, restore } from '../restore/scene.ts';
import { BACKUP, createBackup, openPlace, openScene, PLACE, type Place } from './scene.ts';

const { signal } = new AbortController();
const manifestOf = async (environment: Environment, url = PLACE) => {
  const read = await readManifest(openFolder(url, environment), signal);
  if (read === null) throw new Error('there is no manifest');
  return read.manifest;
};
const restored = async (place: Place, source = PLACE) => {
  const file = path.join(place.dir, `${source.replaceAll(/\W/g, '')}.db`);
  await restore(place, { file, isThere: false }, { source });
  return file;
};
const sceneOf = async (place: Place, input: Partial<BackupInput> = {}): Promise<Scene> => {
  const { details, secrets = {} } = await createBackup(place, input);
  return { ...place, details, secrets, snapshot: () => null, hidden: () => null };
};

/** Runs a backup until it has stored some of its chunks: how many steps that takes depends on the time. */
const executePartway = async (scene: Scene, epoch: number) => {
  const stop = new AbortController();
  const watch = ({ counters }: Step<unknown>) => counters?.bytes && stop.abort(new Error('stored some'));
  await expect(execute({ kind: BACKUP, scene, epoch, watch, signal: stop.signal })).rejects.toThrow('stored some');
};

/** Whether these bytes are anywhere in the files of a backup. */
const isAnywhere = (place: Place, bytes: string) => Object.values(place.files()).some((text) => text.includes(bytes));

/** As the engine does: what has ended is cleaned up. */
const execute = async (asked: Parameters<typeof drive>[0]) => {
  const driven = await drive(asked);
  if (driven.ended) await cleanUp(asked.kind, asked.scene, 'ended');
  return driven;
};

describe('the snapshot', () => {
  it('is of one moment, while somebody writes', async () => {
    await using scene = await openScene(20);
    scene.sql.exec('CREATE TABLE one (n); CREATE TABLE other (n)');
    let stop = false;
    const writing = (async () => {
      for (let n = 0; !stop; n++) {
        scene.sql.exec(`BEGIN; INSERT INTO one VALUES (${n}); INSERT INTO other VALUES (${n}); COMMIT`);
        await new Promise(setImmediate);
      }
    })();
    const { details, secrets = {} } = await createBackup(scene);
    await execute({ kind: BACKUP, scene: { ...scene, details, secrets }, epoch: 1 });
    const { tables } = await manifestOf(scene.environment);
    stop = true;
    await writing;
    const [one = -1, other] = ['one', 'other'].map((name) => tables.find((table) => table.name === name)?.rows);
    expect(one).toBe(other);
    expect(scene.sql.prepare('SELECT count(*) FROM one').pluck().get()).toBeGreaterThan(one ?? 0);
    expect(JSON.stringify(contentOf(await restored(scene)))).toContain(`${one},`);
  });

  it('has nothing of what jobs keep, nor of tables that were not asked for', async () => {
    await using place = openPlace(`
      CREATE TABLE kept (a PRIMARY KEY, b); CREATE TABLE secret (a); CREATE TABLE _signalbox_import_1 (a);
      CREATE INDEX mine ON kept (b); CREATE TRIGGER _signalbox_t AFTER INSERT ON kept BEGIN SELECT 1; END;
      CREATE TRIGGER theirs AFTER INSERT ON kept BEGIN INSERT INTO secret VALUES (new.a); END;
      CREATE VIEW of_kept AS SELECT a FROM kept; CREATE VIEW of_both AS SELECT * FROM kept, secret;
      CREATE VIEW of_none AS SELECT 1; CREATE VIEW of_view AS SELECT * FROM of_kept;
      CREATE VIRTUAL TABLE found USING fts5 (body);
      INSERT INTO kept VALUES (1, 'for-everybody'); INSERT INTO found VALUES ('found-by-search');
      INSERT INTO secret SELECT 'for-nobody' || value FROM json_each('[1,2,3,4,5]');
      INSERT INTO _signalbox_import_1 VALUES ('half-imported')`);
    const names = async (url: string) =>
      (await manifestOf(place.environment, url)).statements.map((text) => text.split(' ')[2]);

    await backUp(place, { tables: ['KEPT'] });
    expect(await names(PLACE)).toEqual(['kept', 'mine', 'theirs', 'of_kept', 'of_view']);
    expect(isAnywhere(place, 'for-everybody')).toBe(true);
    for (const gone of ['for-nobody', 'half-imported', 'found-by-search', '_signalbox']) {
      expect(isAnywhere(place, gone), gone).toBe(false);
    }
    place.sql.exec('DROP TABLE found');
    await backUp(place, { destination: 'nodelocal:///all' });
    expect(await names('nodelocal:///all')).toHaveLength(8);
    expect(isAnywhere(place, 'for-nobody')).toBe(true);
    expect(isAnywhere(place, 'half-imported')).toBe(false);
    expect(contentOf(await restored(place, 'nodelocal:///all'))).toEqual(contentOf(place.file));
  });

  it('is a database, byte for byte, when its chunks are put one behind the other', async () => {
    await using place = await openScene(12);
    await backUp(place);
    const { chunks, sizeBytes } = await manifestOf(place.environment);
    const folder = path.join(place.filesDir, 'backups/one/chunks');
    const file = path.join(place.dir, 'joined.db');
    writeFileSync(file, Buffer.concat(chunks.map(({ sha256 }) => readFileSync(path.join(folder, sha256)))));
    expect(readFileSync(file).length).toBe(sizeBytes);
    expect(contentOf(file)).toEqual(contentOf(place.file));
  });
});

describe('a backup upon another', () => {
  const CHANGES = {
    'of the same length': 'UPDATE big SET text = upper(text) WHERE id * 7919 % 100 = 3',
    'of another length': "UPDATE big SET text = text || substr('abcdefghijkl', 1, id % 11) WHERE id * 7919 % 100 = 3",
    'that are gone': 'DELETE FROM big WHERE id * 7919 % 100 = 3',
    'at the beginning that are gone': 'DELETE FROM big WHERE id <= (SELECT max(id) / 100 FROM big)',
  };
  it.each(Object.keys(CHANGES))(
    'stores less than a twentieth after a change of one row in a hundred, %s',
    async (what) => {
      await using place = await openScene(16, {}, 100_000);
      await backUp(place);
      place.sql.exec(CHANGES[what as keyof typeof CHANGES]);
      const second = 'nodelocal:///backups/two';
      await backUp(place, { destination: second, incrementalFrom: PLACE });
      const shown = await describeBackup(second, place.environment);
      expect(shown?.storedBytes).toBeLessThan(0.05 * (shown?.sizeBytes ?? 0));
      expect(contentOf(await restored(place, second))).toEqual(contentOf(place.file));
    },
  );

  it('stores nothing when nothing has changed, and goes on upon others', async () => {
    await using place = await openScene(10);
    await backUp(place);
    const url = (n: number) => (n === 0 ? PLACE : `nodelocal:///backups/${n}`);
    for (let n = 1; n <= 4; n++) {
      if (n > 1) place.sql.exec(`UPDATE big SET noise = randomblob(950) WHERE id % 1000 = ${n}`);
      await backUp(place, { destination: url(n), incrementalFrom: url(n - 1) });
    }
    const first = await manifestOf(place.environment, url(1));
    expect(first.chunks.map(({ stored }) => stored)).toEqual(first.chunks.map(() => 'parent'));
    expect((await manifestOf(place.environment, url(4))).generation).toBe(4);
    expect(contentOf(await restored(place, url(4)))).toEqual(contentOf(place.file));

    rmSync(path.join(place.filesDir, 'backups/2'), { recursive: true });
    await expect(createBackup(place, { destination: url(5), incrementalFrom: url(4) })).rejects.toMatchObject({
      message: `the backup at ${url(4)} is incremental on one at ${url(2)}, which no longer exists`,
      extensions: { field: 'input.incrementalFrom' },
    });
  });
});

describe('the place', () => {
  it('keeps what others have there when the backup is canceled', async () => {
    await using place = await openScene(16);
    const others = ['backups/one/notes.txt', 'backups/one/chunks/notes.txt', 'backups/other.txt'];
    for (const name of others) {
      mkdirSync(path.dirname(path.join(place.filesDir, name)), { recursive: true });
      writeFileSync(path.join(place.filesDir, name), name);
    }
    const before = place.files();
    const scene = await sceneOf(place);
    await executePartway(scene, 1);
    expect(Object.keys(place.files()).length).toBeGreaterThan(4);
    await execute({ kind: BACKUP, scene, epoch: 2, task: 'revert' });
    expect(place.files()).toEqual(before);
  });

  it('takes its snapshot again, and ends as if nothing had been, when the snapshot is lost', async () => {
    await using scene = await openScene(16);
    await executePartway(scene, 1);
    scene.sql.exec('UPDATE big SET noise = randomblob(950) WHERE id % 5000 = 0');
    rmSync(path.join(scene.environment.workDir, JOB_ID, 'picture.db'));
    await execute({ kind: BACKUP, scene, epoch: 2 });
    const { chunks } = await manifestOf(scene.environment);
    const files = Object.keys(scene.files()).filter((name) => name.includes('chunks/'));
    expect(files.sort()).toEqual([...new Set(chunks.map(({ sha256 }) => `backups/one/chunks/${sha256}`))].sort());
    expect(contentOf(await restored(scene))).toEqual(contentOf(scene.file));
    expect(readdirSync(scene.environment.workDir)).toEqual([]);
  });

  it('asks to be paused when the folder of the job is lost, and is reverted by its marker', async () => {
    await using scene = await openScene(16);
    const before = scene.files();
    await executePartway(scene, 1);
    rmSync(path.join(scene.environment.workDir, JOB_ID), { recursive: true });
    const lost = execute({ kind: BACKUP, scene, epoch: 2 });
    await expect(lost).rejects.toThrow(PauseAsked);
    await expect(lost).rejects.toThrow(`the position of job ${JOB_ID} is lost: its record in the data folder is gone`);
    expect(readdirSync(scene.environment.workDir)).toEqual([]);
    await execute({ kind: BACKUP, scene, epoch: 3, task: 'revert' });
    expect([scene.files(), readdirSync(scene.environment.workDir)]).toEqual([before, []]);
  });

  it('takes one backup at a time: the second fails, and leaves the first alone', async () => {
    await using place = await openScene(14);
    const first = await sceneOf(place);
    const second = await sceneOf(place);
    const other = { ...second, environment: { ...second.environment, workDir: path.join(place.dir, 'work2') } };
    await executePartway(first, 1);
    const during = place.files();
    await expect(execute({ kind: BACKUP, scene: other, epoch: 1 })).rejects.toThrow(
      `${PLACE} holds a backup that is in progress or abandoned (in-progress-${JOB_ID}.json)`,
    );
    await execute({ kind: BACKUP, scene: other, epoch: 2, task: 'revert' });
    expect(place.files()).toEqual(during);
    await expect(createBackup(place)).rejects.toMatchObject({ extensions: { field: 'input.destination' } });
    expect(await describeBackup(PLACE, place.environment)).toMatchObject({
      database: 'demo',
      complete: false,
      tables: [],
    });

    await execute({ kind: BACKUP, scene: first, epoch: 2 });
    await expect(createBackup(place)).rejects.toThrow(`${PLACE} already holds a backup`);
    expect(await describeBackup(PLACE, place.environment)).toMatchObject({ database: 'demo', complete: true });
    expect(contentOf(await restored(place))).toEqual(contentOf(place.file));
  });
});

describe('a stop', () => {
  it('is heard while the snapshot is taken, and nothing goes on', async () => {
    await using scene = await openScene(30);
    const stop = new AbortController();
    const folder = path.join(scene.environment.workDir, JOB_ID);
    const seen: string[] = [];
    // The folder for the snapshot is made right before the process that takes it, which needs a while to begin.
    const watch = (_: Step<unknown>, count: number) => {
      if (count !== 1) return;
      const watcher = watchFolder(folder, (_event, name) => {
        if (name !== 'snapshot-1') return;
        seen.push(name);
        watcher.close();
        stop.abort(new Error('told to stop'));
      });
    };
    await expect(execute({ kind: BACKUP, scene, epoch: 1, watch, signal: stop.signal })).rejects.toThrow(
      'told to stop',
    );
    expect(seen).toEqual(['snapshot-1']);
    expect(readdirSync(folder).filter((name) => name.startsWith('snapshot'))).toEqual([]);
    await execute({ kind: BACKUP, scene, epoch: 2 });
    expect(contentOf(await restored(scene))).toEqual(contentOf(scene.file));
  });
});

describe('a creation is refused', () => {
  const REFUSED: readonly (readonly [string, string, Partial<BackupInput>, string, string])[] = [
    [
      'for an unknown table',
      'CREATE TABLE a (x)',
      { tables: ['a', 'b'] },
      'input.tables.1',
      'table "b" does not exist',
    ],
    ['for a table twice', 'CREATE TABLE a (x)', { tables: ['a', 'A'] }, 'input.tables.1', 'table "A" is named twice'],
    ['for no table', 'CREATE TABLE a (x)', { tables: [] }, 'input.tables', 'tables is empty'],
    ['for a view', 'CREATE VIEW v AS SELECT 1', { tables: ['v'] }, 'input.tables.0', '"v" is a view, not a table'],
    [
      'for what jobs keep',
      'CREATE TABLE _signalbox_jobs (x)',
      { tables: ['_signalbox_jobs'] },
      'input.tables.0',
      'does not exist',
    ],
    [
      'for a place that is none',
      '',
      { destination: 'ftp://x/y' },
      'input.destination',
      'ftp://x/y is not a storage URL',
    ],
    [
      'for a place that is only read',
      '',
      { destination: 'http://127.0.0.1:9/x' },
      'input.destination',
      'http://127.0.0.1:9/x',
    ],
    ['for a place outside', '', { destination: 'nodelocal:///../x' }, 'input.destination', 'leads outside'],
    [
      'for an older one that is not there',
      '',
      { incrementalFrom: 'nodelocal:///x' },
      'input.incrementalFrom',
      'there is no backup at nodelocal:///x',
    ],
  ];
  it.each(REFUSED)('%s', async (_, statements, input, field, message) => {
    await using place = openPlace(statements);
    await expect(createBackup(place, input)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      extensions: { field },
    });
    expect(place.files()).toEqual({});
    expect(existsSync(path.join(place.environment.workDir, JOB_ID))).toBe(false);
  });

  it('over chunks that belong to no backup', async () => {
    await using place = openPlace();
    const folder = path.join(place.filesDir, 'backups/one/chunks');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'a'.repeat(64)), 'x');
    await expect(createBackup(place)).rejects.toThrow(`${PLACE} holds chunks of a backup without manifest.json`);
  });
});
