/** A backup, and what it is restored into, for one test of RESTORE. */

import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Environment, Kind } from '../../../src/jobs/kind.ts';
import { restoreKind } from '../../../src/kinds/restore/index.ts';
import type { RestoreInput } from '../../../src/kinds/restore/input.ts';
import { sqliteAt } from '../../support/places.ts';
import { BACKUP, createBackup, openPlace, PLACE, type Place } from '../backup/scene.ts';
import { cleanUp, execute, type Scene } from '../contract.ts';

export const RESTORE = restoreKind as Kind;

export const createRestore = (environment: Environment, input: Partial<RestoreInput> = {}) =>
  restoreKind.create({ source: PLACE, database: 'copy', ...input }, environment);

/** Backs the database of a place up, from its creation to its end, and returns the warnings. */
export const backUp = async (
  place: Place,
  input: Parameters<typeof createBackup>[1] = {},
): Promise<readonly string[]> => {
  const { details, secrets = {} } = await createBackup(place, input);
  const scene = { details, secrets, environment: place.environment } as Scene;
  const warnings: string[] = [];
  await execute({ kind: BACKUP, scene, epoch: 1, watch: (step) => warnings.push(...(step.warnings ?? [])) });
  await cleanUp(BACKUP, scene, 'ended');
  return warnings;
};

/** Restores, from the creation to the end, into the file, or into one that is made, and returns the warnings. */
export const restore = async (
  place: Place,
  target: { readonly file: string; readonly isThere: boolean },
  input: Partial<RestoreInput> = {},
): Promise<readonly string[]> => {
  const environment = { ...place.environment, database: sqliteAt(target.file) };
  const { details, secrets = {} } = await createRestore(
    { ...environment, database: sqliteAt(target.isThere ? target.file : null) },
    input,
  );
  const scene = { details, secrets, environment } as Scene;
  const warnings: string[] = [];
  await execute({ kind: RESTORE, scene, epoch: 1, watch: (step) => warnings.push(...(step.warnings ?? [])) });
  await cleanUp(RESTORE, scene, 'ended');
  return warnings;
};

/** All that is in a database but what jobs keep there: its catalogue, and every row with its rowid. */
export const contentOf = (file: string): unknown => {
  const sql = new Sqlite(file);
  try {
    const rows = sql
      .prepare(
        String.raw`SELECT type, name, tbl_name AS of, sql FROM sqlite_schema WHERE name NOT LIKE '\_signalbox%' ESCAPE '\'
                   AND tbl_name NOT LIKE '\_signalbox%' ESCAPE '\' ORDER BY type, name`,
      )
      .all() as { type: string; name: string; of: string; sql: string | null }[];
    return rows.map((row) => [row, row.type === 'table' ? rowsOf(sql, row.name) : null]);
  } finally {
    sql.close();
  }
};

/** A few rows as they are; of many, how many there are and what they hash to. */
const rowsOf = (sql: Sqlite.Database, table: string): unknown => {
  const { wr } = sql.prepare("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'").get(table) as { wr: number };
  const rowid = wr === 1 ? '' : '_rowid_, ';
  const select = sql
    .prepare(`SELECT ${rowid}* FROM "${table.replaceAll('"', '""')}"`)
    .raw()
    .safeIntegers();
  const hash = createHash('sha256');
  const first: string[] = [];
  let count = 0;
  for (const row of select.iterate() as IterableIterator<unknown[]>) {
    count++;
    for (const value of row) hash.update(Buffer.isBuffer(value) ? value : `${typeof value} ${value}\n`);
    if (count <= 20) first.push(row.map((value) => String(value).slice(0, 50)).join('|'));
  }
  return [first, count, hash.digest('hex')];
};

/** A restore to run; the backup is made once, by `prepare`, and copied. */
export const openScene = async (
  prepare: (place: Place) => Promise<void>,
  { isThere, ...input }: Partial<RestoreInput> & { readonly isThere: boolean },
): Promise<Scene & Place> => {
  const place = openPlace();
  await prepare(place);
  const file = path.join(place.dir, 'copy.db');
  if (isThere) {
    copyFileSync(place.file, file);
    const sql = new Sqlite(file);
    sql.exec('PRAGMA journal_mode = WAL; CREATE TABLE bystander (a); INSERT INTO bystander VALUES (1)');
    sql.close();
  }
  const { details, secrets = {} } = await createRestore(
    { ...place.environment, database: sqliteAt(isThere ? file : null) },
    input,
  );
  return {
    ...place,
    details,
    secrets,
    environment: { ...place.environment, database: sqliteAt(file) },
    snapshot: () => (readdirSync(place.dir).includes('copy.db') ? contentOf(file) : null),
    hidden: () => [
      readdirSync(path.join(place.dir, 'work'), { recursive: true }),
      readdirSync(place.dir).filter((name) => name.includes('restore')),
      isThere ? hiddenIn(file) : [],
      Object.keys(place.files()),
    ],
  };
};

const hiddenIn = (file: string): unknown[] => {
  const sql = new Sqlite(file);
  try {
    return sql
      .prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name <> '_signalbox_jobs'")
      .all();
  } finally {
    sql.close();
  }
};
