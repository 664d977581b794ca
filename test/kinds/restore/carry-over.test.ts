import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import { openPlace } from '../backup/scene.ts';
import { backUp, restore } from './scene.ts';

const SOURCE = `CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t SELECT value FROM json_each('[1,2,3]');
  CREATE TABLE u (a); CREATE INDEX j ON u (a); INSERT INTO u VALUES (1); ANALYZE;
  PRAGMA user_version = 7; PRAGMA application_id = 1196444487`;

const aboutOf = (file: string) => {
  const sql = new Sqlite(file);
  try {
    return {
      version: sql.pragma('user_version', { simple: true }),
      application: sql.pragma('application_id', { simple: true }),
      statistics: sql.prepare('SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl').raw().all(),
    };
  } finally {
    sql.close();
  }
};

it('an existing database gets the version, the application id and the statistics that it does not have', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place);
  const file = path.join(place.dir, 'empty.db');
  createDatabaseFile(file);
  await restore(place, { file, isThere: true }, { tables: ['t'] });
  expect(aboutOf(file)).toEqual({ version: 7, application: 1196444487, statistics: [['t', 'i', '3 1']] });
});

it('an existing database keeps its own', async () => {
  await using place = openPlace(SOURCE);
  await backUp(place);
  const file = path.join(place.dir, 'used.db');
  createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec(`PRAGMA user_version = 3; PRAGMA application_id = 4; CREATE TABLE own (a); CREATE INDEX k ON own (a);
    INSERT INTO own VALUES (1), (1); ANALYZE`);
  sql.close();
  await restore(place, { file, isThere: true });
  expect(aboutOf(file)).toEqual({
    version: 3,
    application: 4,
    statistics: [
      ['own', 'k', '2 2'],
      ['t', 'i', '3 1'],
      ['u', 'j', '1 1'],
    ],
  });
});
