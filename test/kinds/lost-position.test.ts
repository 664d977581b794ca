import { copyFileSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Fenced, PauseAsked, Transient } from '../../src/jobs/kind.ts';
import { claimOf, ioOf } from '../support/claimed.ts';
import { cleanUp, JOB_ID } from './contract.ts';
import { createJobStore, everything, halted, work } from './fence-steps.ts';
import { openExisting } from './import/existing-scene.ts';
import { IMPORT, type ImportScene, openScene } from './import/scene.ts';

const FILES = { 'a.csv': 'id,name,age\n1,Ada,36\n', 'b.csv': 'id,name,age\n3,Edsger,72\n' };
const LOST = `the position of job ${JOB_ID} is lost: its record in database demo is gone`;

/** An import that has put in its first rows, and is halted there. */
const begun = async (scene: ImportScene) => {
  const worker = { kind: IMPORT, scene, store: createJobStore() };
  return { ...worker, first: await halted(worker, 'step 2') };
};

describe('a job whose record was dropped by somebody', () => {
  it('is fenced, asks to be paused however often it is resumed, and is reverted by its hidden table', async () => {
    await using scene = await openScene({ files: FILES });
    const initial = [scene.snapshot(), scene.hidden()];
    const { first, ...worker } = await begun(scene);
    scene.exec('DROP TABLE _signalbox_jobs');
    const before = everything(scene);
    expect(await first.goOn()).toBeInstanceOf(Fenced);
    for (const _ of ['claimed', 'resumed']) {
      const lost = work(worker);
      await expect(lost).rejects.toThrow(PauseAsked);
      await expect(lost).rejects.toThrow(LOST);
    }
    expect(await work({ ...worker, task: 'release' })).toBe('released');
    expect(everything(scene)).toEqual(before);

    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
    expect([scene.snapshot(), scene.hidden()]).toEqual(initial);
  });

  it('is reverted by its ledger; without one it stays, and says what is left and what to do', async () => {
    await using scene = await openExisting(undefined, { files: FILES });
    const initial = scene.rows();
    const { first, ...worker } = await begun(scene);
    scene.exec('DROP TABLE _signalbox_jobs');
    await first.goOn();
    await expect(work(worker)).rejects.toThrow(LOST);
    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
    expect(scene.rows()).toEqual(initial);

    await using other = await openExisting(undefined, { files: FILES });
    const { first: partway, ...second } = await begun(other);
    const ledger = `_signalbox_import_${JOB_ID}_rows`;
    const triggers = other
      .all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%signalbox%'")
      .flat();
    other.exec(
      `${triggers.map((name) => `DROP TRIGGER ${name};`).join('')} DROP TABLE _signalbox_jobs; DROP TABLE ${ledger}`,
    );
    await partway.goOn();
    const rows = other.rows();
    for (const _ of ['once', 'again']) {
      await expect(work({ ...second, task: 'revert' })).rejects.toThrow(
        `rows that job ${JOB_ID} inserted into table "people" may be left: table ${ledger}, which lists them, is gone`,
      );
    }
    expect(other.rows()).toEqual(rows);
    other.exec(`DELETE FROM people WHERE id IN (1, 3); CREATE TABLE ${ledger} (first, last)`);
    expect(await work({ ...second, task: 'revert' })).toBe('ended');
    await cleanUp(IMPORT, other, 'ended');
    expect(other.hidden()).toEqual([]);
  });

  it.each([
    ['the trigger for inserted rows', ['inserted']],
    ['the trigger for moved rows', ['updated']],
    ['both triggers', ['inserted', 'updated']],
  ])('stays to be reverted without %s of its ledger, and names what is left and what to do', async (_, dropped) => {
    await using scene = await openExisting(undefined, { files: FILES });
    const { first, ...worker } = await begun(scene);
    const own = `_signalbox_import_${JOB_ID}`;
    for (const name of dropped) scene.exec(`DROP TRIGGER ${own}_${name}`);
    const rows = scene.rows();
    for (const attempt of ['first', 'second']) {
      await expect(work({ ...worker, task: 'revert' }), attempt).rejects.toThrow(
        `rows that job ${JOB_ID} inserted into table "people" may be left: trigger ${dropped.map((name) => `${own}_${name}`).join(' and ')}`,
      );
    }
    expect(await first.goOn()).toBeInstanceOf(Fenced);
    expect(scene.rows()).toEqual(rows);
    scene.exec(`DELETE FROM people WHERE id IN (1, 3); DELETE FROM ${own}_rows`);
    const left = scene.rows();
    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
    await cleanUp(IMPORT, scene, 'ended');
    expect([scene.rows(), scene.hidden()]).toEqual([left, []]);
  });

  it('has nothing left in a table that was dropped, and nothing in one that was created under its name', async () => {
    await using scene = await openExisting(undefined, { files: FILES });
    const { first, ...worker } = await begun(scene);
    const [[create = ''] = []] = scene.all(
      "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'people'",
    ) as string[][];
    scene.exec(`DROP TABLE people; ${create}; INSERT INTO people (id, name) VALUES (1, 'somebody')`);
    await first.goOn();
    const rows = scene.rows();
    expect(await work({ ...worker, task: 'revert' })).toBe('ended');
    expect(scene.rows()).toEqual(rows);
  });

  it('asks to be paused when a table that its position is about was dropped', async () => {
    await using scene = await openScene({ files: FILES });
    const { first, ...worker } = await begun(scene);
    scene.exec(`DROP TABLE _signalbox_import_${JOB_ID}`);
    expect(await first.goOn()).toBeInstanceOf(Fenced);
    const lost = work(worker);
    await expect(lost).rejects.toThrow(PauseAsked);
    await expect(lost).rejects.toThrow(`is lost: table _signalbox_import_${JOB_ID} of database demo is gone`);
  });
});

