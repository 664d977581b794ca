import { describe, expect, it } from 'vitest';
import { readRejects } from '../../../src/kinds/import/sqlite/rejects.ts';
import { execute, JOB_ID } from '../contract.ts';
import { connect, openExisting } from './existing-scene.ts';
import { IMPORT, type ImportScene } from './scene.ts';

const kind = IMPORT;
const TREE =
  'CREATE TABLE people (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES people DEFERRABLE INITIALLY DEFERRED)';
const failureOf = (run: Promise<unknown>) =>
  run.then(
    () => null,
    (error: Error) => error.message,
  );
const rejectsOf = ({ environment }: ImportScene) =>
  readRejects(environment, 'demo', JOB_ID, { direction: 'ascending', from: 0, limit: 100 }).map(
    ({ source, line, column, reason, text }) => [source, line, column, reason, text],
  );

/** Each row refers to a row of the next source. */
const CHAIN = { 'a.csv': 'id,boss\n1,11\n2,12\n', 'b.csv': 'id,boss\n11,21\n12,\n', 'c.csv': 'id,boss\n21,1\n' };

describe('foreign keys that are checked when all rows are in', () => {
  it('may refer to rows that come later, in another transaction and after a resume', async () => {
    for (let stopAt = 1; stopAt <= 6; stopAt++) {
      await using scene = await openExisting(TREE, { files: CHAIN, deferForeignKeys: true });
      await execute({ kind, scene, epoch: 1, stopAt });
      await execute({ kind, scene, epoch: 2 });
      expect(scene.all('SELECT count(*), sum(boss) FROM people')).toEqual([[5, 45]]);
      expect(scene.all('PRAGMA foreign_key_check')).toEqual([]);
      expect(scene.kept()).toEqual([]);
    }
  });

  it('are removed together when the import is undone, in whatever order they refer to one another', async () => {
    for (const made of [TREE, TREE.replace(' DEFERRABLE INITIALLY DEFERRED', '')]) {
      await using scene = await openExisting(made, { files: CHAIN, deferForeignKeys: true });
      scene.exec('INSERT INTO people VALUES (100, NULL), (101, 100)');
      await execute({ kind, scene, epoch: 1, stopAt: 5, stopAtCommit: true });
      await execute({ kind, scene, epoch: 2, task: 'revert' });
      expect(scene.rows()).toEqual([
        [100, 100, null],
        [101, 101, 100],
      ]);
      expect(scene.kept()).toEqual([]);
    }
  });

  it('name source and line of the row that refers to nothing', async () => {
    const files = { 'a.csv': 'id,boss\n1,2\n', 'b.csv': 'id,boss\n2,1\n3,99\n4,3\n' };
    await using scene = await openExisting(TREE, { files, deferForeignKeys: true });
    expect(await failureOf(execute({ kind, scene, epoch: 1 }))).toBe(
      'nodelocal:///b.csv line 3, column boss: it refers to a row that does not exist: "99"',
    );
  });

  it.each([
    ['', true],
    [' DEFERRABLE INITIALLY DEFERRED', false],
  ])('may come 60,000 rows before the row that they refer to%s', async (deferred, deferForeignKeys) => {
    const made = `CREATE TABLE people (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES people${deferred})`;
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i + 2},\n`).join('');
    const files = { 'a.csv': `id,boss\n1,60001\n${rows}60002,60003\n` };
    await using scene = await openExisting(made, { files, deferForeignKeys, rejectLimit: 1 });
    await execute({ kind, scene, epoch: 1 });
    expect(scene.all('SELECT count(*), sum(boss) FROM people')).toEqual([[60_001, 60_001]]);
    expect(rejectsOf(scene)).toEqual([
      ['nodelocal:///a.csv', 60_003, 'boss', 'it refers to a row that does not exist', '60002,60003'],
    ]);
  });

  it('that SQLite checks at the end of a transaction name the lines where others act on the table', async () => {
    await using scene = await openExisting(TREE, { files: CHAIN, onConflict: 'UPDATE' });
    expect(await failureOf(execute({ kind, scene, epoch: 1 }))).toMatch(
      /^nodelocal:\/\/\/a\.csv lines 2 to 3: a row refers to a row that does not exist, or that comes too late/,
    );
    expect(scene.all('SELECT * FROM people')).toEqual([]);
  });

  it('make bad rows of those that refer to a row that was set aside', async () => {
    const files = { 'a.csv': 'id,boss\n1,2\n4,3\n', 'b.csv': 'id,boss\n2,1\n3,99\n5,4\n' };
    await using scene = await openExisting(TREE, { files, deferForeignKeys: true, rejectLimit: 3 });
    const counters: unknown[] = [];
    await execute({ kind, scene, epoch: 1, watch: (step) => counters.push(step.counters) });
    expect(scene.all('SELECT * FROM people')).toEqual([
      [1, 2],
      [2, 1],
    ]);
    const reason = 'it refers to a row that does not exist';
    expect(rejectsOf(scene).sort((a, b) => String(a[4]).localeCompare(String(b[4])))).toEqual([
      ['nodelocal:///b.csv', 3, 'boss', reason, '3,99'],
      ['nodelocal:///a.csv', 3, 'boss', reason, '4,3'],
      ['nodelocal:///b.csv', 4, 'boss', reason, '5,4'],
    ]);
    expect(counters.at(-1)).toMatchObject({ rows: 2, rejected: 3 });
  });

  it('are compared as SQLite compares them, by collation, affinity and several columns', async () => {
    const made = `CREATE TABLE parent (a TEXT COLLATE NOCASE, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
      INSERT INTO parent VALUES ('x', 1), ('2', 3);
      CREATE TABLE people (id INTEGER PRIMARY KEY, p, q, FOREIGN KEY (p, q) REFERENCES parent)`;
    const files = { 'a.csv': 'id,p,q\n1,X,1\n2,2,3\n3,x,\n4,x,2\n' };
    await using scene = await openExisting(made, { files, deferForeignKeys: true, rejectLimit: 1 });
    await execute({ kind, scene, epoch: 1 });
    expect(scene.all('SELECT id FROM people')).toEqual([[1], [2], [3]]);
    expect(scene.all('PRAGMA foreign_key_check')).toEqual([]);
  });

  it('fail the job when another table refers to a row that would be set aside', async () => {
    const made = `${TREE}; CREATE TABLE child (of REFERENCES people)`;
    const files = { 'a.csv': 'id,boss\n1,99\n', 'b.csv': 'id,boss\n2,\n' };
    await using scene = await openExisting(made, { files, deferForeignKeys: true, rejectLimit: 1 });
    await execute({ kind, scene, epoch: 1, stopAt: 3 });
    using other = connect(scene);
    other.exec('INSERT INTO child VALUES (1)');
    expect(await failureOf(execute({ kind, scene, epoch: 2 }))).toMatch(
      /a\.csv line 2: it refers to a row that does not exist, and cannot be set aside: a row of table "child" refers to it/,
    );
    expect(scene.all('SELECT id FROM people ORDER BY 1')).toEqual([[1], [2]]);
  });

  it.each([
    [{ onConflict: 'REPLACE' as const }, TREE, /with onConflict REPLACE/],
    [{}, `${TREE}; CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END`, /rows that trigger "t" writes/],
  ])('are refused where that is not possible: %j', async (input, made, message) => {
    const files = { 'a.csv': 'id,boss\n1,\n' };
    const opened = openExisting(made, { files, deferForeignKeys: true, ...input });
    const error: unknown = await opened.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field: 'input.deferForeignKeys' } });
    expect((error as Error).message).toMatch(message);
  });
});
