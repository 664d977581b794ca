import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import { Scene } from './contract/scene.ts';

const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const REASON = 'the job store was restored from an older copy';

/** A store on a file of its own, that is closed and opened as the test wants. */
const startScene = async () => {
  const folder = mkdtempSync(join(ROOM, 'signalbox-set-back-'));
  const file = join(folder, 'signalbox.db');
  const scene = new Scene();
  const setBacks: number[] = [];
  const open = async () => {
    scene.store = await openStore({
      url: `file:${file}`,
      migrations: fileURLToPath(new URL('../../prisma', import.meta.url)),
      retry: RETRY,
      onLost: (error) => {
        throw error;
      },
      onSetBack: () => setBacks.push(1),
    });
  };
  await open();
  return {
    scene,
    file,
    setBacks,
    open,
    /** A copy as SQLite makes it, whole while the store is in use. */
    copyTo: async (copy: string) => {
      const db = new Database(file, { readonly: true });
      await db.backup(copy);
      db.close();
    },
    [Symbol.asyncDispose]: async () => {
      await scene.store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Jobs in several standings, which then all go on to their end. */
const bring = async (scene: Scene) => {
  const waiting = await scene.create('WAITS', { runAt: scene.now });
  const running = await scene.running();
  const committing = await scene.running();
  await scene.store.markCommitting(committing.claim, {}, scene.now);
  const canceled = await scene.running();
  await scene.order('CANCEL', [canceled.id]);
  const paused = await scene.create('PAUSED');
  await scene.order('PAUSE', [paused], { reason: 'lunch' });
  const ended = await scene.running();
  await scene.settle(ended.claim, 'finished');
  return { waiting, running, committing, canceled, paused, ended };
};
type Jobs = Awaited<ReturnType<typeof bring>>;

const goOn = async (scene: Scene, { running, committing, waiting }: Jobs) => {
  await scene.settle(running.claim, 'finished');
  await scene.settle(committing.claim, 'finished');
  await scene.order('CANCEL', [waiting]);
  return scene.store.log();
};

const checkPaused = async (scene: Scene, jobs: Jobs, before: { head: number; revision: number }) => {
  const { waiting, running, committing, canceled, paused, ended } = jobs;
  for (const id of [waiting, running.id, canceled.id]) {
    expect(await scene.job(id)).toMatchObject({ status: 'PAUSED', pauseReason: REASON, claimedBy: null });
    expect((await scene.events(id)).at(-1)).toMatchObject({ to: 'PAUSED', reason: REASON });
  }
  expect(await scene.job(paused)).toMatchObject({ status: 'PAUSED', pauseReason: 'lunch' });
  expect(await scene.job(ended.id)).toMatchObject({ status: 'SUCCEEDED', pauseReason: null });
  expect(await scene.job(committing.id)).toMatchObject({
    status: 'PENDING',
    committing: true,
    awaitsResume: true,
    statusMessage: REASON,
  });
  const now = await scene.store.log();
  expect(now.head).toBeGreaterThan(before.head);
  expect(now.revision).toBeGreaterThan(before.revision);

  const types = ['WAITS', 'PAUSED', running.type, committing.type, canceled.type];
  const session = await scene.session(...types);
  expect((await scene.claim(session, types)).claimed).toEqual([]);
  expect(await scene.store.save(running.claim, { checkpoint: '9' }, scene.now)).toBeNull();
  const resumed = [running.id, committing.id, canceled.id];
  expect(await scene.order('RESUME', resumed)).toMatchObject({ changedCount: 3 });
  const { claimed } = await scene.claim(session, types);
  expect(claimed.map(({ claim, task }) => [claim.jobId, task, claim.epoch])).toEqual([
    [running.id, 'run', 1_002],
    [committing.id, 'run', 1_002],
    [canceled.id, 'revert', 1_002],
  ]);
};

test('a store that was set back while it was closed pauses what had not ended, and repeats no number', async () => {
  await using stage = await startScene();
  const { scene, file } = stage;
  const jobs = await bring(scene);
  await scene.store.close();
  copyFileSync(file, `${file}-copy`);
  await stage.open();
  // Every session has ended with the store: the jobs are taken over before they go on.
  const before = await goOnAfterRestart(scene, jobs);
  await scene.store.close();
  expect(stage.setBacks).toEqual([]);
  copyFileSync(`${file}-copy`, file);
  await stage.open();
  expect(stage.setBacks).toEqual([1]);
  await checkPaused(scene, jobs, before);
  await scene.store.close();
  await stage.open();
  expect(stage.setBacks).toEqual([1]);
});

const goOnAfterRestart = async (scene: Scene, jobs: Jobs) => {
  const types = [jobs.running.type, jobs.committing.type];
  const session = await scene.session(...types);
  await scene.claim(session, types);
  scene.now += 600_000;
  const { claimed } = await scene.claim(session, types);
  for (const { claim } of claimed) await scene.settle(claim, 'finished');
  await scene.order('CANCEL', [jobs.waiting]);
  return scene.store.log();
};

test('a store that is set back while it is open pauses what had not ended, before anything else is done', async () => {
  await using stage = await startScene();
  const { scene, file } = stage;
  const jobs = await bring(scene);
  const copy = `${file}-copy`;
  await stage.copyTo(copy);
  const before = await goOn(scene, jobs);
  const news = new Promise<void>((resolve) => {
    const ignore = scene.store.onCommit(({ revision }) => {
      if (revision <= before.revision) return;
      ignore();
      resolve();
    });
  });
  // As SQLite's shell does with `.restore`: in one transaction, under SQLite's own locks.
  const source = new Database(copy, { readonly: true });
  restoreInto(source, file);
  source.close();
  await news;
  expect(stage.setBacks).toEqual([1]);
  await checkPaused(scene, jobs, before);
});

/** Makes the file hold what the copy does, row by row, in one transaction. */
const restoreInto = (copy: Database.Database, file: string) => {
  const db = new Database(file);
  db.pragma('foreign_keys = OFF');
  const tables = copy
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  db.exec(`ATTACH '${copy.name}' AS copy`);
  db.transaction(() => {
    for (const table of [...tables, 'sqlite_sequence']) {
      db.exec(`DELETE FROM main."${table}"`);
      db.exec(`INSERT INTO main."${table}" SELECT * FROM copy."${table}"`);
    }
  }).immediate();
  db.close();
};

test('what another program commits is reported as the store reports its own', async () => {
  await using stage = await startScene();
  const { scene, file } = stage;
  const news = new Promise<unknown>((resolve) => {
    const ignore = scene.store.onCommit((commit) => {
      ignore();
      resolve(commit);
    });
  });
  const db = new Database(file);
  db.prepare("INSERT INTO User (name, createdAt) VALUES ('carl', 0)").run();
  db.close();
  expect(await news).toMatchObject({ users: true, removed: true, ...(await headOf(scene)) });
  expect((await scene.store.users()).map(({ name }) => name)).toContain('carl');
  expect(stage.setBacks).toEqual([]);
});

const headOf = async (scene: Scene) => {
  const { head, revision } = await scene.store.log();
  return { head, revision };
};

test('the file of another store is no older copy', async () => {
  await using one = await startScene();
  await using other = await startScene();
  for (let n = 0; n < 5; n += 1) await one.scene.create('ONE');
  await one.scene.store.close();
  await other.scene.store.close();
  copyFileSync(other.file, one.file);
  await one.open();
  await other.open();
  expect(one.setBacks).toEqual([]);
  expect(one.scene.store.id).toBe(other.scene.store.id);
});

test('a URL that names no store that there is, is refused by its scheme alone', async () => {
  const open = (url: string) =>
    openStore({ url, migrations: '', retry: RETRY, onLost: () => undefined, onSetBack: () => undefined });
  await expect(open('mysql://bob:secret@host/db')).rejects.toThrow(
    /^DATABASE_URL: unknown scheme mysql:, use file: or postgresql:$/,
  );
  await expect(open('./signalbox.db')).rejects.toThrow(/^DATABASE_URL: a URL begins with a scheme/);
});
