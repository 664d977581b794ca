/** An import into a table that is there already, for one test. */
import Sqlite from 'better-sqlite3';
import { importKind } from '../../../src/kinds/import/index.ts';
import { JOB_ID } from '../contract.ts';
import { type ImportScene, inputFor, openPlace, PEOPLE_CSV, type SceneInput } from './scene.ts';

export const PEOPLE_TABLE =
  "CREATE TABLE people (id INTEGER, name TEXT, age INTEGER DEFAULT 18); INSERT INTO people VALUES (-1, 'old', 1)";

export interface ExistingScene extends ImportScene {
  /** The table with the rowids, or in the order of its key. */
  rows(): unknown[];
  /** What triggers and tables the job has in the target, beside the rows set aside. */
  kept(): unknown[];
  /** The rows that the ledger knows. */
  noted(): unknown[];
}

/** Makes the table `people` by `made`, and a job that imports into it. */
export const openExisting = async (
  made: string = PEOPLE_TABLE,
  { files = { 'a.csv': PEOPLE_CSV }, ...input }: SceneInput = {},
): Promise<ExistingScene> => {
  const place = openPlace(files);
  place.exec(made);
  const hasRowids = !/without rowid/i.test(made);
  const { details } = await importKind.create(
    { ...inputFor(Object.keys(files)), columns: null, ...input },
    place.environment,
  );
  const rows = () => place.all(hasRowids ? 'SELECT _rowid_, * FROM people ORDER BY 1' : 'SELECT * FROM people');
  const kept = () =>
    place.all(
      "SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name NOT LIKE '%_rejects' AND name <> '_signalbox_jobs'",
    );
  const others = () =>
    place.all("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%signalbox%' ORDER BY name, type");
  return {
    ...place,
    details,
    rows,
    kept,
    noted: () => place.all(`SELECT * FROM _signalbox_import_${JOB_ID}_rows`),
    snapshot: () => [rows(), others()],
    hidden: kept,
  };
};

/** Another connection to the scene's database, with settings of its own. */
export const connect = (scene: ImportScene, pragmas: readonly string[] = []) => {
  const sql = new Sqlite(scene.file);
  for (const pragma of pragmas) sql.pragma(pragma);
  return Object.assign(sql, { [Symbol.dispose]: () => sql.close() });
};
