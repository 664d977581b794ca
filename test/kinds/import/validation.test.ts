import { describe, expect, it } from 'vitest';
import { readRejects } from '../../../src/kinds/import/sqlite/rejects.ts';
import { execute, JOB_ID } from '../contract.ts';
import { connect, openExisting } from './existing-scene.ts';
import { type ImportScene, IMPORT as kind, openScene, type SceneInput } from './scene.ts';

const KEYED = [
  { name: 'id', type: 'INTEGER', primaryKey: true },
  { name: 'name', type: 'TEXT', nullable: false },
  { name: 'age', type: 'INTEGER' },
];

/** The last counters and the error of a run, and the rejected rows. */
const outcomeOf = async (scene: ImportScene) => {
  let counters: unknown;
  const error: unknown = await execute({
    kind,
    scene,
    epoch: 1,
    watch: (step) => {
      counters = step.counters;
    },
  }).catch((thrown: unknown) => thrown);
  const page = { direction: 'ascending', from: 0, limit: 1_000 } as const;
  const message = error instanceof Error ? error.message : null;
  return { counters, message, rejects: readRejects(scene.environment, 'demo', JOB_ID, page) };
};

/** Requires that a validation has the outcome of the import, and changes nothing. */
const compare = async (open: (input: SceneInput) => Promise<ImportScene>, input: SceneInput) => {
  await using real = await open(input);
  await using scene = await open({ ...input, validateOnly: true });
  const before = scene.snapshot();
  const outcome = await outcomeOf(scene);
  expect(outcome).toEqual(await outcomeOf(real));
  expect(scene.snapshot()).toEqual(before);
  if (outcome.message !== null) await execute({ kind, scene, epoch: 2, task: 'revert' });
  const own = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%_rejects'");
  expect(own).toEqual([['_signalbox_jobs']]);
  expect(scene.snapshot()).toEqual(before);
  return outcome;
};

const into = (made: string) => (input: SceneInput) => openExisting(made, input);
const csv = (...lines: readonly string[]) => ({ 'a.csv': `id,name,age\n${lines.join('\n')}\n` });
const reasons = ({ rejects }: Awaited<ReturnType<typeof compare>>) =>
  rejects.map(({ line, reason }) => `${line} ${reason}`);

