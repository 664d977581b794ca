import { describe, expect, it } from 'vitest';
import { importKind } from '../../../src/kinds/import/index.ts';
import type { ImportRequest } from '../../../src/kinds/import/input.ts';
import { claimOf, ioOf } from '../../support/claimed.ts';
import { execute } from '../contract.ts';
import { type ExistingScene, openExisting, PEOPLE_TABLE } from './existing-scene.ts';
import { IMPORT, inputFor, openPlace, PEOPLE_CSV } from './scene.ts';

const kind = IMPORT;
const csv = (content: string) => ({ files: { 'a.csv': content } });
const failureOf = async (scene: ExistingScene, epoch = 1) =>
  execute({ kind, scene, epoch }).then(
    () => null,
    (error: Error) => error.message,
  );
const undo = (scene: ExistingScene, epoch = 2) => execute({ kind, scene, epoch, task: 'revert' });

describe('a table that rows cannot be imported into is refused by name', () => {
  const cases: readonly [string, Partial<ImportRequest>, string, RegExp][] = [
    ['CREATE TABLE other (a)', {}, 'input.table', /^table "people" does not exist: specify columns/],
    ['CREATE VIEW people AS SELECT 1 AS id', {}, 'input.table', /^"people" is a view, not a table/],
    ['CREATE VIRTUAL TABLE people USING fts5 (id)', {}, 'input.table', /^"people" is a virtual table/],
    [
      'CREATE VIRTUAL TABLE docs USING fts5 (id)',
      { table: 'DOCS_data' },
      'input.table',
      /"docs_data" belongs to a virtual/,
    ],
    ['CREATE TABLE people (id, rowid, oid, _rowid_)', {}, 'input.table', /columns named rowid, oid and _rowid_/],
    [
      `CREATE TABLE people (id UNIQUE ON CONFLICT REPLACE, name, age);
       CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END`,
      {},
      'input.table',
      /has triggers, and a constraint with ON CONFLICT REPLACE/,
    ],
    [
      'CREATE TABLE people (id, name)',
      {},
      'input.sources.0',
      /line 1: "age" is not a column of the table, in position 3/,
    ],
    [
      'CREATE TABLE people (id, name, age AS (1))',
      { csv: { header: false }, into: ['id', 'name', 'age'] },
      'input.into.2',
      /column "age" is generated: nothing can fill it/,
    ],
    ['CREATE TABLE people (id, name, age, at NOT NULL)', {}, 'input.sources.0', /"at" is not named, but is NOT NULL/],
    ['CREATE TABLE people (id)', { csv: { header: false }, into: ['id', 'x'] }, 'input.into.1', /"x" is not a column/],
  ];
  it.each(cases)('%s', async (made, changed, field, message) => {
    await using place = openPlace({ 'a.csv': PEOPLE_CSV });
    place.exec(made);
    const given = { ...inputFor(['a.csv']), columns: null, ...changed };
    const error: unknown = await importKind.create(given, place.environment).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field } });
    expect((error as Error).message).toMatch(message);
  });
});

