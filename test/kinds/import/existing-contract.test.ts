import { JOB_ID, testKindContract } from '../contract.ts';
import { openExisting } from './existing-scene.ts';
import { IMPORT, type ImportScene, openScene } from './scene.ts';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},"name\n${from + i}",${i % 90}\n`).join('');
const FILES = {
  'a.csv': `id,name,age\n${rows(0, 9000)}`,
  'b.csv': `\ufeffage,id,name\r\n7,20000,x\r\n\r\n`,
  'c.csv': 'id,name,age\n',
  'd.csv': `ID,age\n30000,1\n\n30001,2`,
};

testKindContract('import into a table that is there', IMPORT, () => openExisting(undefined, { files: FILES }));

testKindContract('import into a table by its rowid, with an index', IMPORT, () =>
  openExisting(
    `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER) STRICT;
     CREATE UNIQUE INDEX names ON people (name, id);
     INSERT INTO people VALUES (-5, 'old', 1), (25000, 'older', 2)`,
    { files: FILES },
  ),
);

testKindContract('import into a table WITHOUT ROWID', IMPORT, () =>
  openExisting(
    `CREATE TABLE people (id INTEGER, name TEXT NOT NULL DEFAULT '', age INTEGER, PRIMARY KEY (name, id)) WITHOUT ROWID;
     INSERT INTO people VALUES (-5, 'old', 1)`,
    { files: FILES },
  ),
);

const BAD = {
  'a.csv': `id,name,age\n${rows(0, 3000)}x,y,1\n1,2\n${rows(3000, 6000)}`,
  'b.csv': `id,name,age\n${rows(2999, 3001)}7,"x"y,1\n${rows(7000, 7100)}1,2,\u0000\n`,
};
/** Those set aside belong to the snapshot of an import that went well; the others' stay too. */
const withRejects = async <S extends ImportScene>(opened: Promise<S>): Promise<S> => {
  const scene = await opened;
  const rejects = () => {
    const [made] = scene.all("SELECT 1 FROM sqlite_schema WHERE name = '_signalbox_jobs'");
    const isPublished =
      made && scene.all("SELECT 1 FROM _signalbox_jobs WHERE state ->> 'phase' = 'published'").length > 0;
    return isPublished ? scene.all(`SELECT * FROM _signalbox_import_${JOB_ID}_rejects`) : null;
  };
  const hidden = () => (scene.hidden() as unknown[]).filter((row) => !String(row).endsWith('_rejects'));
  return { ...scene, hidden, snapshot: () => [scene.snapshot(), rejects()] };
};

testKindContract('import that sets bad rows aside', IMPORT, () =>
  withRejects(
    openScene({
      files: BAD,
      columns: [
        { name: 'id', type: 'INTEGER', primaryKey: true },
        { name: 'name', type: 'TEXT' },
        { name: 'age', type: 'INTEGER' },
      ],
      rejectLimit: 10,
    }),
  ),
);

testKindContract('import into a table that is there, setting bad rows aside', IMPORT, () =>
  withRejects(
    openExisting(
      'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); INSERT INTO people VALUES (17, 1, 1)',
      {
        files: BAD,
        rejectLimit: 10,
      },
    ),
  ),
);

testKindContract('import that checks foreign keys at the end', IMPORT, () =>
  withRejects(
    openExisting('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER REFERENCES people (id))', {
      files: {
        'a.csv': `id,name,age\n${Array.from({ length: 2_500 }, (_, i) => `${i + 1},,${i === 0 ? 5004 : i % 3 === 0 ? 2500 : ''}\n`).join('')}`,
        'b.csv': 'id,name,age\n5001,,1300\n5002,,5001\n5003,,9999\n5004,,5003\n5005,,1\n',
      },
      deferForeignKeys: true,
      rejectLimit: 10,
    }),
  ),
);
