import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertFence, readCheckpoint } from '../../../src/databases/sqlite/fence.ts';
import { checkCurrent, fenced, tryFenced, unfenced } from '../../../src/databases/sqlite/fenced.ts';
import { createDatabaseFile, openDatabase, type Target } from '../../../src/databases/sqlite/open.ts';
import { Fenced, type Step, Transient } from '../../../src/jobs/kind.ts';
import { claimOf } from '../../support/claimed.ts';

let dir: string;
let file: string;
let theirs: Sqlite.Database;
let target: Target;
const { signal } = new AbortController();
const STEP: Step<null> = { checkpoint: null, message: 'working' };
const claim = (epoch: number) => claimOf('27536791415282', epoch);

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-fenced-'));
  file = path.join(dir, 'demo.db');
  createDatabaseFile(file);
  theirs = new Sqlite(file, { timeout: 0 });
  theirs.exec('CREATE TABLE t (a)');
  target = openDatabase(file, 'demo', { lockWaitMs: 0 });
  insertFence(theirs, claim(2));
});
afterEach(() => {
  theirs.close();
  target.close();
  rmSync(dir, { recursive: true });
});

const rows = () => theirs.prepare('SELECT a FROM t').pluck().all();
const insert = (a: number) => target.sql.prepare('INSERT INTO t VALUES (?)').run(a);
const change = (epoch: number, work: () => unknown, stop = signal) => fenced(target, claim(epoch), STEP, stop, work);
const steps = async (generator: AsyncGenerator<Step<null>, unknown, void>) => {
  const yielded: Step<null>[] = [];
  for await (const step of generator) yielded.push(step);
  return yielded;
};

describe('a transaction of a job', () => {
  it('writes its work and its checkpoint, or neither', async () => {
    const done = await change(2, () => {
      insert(1);
      return { rows: 1 };
    }).next();
    expect(done).toEqual({ done: true, value: { rows: 1 } });
    expect([rows(), readCheckpoint(theirs, claim(2))]).toEqual([[1], { rows: 1 }]);

    const failing = change(2, () => {
      insert(2);
      throw new Error('boo');
    });
    await expect(failing.next()).rejects.toThrow('boo');
    expect([rows(), readCheckpoint(theirs, claim(2))]).toEqual([[1], { rows: 1 }]);
    expect(target.sql.inTransaction).toBe(false);
  });

  it('leaves the checkpoint where the work returns none', async () => {
    await steps(
      change(2, () => {
        insert(1);
        return { rows: 1 };
      }),
    );
    await steps(change(2, () => void insert(2)));
    expect([rows(), readCheckpoint(theirs, claim(2))]).toEqual([[1, 2], { rows: 1 }]);
  });

  it.each([
    ['of an older claim', 1, () => undefined],
    ['of a claim that was never acquired', 3, () => undefined],
    ['whose record is gone', 2, () => theirs.exec('DELETE FROM _signalbox_jobs')],
    ['whose table of records is gone', 2, () => theirs.exec('DROP TABLE _signalbox_jobs')],
  ])('%s does not begin', async (_, epoch, before) => {
    before();
    let begun = false;
    const work = () => {
      begun = true;
    };
    await expect(change(epoch, work).next()).rejects.toThrow(Fenced);
    expect(() => tryFenced(target, claim(epoch), work)).toThrow(Fenced);
    expect(() => checkCurrent(target, claim(epoch))).toThrow(Fenced);
    expect(begun).toBe(false);
    expect(rows()).toEqual([]);
  });

  it('whose own table is gone is fenced, and one that misses a table of others fails', async () => {
    const own = change(2, () => target.sql.exec('INSERT INTO _signalbox_import_1 VALUES (1)'));
    await expect(own.next()).rejects.toThrow(Fenced);
    const others = change(2, () => target.sql.exec('INSERT INTO gone VALUES (1)'));
    await expect(others.next()).rejects.toThrow(/^no such table: gone$/);
  });

  it('yields its last step while others write, and begins once they have ended', async () => {
    theirs.exec('BEGIN IMMEDIATE');
    const generator = change(2, () => {
      insert(1);
      return { rows: 1 };
    });
    const waiting = { ...STEP, message: 'waiting for the lock of database demo, held by another process' };
    expect((await generator.next()).value).toEqual(waiting);
    expect((await generator.next()).value).toEqual(waiting);
    theirs.exec('COMMIT');
    expect(await generator.next()).toEqual({ done: true, value: { rows: 1 } });
    expect(rows()).toEqual([1]);
  });

  it('stops waiting when it is asked to stop, and when it has waited too long', async () => {
    theirs.exec('BEGIN IMMEDIATE');
    const stop = new AbortController();
    const stopped = change(2, () => undefined, stop.signal);
    await stopped.next();
    stop.abort(new Error('stop'));
    await expect(stopped.next()).rejects.toThrow('stop');
    const impatient = fenced(target, claim(2), STEP, signal, () => undefined, -1);
    await expect(impatient.next()).rejects.toThrow(new Transient('database demo is locked'));
    expect(tryFenced(target, claim(2), () => ({ rows: 1 }))).toBe(null);
    theirs.exec('COMMIT');
    expect(readCheckpoint(theirs, claim(2))).toBe(null);
  });

  it('holds the lock while its work yields; closed there, it is rolled back', async () => {
    const generator = change(2, async function* () {
      insert(1);
      yield { ...STEP, commit: true as const };
      return { rows: 1 };
    });
    expect((await generator.next()).value).toEqual({ ...STEP, commit: true });
    expect(() => theirs.exec('BEGIN IMMEDIATE')).toThrow('locked');
    await generator.return(undefined);
    expect([rows(), readCheckpoint(theirs, claim(2))]).toEqual([[], null]);
    theirs.exec('BEGIN IMMEDIATE; COMMIT');
  });

  it('writes nothing into a file that was removed', async () => {
    rmSync(file);
    await expect(change(2, () => insert(1)).next()).rejects.toThrow(new Transient('the file of database demo is gone'));
    expect(() => checkCurrent(target, claim(2))).toThrow(Transient);
  });
});

it('work that no fence guards holds the lock until it is done, and is rolled back when it fails', async () => {
  const failing = unfenced(target, signal, async () => {
    insert(1);
    await Promise.resolve();
    expect(() => theirs.exec('BEGIN IMMEDIATE')).toThrow('locked');
    throw new Error('boo');
  });
  await expect(failing).rejects.toThrow('boo');
  expect(rows()).toEqual([]);
  await unfenced(target, signal, () => insert(2));
  expect(rows()).toEqual([2]);
});
