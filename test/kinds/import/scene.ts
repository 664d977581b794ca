/** A folder with sources and a database for one test of IMPORT. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import type { Kind } from '../../../src/jobs/kind.ts';
import { importKind } from '../../../src/kinds/import/index.ts';
import type { ImportRequest } from '../../../src/kinds/import/input.ts';
import { environmentOf, sqliteAt } from '../../support/places.ts';
import type { Scene } from '../contract.ts';

export const IMPORT = importKind as Kind;

export interface ImportScene extends Scene {
  readonly file: string;
  readonly filesDir: string;
  /** Writes a source, at any time. */
  write(name: string, content: string | Uint8Array): void;
  /** Runs statements in a connection of somebody else's. */
  exec(sql: string): void;
  all(sql: string): unknown[];
}

export type SceneInput = Partial<ImportRequest> & {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly allowPrivateHosts?: readonly string[];
};

export const PEOPLE = [
  { name: 'id', type: 'INTEGER' },
  { name: 'name', type: 'TEXT' },
  { name: 'age', type: 'INTEGER' },
];
export const PEOPLE_CSV = 'id,name,age\n1,Ada,36\n2,"Grace, Rear Admiral",85\n3,,\n';

/** Creates a job that imports `a.csv`, or all files given in order, into `people`. */
export const openScene = async ({
  files = { 'a.csv': PEOPLE_CSV },
  allowPrivateHosts = [],
  ...input
}: SceneInput = {}): Promise<ImportScene> => {
  const place = openPlace(files);
  const environment = { ...place.environment, allowPrivateHosts };
  const given = { ...inputFor(Object.keys(files)), ...input };
  try {
    const { details, secrets = {} } = await importKind.create(given, environment);
    return { ...place, environment, details, secrets };
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
};

export const inputFor = (files: readonly string[]): ImportRequest => ({
  database: 'demo',
  table: 'people',
  columns: PEOPLE,
  sources: files.map((name) => `nodelocal:///${name}`),
});

export const openPlace = (files: Readonly<Record<string, string | Uint8Array>>): Omit<ImportScene, 'details'> => {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalbox-import-'));
  const filesDir = path.join(dir, 'files');
  const file = path.join(dir, 'demo.db');
  mkdirSync(filesDir);
  createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec("CREATE TABLE bystander (a); INSERT INTO bystander VALUES (1), ('two')");
  const write = (name: string, content: string | Uint8Array) => writeFileSync(path.join(filesDir, name), content);
  for (const [name, content] of Object.entries(files)) write(name, content);
  const all = (statement: string) => sql.prepare(statement).raw().all();
  return {
    environment: environmentOf({ filesDir, database: sqliteAt(file) }),
    file,
    filesDir,
    write,
    exec: (statements) => sql.exec(statements),
    all,
    snapshot: () => snapshotOf(all),
    hidden: () => all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name <> '_signalbox_jobs'"),
    [Symbol.asyncDispose]: async () => {
      sql.close();
      rmSync(dir, { recursive: true });
    },
  };
};

const snapshotOf = (all: (sql: string) => unknown[]) =>
  (
    all(String.raw`SELECT name, type, sql FROM sqlite_schema WHERE name NOT LIKE '\_signalbox%' ESCAPE '\'
                   AND tbl_name NOT LIKE '\_signalbox%' ESCAPE '\' ORDER BY name`) as [string, string, string][]
  ).map(([name, type, sql]) => [
    name,
    sql,
    type === 'table' ? all(`SELECT _rowid_, * FROM "${name.replaceAll('"', '""')}" ORDER BY _rowid_`) : null,
  ]);