describe('a target that was replaced', () => {
  it('by a copy from before the job pauses it; once the file is back, it goes on to the same end', async () => {
    await using undisturbed = await openScene({ files: FILES });
    await work({ kind: IMPORT, scene: undisturbed, store: createJobStore() });
    await using scene = await openScene({ files: FILES });
    scene.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const [older, newer] = [`${scene.file}.older`, `${scene.file}.newer`];
    copyFileSync(scene.file, older);
    const { first, ...worker } = await begun(scene);
    scene.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    copyFileSync(scene.file, newer);
    replace(scene.file, older);
    expect(await first.goOn()).toEqual(new Transient('the file of database demo is gone'));
    await expect(work(worker)).rejects.toThrow(LOST);
    replace(scene.file, newer);
    expect(await work(worker)).toBe('ended');
    expect(contentOf(scene)).toEqual(contentOf(undisturbed));
  });
});

const replace = (file: string, by: string) => {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  copyFileSync(by, file);
};

/** By a connection of its own: the scene's is still on the file that was removed. */
const contentOf = ({ file }: ImportScene) => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    return sql.prepare('SELECT * FROM people').all();
  } finally {
    sql.close();
  }
};

describe('acquiring a fence', () => {
  it('writes nothing when the store does not answer, or answers that the claim is gone', async () => {
    await using scene = await openScene({ files: FILES });
    const before = everything(scene);
    const { details } = scene;
    const job = { details, checkpoint: null, claim: claimOf(JOB_ID, 1), began: false };
    const silent = ioOf(scene.environment, { isCurrent: () => new Promise(() => undefined) });
    await expect(IMPORT.acquireFence?.(job, silent, 'run')).rejects.toThrow(Transient);
    const gone = ioOf(scene.environment, { isCurrent: async () => false });
    await expect(IMPORT.acquireFence?.(job, gone, 'run')).rejects.toThrow(Fenced);
    expect(everything(scene)).toEqual(before);
  });

  it('keeps the jobs of two stores on one target apart', async () => {
    await using scene = await openScene({ files: FILES });
    const io = ioOf(scene.environment);
    const jobOf = (storeId: string, epoch = 1) => {
      const { details } = scene;
      return { details, checkpoint: null, claim: claimOf(JOB_ID, epoch, storeId), began: epoch > 1 };
    };
    for (const store of ['0000000a', '0000000b']) {
      await IMPORT.acquireFence?.(jobOf(store), io, 'run');
      await IMPORT.run(jobOf(store), io).next();
    }
    const steps = IMPORT.run(jobOf('0000000a'), io);
    for (const _ of [1, 2]) await steps.next();
    await steps.return(undefined);
    await IMPORT.acquireFence?.(jobOf('0000000a', 2), io, 'revert');
    for await (const _ of IMPORT.revert(jobOf('0000000a', 2), io));
    await IMPORT.cleanUp?.(jobOf('0000000a', 2), scene.environment, 'removed');
    const names = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' ORDER BY name").flat();
    expect(names).toEqual([
      '_signalbox_0000000a_jobs',
      `_signalbox_0000000b_import_${JOB_ID}`,
      '_signalbox_0000000b_jobs',
    ]);
    expect(scene.all('SELECT epoch FROM _signalbox_0000000b_jobs')).toEqual([[1]]);
    expect(scene.all('SELECT epoch FROM _signalbox_0000000a_jobs')).toEqual([]);
  });
});