describe('a validation has the outcome of the import', () => {
  it('into a new table', async () => {
    const files = csv('1,Ada,36', '2,,40', '1,Bob,1', '3,Cy,old', '4,Di,', '5,few');
    const outcome = await compare(openScene, { files, columns: KEYED, rejectLimit: 5 });
    expect(outcome.counters).toMatchObject({ rows: 2, rejected: 4 });
    for (const onConflict of ['SKIP', 'REPLACE', 'UPDATE'] as const) {
      await compare(openScene, { files, columns: KEYED, rejectLimit: 5, onConflict });
    }
    expect((await compare(openScene, { files, columns: KEYED, rejectLimit: 1 })).message).toMatch(/a.csv line 4/);
    expect((await compare(openScene, { files, columns: KEYED })).message).toMatch(/a.csv line 3, column name: NULL/);
  });

  it('into a table with constraints and rows', async () => {
    const made = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        age INTEGER CONSTRAINT grown CHECK (people.age > 17), half INTEGER AS (age / 2)) STRICT;
      CREATE UNIQUE INDEX halves ON people (half) WHERE age > 90;
      CREATE UNIQUE INDEX lengths ON people (length(name), age) WHERE age > 80;
      CREATE INDEX ages ON people (age);
      INSERT INTO people (id, name, age) VALUES (1, 'Ada', 36), (7, 'Eve', 92), (8, 'abcd', 85)`;
    const files = csv(
      ...['1,x,20', '2,ADA,20', '3,,20', '4,Bob,17', '5,bob,20', '6,BOB,20', ',auto,20', '8,y,20', '9,z,20', '9,w,20'],
      ...['10,v,93', '11,wxyz,85', '12,abcdef,86', '13,ghijkl,86', '14,t,many', 'x,u,20', ',late,20', '2,two,33'],
    );
    const outcome = await compare(into(made), { files, rejectLimit: 20 });
    expect(outcome.counters).toMatchObject({ rows: 5, rejected: 13 });
    expect(reasons(outcome)).toContain("13 UNIQUE constraint failed: index 'lengths'");
    for (const onConflict of ['SKIP', 'REPLACE', 'UPDATE'] as const) {
      await compare(into(made), { files, rejectLimit: 20, onConflict });
    }
    await compare(into(made), { files, rejectLimit: 3 });
    await compare(into(made), { files });
  });

  it('into a table WITHOUT ROWID, and one with AUTOINCREMENT', async () => {
    const files = csv('1,a,1', '1,a,2', '2,a,3', ',b,4', '3,c,5', '12,d,6', ',e,7', '14,f,8', ',g,9');
    const keyed = `CREATE TABLE people (id INTEGER, name TEXT, age ANY, PRIMARY KEY (name, id)) WITHOUT ROWID;
      INSERT INTO people VALUES (2, 'a', 1)`;
    const counted = `CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, age INTEGER);
      INSERT INTO people VALUES (12, 'old', 1); DELETE FROM people`;
    for (const made of [keyed, counted]) {
      expect((await compare(into(made), { files, rejectLimit: 9 })).counters).toMatchObject({
        rows: expect.any(Number),
      });
      for (const onConflict of ['SKIP', 'REPLACE', 'UPDATE'] as const) {
        await compare(into(made), { files, rejectLimit: 9, onConflict });
      }
    }
  });

  it('into a table whose foreign keys refer to others and to itself', async () => {
    const made = `CREATE TABLE teams (a TEXT COLLATE NOCASE, b INTEGER, PRIMARY KEY (a, b)); INSERT INTO teams VALUES ('x', 1);
      CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER REFERENCES people ON DELETE CASCADE,
        FOREIGN KEY (name, age) REFERENCES teams);
      INSERT INTO people VALUES (1, 'X', 1)`;
    const files = csv('2,x,1', '3,y,1', '4,,3', '5,,2', '6,,6', '7,,8', '8,,', '9,X,2');
    const outcome = await compare(into(made), { files, rejectLimit: 9 });
    expect(outcome.counters).toMatchObject({ rows: 4, rejected: 4 });
    await compare(into(made), { files, rejectLimit: 9, onConflict: 'SKIP' });
    for (const onConflict of ['REPLACE', 'UPDATE'] as const) {
      const kept = made.replace(' ON DELETE CASCADE', '');
      await compare(into(kept), { files: csv('1,y,1', '1,x,2', '2,x,1', '2,,7', '2,,2'), rejectLimit: 9, onConflict });
    }
  });
});

describe('a validation for a table that exists', () => {
  const MADE =
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); INSERT INTO people VALUES (1, 'a', 1)";

  it('does not fire triggers or block deletes in other tables', async () => {
    const made = `CREATE TABLE teams (id INTEGER PRIMARY KEY); INSERT INTO teams VALUES (1);
      CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER REFERENCES teams);
      CREATE TRIGGER no BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'fired'); END`;
    await using scene = await openExisting(made, { files: csv('1,a,1', '2,b,1'), validateOnly: true });
    await execute({
      kind,
      scene,
      epoch: 1,
      watch: ({ counters, commit }) => {
        if (counters?.rows !== 2 || commit) return;
        using other = connect(scene, ['foreign_keys = ON']);
        other.exec('DELETE FROM teams');
      },
    });
    expect(scene.rows()).toEqual([]);
    expect(scene.all('SELECT * FROM teams')).toEqual([]);
  });

  it('fails if the table is changed meanwhile, and is reverted', async () => {
    await using scene = await openExisting(MADE, { files: csv('2,b,1'), validateOnly: true });
    await execute({ kind, scene, epoch: 1, stopAt: 1 });
    scene.exec('ALTER TABLE people ADD COLUMN more');
    await expect(execute({ kind, scene, epoch: 2 })).rejects.toThrow('table "people" was changed by another program');
    await execute({ kind, scene, epoch: 3, task: 'revert' });
    expect([scene.rows(), scene.kept()]).toEqual([[[1, 1, 'a', 1, null]], []]);
  });

  it.each<[string, SceneInput, RegExp]>([
    [
      `${MADE}; CREATE TABLE child (of REFERENCES people ON DELETE CASCADE)`,
      { onConflict: 'REPLACE' },
      /with onConflict REPLACE, the result for a row depends on table "child"/,
    ],
    [
      `${MADE}; CREATE UNIQUE INDEX names ON people (name); CREATE TABLE child (of REFERENCES people)`,
      { onConflict: 'UPDATE' },
      /with onConflict UPDATE, the result for a row depends on table "child"/,
    ],
    [MADE, { deferForeignKeys: true }, /with deferForeignKeys, rows of table "people"/],
    [`${MADE}; CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END`, {}, /trigger "t" of table "people" runs/],
    [
      'CREATE TABLE people (id INTEGER, name TEXT, age REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED)',
      {},
      /foreign keys that are INITIALLY DEFERRED/,
    ],
  ])('is refused where the outcome would be uncertain: %s %j', async (made, input, message) => {
    const error: unknown = await openExisting(made, { ...input, validateOnly: true }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field: 'input.validateOnly' } });
    expect((error as Error).message).toMatch(message);
  });
});