describe('rows that go into a table that is there', () => {
  it('are seen batch by batch, and columns that are not named have their defaults', async () => {
    const made = `CREATE TABLE People (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'x', age INTEGER, half AS (age / 2))`;
    const files = { 'a.csv': 'AGE\n4\n6\n', 'b.csv': 'age,id\n8,\n' };
    await using scene = await openExisting(made, { files });
    const seen: unknown[] = [];
    const watch = () => seen.push((scene.all('SELECT count(*) FROM people') as unknown[][])[0]?.[0]);
    await execute({ kind, scene, epoch: 1, watch });
    expect(seen).toEqual([0, 2, 3, 3]);
    expect(scene.all('SELECT * FROM people')).toEqual([
      [1, 'x', 4, 2],
      [2, 'x', 6, 3],
      [3, 'x', 8, 4],
    ]);
    expect(scene.hidden()).toEqual([]);
  });

  it('fill the columns that into names, or all that can be filled', async () => {
    const made = 'CREATE TABLE people (id, twice AS (id * 2) STORED, name)';
    for (const into of [null, ['name', 'id']]) {
      await using scene = await openExisting(made, { ...csv('1,2\n'), csv: { header: false }, into });
      await execute({ kind, scene, epoch: 1 });
      expect(scene.all('SELECT id, name FROM people')).toEqual([into === null ? ['1', '2'] : ['2', '1']]);
    }
  });

  it('never push a row out that was there, whatever the constraints of the table say', async () => {
    for (const end of ['', ' ON CONFLICT REPLACE', ' ON CONFLICT IGNORE', ' ON CONFLICT ROLLBACK']) {
      const made = `CREATE TABLE people (id INTEGER, name TEXT UNIQUE${end}, age); INSERT INTO people VALUES (0, 'Ada', 0)`;
      await using scene = await openExisting(made);
      const before = scene.rows();
      expect(await failureOf(scene)).toBe('nodelocal:///a.csv line 2, column name: duplicate name: "Ada"');
      await undo(scene);
      expect([scene.rows(), scene.kept()]).toEqual([before, []]);
    }
  });

  it('must have what their foreign keys refer to, in the order of the rows where that is the same table', async () => {
    const made = 'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER REFERENCES people)';
    const chain = `id,age\n1,\n${Array.from({ length: 50 }, (_, i) => `${i + 2},${i + 1}\n`).join('')}`;
    await using scene = await openExisting(made, csv(`${chain}60,61\n61,\n`));
    expect(await failureOf(scene)).toBe('nodelocal:///a.csv line 53: it refers to a row that does not exist: "60,61"');
    expect(scene.all('SELECT count(*) FROM people')).toEqual([[51]]);
  });

  it('are noted whatever rowids they get, the last there is and any that is free among them', async () => {
    const end = '9223372036854775807';
    const keyed = PEOPLE_TABLE.replace('id INTEGER', 'id INTEGER PRIMARY KEY');
    const rows = ['{"name":"a"}', `{"id":"${end}"}`, '{"name":"b"}', '{"name":"c"}'].join('\n');
    for (const [made, input, count] of [
      [`${PEOPLE_TABLE}; INSERT INTO people (_rowid_) VALUES (${end})`, {}, 3],
      [keyed, { files: { 'a.ndjson': rows }, format: 'NDJSON' }, 4],
    ] as const) {
      await using scene = await openExisting(made, input);
      const before = scene.rows().length;
      await execute({ kind, scene, epoch: 1, stopAt: 2 });
      expect(scene.rows()).toHaveLength(before + count);
      await undo(scene);
      expect(scene.rows()).toHaveLength(before);
    }
  });
});

