import { testKindContract } from '../contract.ts';
import { openExisting } from './existing-scene.ts';
import { IMPORT, openScene } from './scene.ts';

const rows = (from: number, to: number, age: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},name ${from + i},${age}\n`).join('');
const FILES = {
  'a.csv': `id,name,age\n${rows(0, 40, 1)}`,
  'b.csv': `id,name,age\n${rows(30, 60, 2)}`,
  'c.csv': 'name,id\nname 7,5\n',
  'd.csv': `id,name,age\n${rows(1000, 1020, 3)}1000,name 1001,\n`,
};
const TABLE = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER DEFAULT 18);
  CREATE TABLE child (id INTEGER PRIMARY KEY, of REFERENCES people ON DELETE CASCADE ON UPDATE CASCADE, name REFERENCES people (name) ON DELETE SET NULL);
  WITH n AS (SELECT 20 AS n UNION ALL SELECT n + 1 FROM n WHERE n < 50)
  INSERT INTO people SELECT n, 'name ' || n, -n FROM n;
  INSERT INTO people VALUES (-1, 'name 1', 1), (1001, 'other', 2);
  INSERT INTO child (of, name) SELECT id, name FROM people`;
const KEYS = `
  CREATE TABLE people (id INTEGER, name TEXT NOT NULL DEFAULT '', age INTEGER, PRIMARY KEY (name, id)) WITHOUT ROWID;
  CREATE UNIQUE INDEX ids ON people (id);
  INSERT INTO people VALUES (-5, 'name 1', 1), (33, 'name 33', 2), (34, 'other', 3)`;

testKindContract('import with onConflict REPLACE', IMPORT, async () => {
  const scene = await openExisting(TABLE, { files: FILES, onConflict: 'REPLACE', rejectLimit: 10 });
  return { ...scene, snapshot: () => [scene.snapshot(), scene.all('SELECT * FROM child ORDER BY _rowid_')] };
});

testKindContract('import with onConflict UPDATE into a table WITHOUT ROWID', IMPORT, () =>
  openExisting(KEYS, { files: FILES, onConflict: 'UPDATE', rejectLimit: 10 }),
);

testKindContract('import with onConflict SKIP into a new table', IMPORT, () =>
  openScene({
    files: FILES,
    onConflict: 'SKIP',
    columns: [
      { name: 'id', type: 'INTEGER', primaryKey: true },
      { name: 'name', type: 'TEXT' },
      { name: 'age', type: 'INTEGER' },
    ],
  }),
);
