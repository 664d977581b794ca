/** `keep` removes older backups: never one that another needs, that a job uses, or that somebody else made. */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openBackup } from '../../../src/backup-format/backup.ts';
import { isComplete } from '../../../src/backup-format/completeness.ts';
import { readHead } from '../../../src/backup-format/manifest.ts';
import type { Kind } from '../../../src/jobs/kind.ts';
import { backupKind } from '../../../src/kinds/backup/index.ts';
import { openFolder } from '../../../src/storage/open.ts';
import { changesOf, startApp } from '../../support/app.ts';
import { claimOf, ioOf } from '../../support/claimed.ts';
import { addUser, order } from '../../support/control.ts';
import { createBackup, openPlace, type Place } from './scene.ts';

const open = async () => {
  const app = await startApp({ settings: { WORKERS: '4' } });
  const changes = changesOf(app);
  for (const name of ['demo', 'other']) {
    await app.send({ query: `mutation { createDatabase(input: { name: "${name}" }) { database { name } } }` });
    const sql = new Sqlite(join(app.dataDir, 'databases', `${name}.db`));
    sql.exec('CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)');
    sql.close();
  }
  const create = (name: string, more: object = {}, user = 'root') =>
    app.create('BACKUP', { database: 'demo', destination: `nodelocal:///${name}`, ...more }, user);
  return {
    app,
    changes,
    create,
    backUp: async (name: string, more: object = {}, user = 'root') => {
      const { id } = await create(name, more, user);
      await changes.reaches(id, 'SUCCEEDED');
      const { data } = await app.send({ query: `{ job(id: "${id}") { warnings } }` });
      return (data as { job: { warnings: string[] } }).job.warnings;
    },
    /** Those in a folder that can be restored, and everything that is there. */
    left: async (folder: string) => {
      const { data } = await app.send({
        query: `{ backups(url: "nodelocal:///${folder}") { nodes { url complete } } }`,
      });
      const { nodes } = (data as { backups: { nodes: { url: string; complete: boolean }[] } }).backups;
      expect(nodes.every(({ complete }) => complete)).toBe(true);
      const names = nodes.map(({ url }) => url.split('/').at(-1)).sort();
      expect(readdirSync(join(app.dataDir, 'files', folder)).sort()).toEqual(names);
      return names;
    },
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

test('so many backups of the same user, database and pattern remain', async () => {
  await using scene = await open();
  const { app, backUp, left } = scene;
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  await backUp('days/day-0', {}, 'ann');
  await backUp('days/day-1', { database: 'other' });
  await backUp('days/day-2');
  await backUp('days/week-2');
  await backUp('days/day-3', { encryptionPassphrase: 'secret' });
  expect(await backUp('days/day-10', { keep: 2 })).toEqual([]);
  expect(await left('days')).toEqual(['day-0', 'day-1', 'day-10', 'day-3', 'week-2']);
  expect(await backUp('days/day-11', { keep: 1, encryptionPassphrase: 'secret' })).toEqual([]);
  expect(await left('days')).toEqual(['day-0', 'day-1', 'day-11', 'week-2']);
});

test('a backup that another one needs, wherever that is, or that a job uses, stays', async () => {
  await using scene = await open();
  const { app, backUp, create, left, changes } = scene;
  const from = (name: string) => ({ incrementalFrom: `nodelocal:///${name}` });
  await backUp('chain/1');
  await backUp('chain/2', from('chain/1'));
  await backUp('chain/3', { ...from('chain/2'), keep: 1 });
  expect(await backUp('elsewhere/apart', from('chain/2'))).toEqual([]);
  expect((await left('elsewhere')).length).toBe(1);
  await backUp('chain/4', { keep: 1 });
  const names = () => readdirSync(join(app.dataDir, 'files', 'chain')).sort();
  expect(names()).toEqual(['1', '2', '4']);
  const { id } = await app.create(
    'RESTORE',
    { database: 'copy', source: 'nodelocal:///chain/4', maxBytesPerSecond: 1 },
    'root',
  );
  await changes.reaches(id, 'RUNNING');
  rmSync(join(app.dataDir, 'files', 'elsewhere'), { recursive: true });
  await backUp('chain/5', { keep: 1 });
  expect(names()).toEqual(['4', '5']);
  await order(app, 'CANCEL', [id]);
  await changes.reaches(id, 'CANCELED');
  const canceled = await create('chain/child', { ...from('chain/4'), maxBytesPerSecond: 1 });
  await changes.reaches(canceled.id, 'RUNNING');
  await order(app, 'CANCEL', [canceled.id]);
  await changes.reaches(canceled.id, 'CANCELED');
  expect(readdirSync(join(app.dataDir, 'files', 'chain/4')).filter((name) => name.startsWith('needed'))).toEqual([]);
  await backUp('chain/6', { keep: 1 });
  expect(await left('chain')).toEqual(['6']);
});

test.each([
  ['nodelocal:///backups/one', 3, 'keep needs a destination with a number in its name'],
  ['nodelocal:///backups/1', 0, 'keep must be at least 1'],
])('to keep at %s the last %i is rejected', async (destination, keep, message) => {
  await using place = openPlace('CREATE TABLE t (a)');
  await expect(createBackup(place, { destination, keep })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(message),
    extensions: { field: 'input.keep' },
  });
});

const kind = backupKind as Kind;
const { signal } = new AbortController();

/** Runs one claim of a backup, and closes it at a step. Returns whether it ended. */
const claim = async (place: Place, input: object, details: unknown, epoch: number, stopAt: number) => {
  const environment = { ...place.environment, creator: 'ann' };
  const io = ioOf(environment);
  const work = {
    details,
    checkpoint: null,
    began: epoch > 1,
    claim: claimOf(JSON.stringify(input).replace(/\D/g, ''), epoch, 'abcdef01'),
  };
  await kind.acquireFence?.(work, io, 'run');
  let count = 0;
  for await (const _ of kind.run(work, io)) {
    count += 1;
    if (count === stopAt) return false;
  }
  return true;
};

/** The names of those that are complete, each of which can be opened with all its parents. */
const complete = async (place: Place): Promise<string[]> => {
  const found: string[] = [];
  for (const name of readdirSync(join(place.filesDir, 'b')).sort()) {
    const url = `nodelocal:///b/${name}`;
    const head = await readHead(openFolder(url, place.environment), signal);
    if (head === null || !(await isComplete(url, head, place.environment, signal))) continue;
    expect(await openBackup(url, place.environment, '', signal)).not.toBeNull();
    expect(head.files.every((file) => existsSync(join(place.filesDir, 'b', name, file.name)))).toBe(true);
    found.push(name);
  }
  return found;
};

test('stopped at any step, it leaves only backups that can be restored, and goes on from there', async () => {
  await using place = openPlace('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(9000))');
  const [folder, template] = [join(place.filesDir, 'b'), join(place.dir, 'template')];
  for (const [name, parent] of [[1], [2, 1], [3, 2], [4]] as const) {
    const input = {
      destination: `nodelocal:///b/${name}`,
      ...(parent ? { incrementalFrom: `nodelocal:///b/${parent}` } : {}),
    };
    const { details } = await createBackup(place, input);
    await claim(place, input, details, 1, Number.POSITIVE_INFINITY);
  }
  cpSync(folder, template, { recursive: true });
  for (let stopAt = 1, isEnded = false; !isEnded; stopAt++) {
    rmSync(folder, { recursive: true });
    rmSync(place.environment.workDir, { recursive: true });
    cpSync(template, folder, { recursive: true });
    const input = { destination: 'nodelocal:///b/5', keep: 2 };
    const { details } = await createBackup(place, input);
    isEnded = await claim(place, input, details, 1, stopAt);
    expect(await complete(place)).toEqual(expect.arrayContaining(['4']));
    if (!isEnded) await claim(place, input, details, 2, Number.POSITIVE_INFINITY);
    expect(await complete(place)).toEqual(['4', '5']);
    expect(readdirSync(join(place.filesDir, 'b')).sort()).toEqual(['4', '5']);
    expect(readdirSync(join(place.filesDir, 'b/4')).sort()).toEqual(['chunks', 'manifest.json']);
  }
});