describe("the table's own triggers", () => {
  const LOGGED = `${PEOPLE_TABLE}; CREATE TABLE log (said);
    CREATE TRIGGER added AFTER INSERT ON people BEGIN INSERT INTO log VALUES ('+' || NEW.id); END;
    CREATE TRIGGER gone AFTER DELETE ON people BEGIN INSERT INTO log VALUES ('-' || OLD.id); END`;

  it('fire for each row, when it goes in and when it is taken out', async () => {
    await using scene = await openExisting(LOGGED);
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    await undo(scene);
    expect(scene.all('SELECT said FROM log').flat()).toEqual(['+1', '+2', '+3', '-1', '-2', '-3']);
    expect([scene.rows(), scene.kept()]).toEqual([[[1, -1, 'old', 1]], []]);
  });

  it('may refuse a row, which leaves nothing of it', async () => {
    for (const how of ['ABORT', 'FAIL']) {
      const trigger = `CREATE TRIGGER no AFTER INSERT ON people WHEN NEW.id = 2 BEGIN SELECT RAISE(${how}, 'not 2'); END`;
      await using scene = await openExisting(`${LOGGED}; ${trigger}`);
      expect(await failureOf(scene)).toMatch(/line 3: rejected by a trigger: not 2: "2,/);
      expect(scene.all('SELECT id FROM people')).toEqual([[-1], [1]]);
      expect(scene.all('SELECT said FROM log')).toEqual([['+1']]);
    }
  });

  it('may skip a row, which then is not counted, but not end the transaction', async () => {
    const trigger = (how: string) =>
      `${PEOPLE_TABLE}; CREATE TRIGGER no BEFORE INSERT ON people WHEN NEW.id = 2 BEGIN SELECT RAISE(${how}); END`;
    await using scene = await openExisting(trigger('IGNORE'));
    const counted: unknown[] = [];
    await execute({ kind, scene, epoch: 1, watch: ({ counters }) => counted.push(counters?.rows) });
    expect(counted).toEqual([0, 2, 2]);

    await using ended = await openExisting(trigger("ROLLBACK, 'no'"), { rejectLimit: 9 });
    expect(await failureOf(ended)).toBe('a row made the table roll back all others with it: no');
    expect(ended.rows()).toEqual([[1, -1, 'old', 1]]);
  });

  it('keep what they put in the place of a row of the import', async () => {
    const trigger = `CREATE TRIGGER again AFTER INSERT ON people WHEN NEW.id = 2
      BEGIN DELETE FROM people WHERE id = 1; INSERT INTO people (_rowid_, id) VALUES (2, 100); END`;
    await using scene = await openExisting(`${PEOPLE_TABLE}; ${trigger}`);
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    await undo(scene);
    expect(scene.all('SELECT _rowid_, id FROM people')).toEqual([
      [1, -1],
      [2, 100],
    ]);
  });
});

describe('what others do to the table meanwhile', () => {
  it('fails the import when it is dropped or made anew, and nothing is taken out of the new one', async () => {
    for (const [done, left] of [
      ['DROP TABLE people', null],
      [`DROP TABLE people; ${PEOPLE_TABLE}`, [[1, -1, 'old', 1]]],
    ] as const) {
      await using scene = await openExisting(PEOPLE_TABLE, { files: { 'a.csv': PEOPLE_CSV, 'b.csv': PEOPLE_CSV } });
      await execute({ kind, scene, epoch: 1, stopAt: 2 });
      scene.exec(done);
      expect(await failureOf(scene, 2)).toBe('table "people" was dropped, renamed or recreated by another program');
      await undo(scene, 3);
      if (left !== null) expect(scene.rows()).toEqual(left);
      expect(scene.kept()).toEqual([]);
    }
  });

  it('fails the import when it is renamed, and the rows are taken out of it under its new name', async () => {
    await using scene = await openExisting(PEOPLE_TABLE, { files: { 'a.csv': PEOPLE_CSV, 'b.csv': PEOPLE_CSV } });
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    scene.exec('ALTER TABLE people RENAME TO folk; CREATE TABLE people (id, name, age)');
    expect(await failureOf(scene, 2)).toMatch(/dropped, renamed or recreated/);
    await undo(scene, 3);
    expect([scene.all('SELECT id FROM folk'), scene.rows(), scene.kept()]).toEqual([[[-1]], [], []]);
  });

  it('may be new columns, indexes and triggers, which the next rows meet', async () => {
    await using scene = await openExisting(PEOPLE_TABLE, { files: { 'a.csv': PEOPLE_CSV, 'b.csv': PEOPLE_CSV } });
    const watch = (_: unknown, count: number) => {
      if (count !== 2) return;
      scene.exec(`ALTER TABLE people ADD COLUMN more DEFAULT 'm'; CREATE INDEX ids ON people (id);
        CREATE TRIGGER doubled AFTER INSERT ON people BEGIN UPDATE people SET age = 99 WHERE id = NEW.id AND id = 1; END`);
    };
    await execute({ kind, scene, epoch: 1, watch });
    expect(scene.all('SELECT age, more FROM people WHERE id = 1')).toEqual([
      [99, 'm'],
      [99, 'm'],
    ]);
  });

  it('is told when a VACUUM may have numbered its rows anew, and goes on when it has not', async () => {
    const hole = `${PEOPLE_TABLE}, (-2, '', 0), (-3, '', 0); DELETE FROM people WHERE id = -2`;
    await using scene = await openExisting(hole);
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    scene.exec('VACUUM');
    const told = 'VACUUM ran while the job was in progress';
    expect(await failureOf(scene, 2)).toContain(told);
    const before = scene.rows();
    await expect(undo(scene, 3)).rejects.toThrow(told);
    expect(scene.rows()).toEqual(before);

    for (const made of [
      `${hole}; CREATE INDEX ids ON people (id)`,
      hole.replace('id INTEGER', 'id INTEGER PRIMARY KEY'),
    ]) {
      await using indexed = await openExisting(made);
      const rows = indexed.rows();
      await execute({ kind, scene: indexed, epoch: 1, stopAt: 2 });
      indexed.exec('VACUUM');
      await execute({ kind, scene: indexed, epoch: 2, stopAt: 1 });
      await undo(indexed, 3);
      expect(indexed.rows()).toEqual(rows);
    }
  });

  it('may be another import, whose rows stay when this one is undone', async () => {
    await using scene = await openExisting(PEOPLE_TABLE, {
      files: { 'a.csv': 'id\n1\n2\n', 'b.csv': 'id\n3\n4\n', 'c.csv': 'id\n5\n' },
    });
    const other = async (epoch: number, task: 'run' | 'revert', stopAt: number) => {
      const work = { details: scene.details, checkpoint: null, claim: claimOf('7', epoch), began: epoch > 1 };
      const io = ioOf(scene.environment);
      await kind.acquireFence?.(work, io, task);
      let steps = 0;
      for await (const _ of kind[task](work, io)) if (++steps === stopAt) return;
    };
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    await other(1, 'run', 3);
    await execute({ kind, scene, epoch: 2, stopAt: 2 });
    scene.exec('DELETE FROM people WHERE id = 3');
    await other(2, 'run', 2);
    expect(scene.all('SELECT id FROM people').flat()).toEqual([-1, 1, 2, 1, 2, 4, 4, 5]);
    await undo(scene, 3);
    expect(scene.all('SELECT id FROM people').flat()).toEqual([-1, 1, 2, 4, 5]);
    await other(3, 'revert', 99);
    expect([scene.all('SELECT id FROM people').flat(), scene.kept()]).toEqual([[-1], []]);
  });
});
