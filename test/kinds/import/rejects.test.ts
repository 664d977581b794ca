import { describe, expect, it } from 'vitest';
import { readRejects } from '../../../src/kinds/import/sqlite/rejects.ts';
import { sqliteAt } from '../../support/places.ts';
import { execute, JOB_ID } from '../contract.ts';
import { openExisting } from './existing-scene.ts';
import { IMPORT, type ImportScene, openScene, PEOPLE, type SceneInput } from './scene.ts';

const kind = IMPORT;
const rejectsOf = ({ environment }: ImportScene) =>
  readRejects(environment, 'demo', JOB_ID, { direction: 'ascending', from: 0, limit: 1_000 });
const columns = [{ ...PEOPLE[0], name: 'id', type: 'INTEGER', primaryKey: true }, ...PEOPLE.slice(1)];

const BAD = Buffer.concat([
  Buffer.from('id,name,age\n1,good,1\n2,few\n3,"multi\nline",x\n1,twice,4\n5,"a"b,5\n6,nul\0,6\n7,'),
  Buffer.from([0xff]),
  Buffer.from(`,7\n,no key,8\n9,good,9\n10,${'é'.repeat(2_000)},ten\n`),
]);
const EXPECTED = [
  [3, null, '2 fields, expected 3', '2,few'],
  [4, 'age', 'not an integer', '3,"multi\nline",x'],
  [6, 'id', 'duplicate primary key', '1,twice,4'],
  [7, 'name', 'text after a closing quote', '5,"a"b,5'],
  [8, 'name', 'a NUL byte', '6,nul\0,6'],
  [9, 'name', 'invalid UTF-8', '7,\ufffd,7'],
  [12, 'age', 'not an integer', `10,${'é'.repeat(1_021)}`],
];

const scenes: Readonly<Record<string, (input: SceneInput) => Promise<ImportScene>>> = {
  'a new table': (input) => openScene({ columns, ...input }),
  'a table that is there': (input) =>
    openExisting('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER) STRICT', input),
};

describe.each(Object.entries(scenes))('bad rows on their way into %s', (_, open) => {
  it('are set aside, each with its line, its column, why, and what it was', async () => {
    await using scene = await open({ files: { 'a.csv': BAD }, rejectLimit: 7 });
    const counted: unknown[] = [];
    await execute({
      kind,
      scene,
      epoch: 1,
      watch: ({ counters }) => counted.push([counters?.rows, counters?.rejected]),
    });
    expect(counted).toEqual([
      [0, 0],
      [3, 7],
      [3, 7],
    ]);
    expect(scene.all('SELECT id, name FROM people')).toEqual([
      [1, 'good'],
      [2, 'no key'],
      [9, 'good'],
    ]);
    const rejects = rejectsOf(scene);
    expect(rejects.map(({ line, column, reason, text }) => [line, column, reason, text])).toEqual(EXPECTED);
    expect(new Set(rejects.map(({ source }) => source))).toEqual(new Set(['nodelocal:///a.csv']));
  });

  it('fail the import when there is one more than may be, and can be read when it is undone', async () => {
    for (const rejectLimit of [0, 3]) {
      await using scene = await open({ files: { 'a.csv': BAD }, rejectLimit });
      const message = [
        'line 3: 2 fields, expected 3: "2,few"',
        '',
        '',
        'line 7, column name: text after a closing quote',
      ];
      await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow(`nodelocal:///a.csv ${message[rejectLimit]}`);
      await execute({ kind, scene, epoch: 2, task: 'revert' });
      expect(rejectsOf(scene).map(({ line }) => line)).toEqual([3, 4, 6].slice(0, rejectLimit));
    }
  });

  it('are found among many that are good, in the order of the sources', async () => {
    const good = (from: number) => Array.from({ length: 5_000 }, (_, i) => `${from + i},n,1\n`).join('');
    const files = {
      'a.csv': `id,name,age\n${good(0)}7,n,1\n${good(10_000)}`,
      'b.csv': `id,name,age\nx,n,1\n${good(20_000)}40000,n,x\n`,
    };
    await using scene = await open({ files, rejectLimit: 3 });
    await execute({ kind, scene, epoch: 1 });
    expect(scene.all('SELECT count(*) FROM people')).toEqual([[15_000]]);
    expect(rejectsOf(scene).map(({ source, line, column }) => [source.slice(-5), line, column])).toEqual([
      ['a.csv', 5002, 'id'],
      ['b.csv', 2, 'id'],
      ['b.csv', 5003, 'age'],
    ]);
  });
});

describe('a page of what was set aside', () => {
  it('goes either way from any place, and tells by one more row that there is more', async () => {
    const files = { 'a.csv': `id,name,age\n${'1\n'.repeat(5)}` };
    await using scene = await openScene({ files, rejectLimit: 5 });
    await execute({ kind, scene, epoch: 1 });
    const page = (direction: 'ascending' | 'descending', from: number, limit: number) =>
      readRejects(scene.environment, 'demo', JOB_ID, { direction, from, limit }).map(({ id }) => id);
    expect(page('ascending', 0, 2)).toEqual([1, 2, 3]);
    expect(page('ascending', 4, 2)).toEqual([4, 5]);
    expect(page('descending', 3, 9)).toEqual([3, 2, 1]);
    expect(page('ascending', 6, 0)).toEqual([]);
  });

  it('is empty for a job that has set nothing aside, and UNAVAILABLE when the database is', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1 });
    expect(rejectsOf(scene)).toEqual([]);
    const environment = { ...scene.environment, database: sqliteAt(`${scene.file}.gone`) };
    expect(() => rejectsOf({ ...scene, environment })).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', message: 'the file of database demo is missing' }),
    );
  });
});
