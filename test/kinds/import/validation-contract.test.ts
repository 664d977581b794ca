import { testKindContract } from '../contract.ts';
import { openExisting } from './existing-scene.ts';
import { IMPORT, type ImportScene, openScene } from './scene.ts';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},"name\n${from + i}",${i % 90}\n`).join('');
const FILES = {
  'a.csv': `id,name,age\n${rows(0, 4000)}`,
  'b.csv': `age,id,name\n7,20000,x\n7,17,x\n`,
  'c.csv': `id,name,age\n${rows(3990, 6000)}`,
};

/** What a finished validation has counted is a part of the snapshot. */
const withCounts = async <S extends ImportScene>(opened: Promise<S>): Promise<S> => {
  const scene = await opened;
  const counts = () => {
    const isBegun = scene.all("SELECT 1 FROM sqlite_schema WHERE name = '_signalbox_jobs'").length > 0;
    return isBegun
      ? scene.all(`SELECT state ->> 'rows', state ->> 'rejected', state ->> 'conflicts' FROM _signalbox_jobs
                   WHERE state ->> 'phase' = 'published'`)
      : [];
  };
  return { ...scene, snapshot: () => [scene.snapshot(), counts()] };
};

testKindContract('validation of rows for a new table', IMPORT, () =>
  withCounts(
    openScene({
      files: FILES,
      columns: [
        { name: 'id', type: 'INTEGER', primaryKey: true },
        { name: 'name', type: 'TEXT' },
        { name: 'age', type: 'INTEGER' },
      ],
      onConflict: 'UPDATE',
      validateOnly: true,
    }),
  ),
);

testKindContract('validation of rows for a table that is there', IMPORT, () =>
  withCounts(
    openExisting(
      `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER) STRICT;
       CREATE UNIQUE INDEX names ON people (name, id);
       INSERT INTO people VALUES (17, 'old', 1), (20000, 'older', 2)`,
      { files: FILES, onConflict: 'SKIP', validateOnly: true },
    ),
  ),
);
