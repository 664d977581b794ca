/** A database and a folder of files for one test of BACKUP or RESTORE. */
import { createCipheriv } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import type { Environment, Kind } from '../../../src/jobs/kind.ts';
import { backupKind } from '../../../src/kinds/backup/index.ts';
import type { BackupInput } from '../../../src/kinds/backup/input.ts';
import { environmentOf, sqliteAt } from '../../support/places.ts';
import type { Scene } from '../contract.ts';

export const BACKUP = backupKind as Kind;
export const PLACE = 'nodelocal:///backups/one';

export interface Place {
  readonly dir: string;
  readonly file: string;
  readonly filesDir: string;
  readonly environment: Environment;
  /** A connection of somebody else's to the database. */
  readonly sql: Sqlite.Database;
  /** Every file at the backup's place, and elsewhere in the folder of files, by its path; a manifest without what differs from run to run. */
  files(): Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A place with a database made of these statements. */
export const openPlace = (statements = ''): Place => {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalbox-backup-'));
  const filesDir = path.join(dir, 'files');
  const file = path.join(dir, 'demo.db');
  for (const name of ['files', 'work']) mkdirSync(path.join(dir, name));
  createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec(statements);
  return {
    dir,
    file,
    filesDir,
    sql,
    environment: environmentOf({ filesDir, database: sqliteAt(file) }),
    files: () => filesIn(filesDir),
    [Symbol.asyncDispose]: async () => {
      sql.close();
      rmSync(dir, { recursive: true });
    },
  };
};

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(folder, file), contentOf(file)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const contentOf = (file: string): string => {
  const content = readFileSync(file);
  if (!/(manifest|in-progress-\d+)\.json$/.test(file)) return content.toString('latin1');
  return content.toString().replace(/^\{"sha256":"\w+",|"(createdAt|id)": "[^"]*"/gm, '');
};

export const createBackup = ({ environment }: Pick<Place, 'environment'>, input: Partial<BackupInput> = {}) =>
  backupKind.create({ database: 'demo', destination: PLACE, ...input }, environment);

/** Made once: a database of so many MiB, of three tables, of which one has nearly all of it in so many rows. */
const template = (mebibytes: number, rows = mebibytes * 1000): string => {
  const file = path.join(tmpdir(), `signalbox-template-${process.pid}-${mebibytes}-${rows}.db`);
  if (existsSync(file)) return file;
  const sql = new Sqlite(file);
  // The same in each run: where a snapshot is cut depends upon its content.
  sql.function('noise', (seed: unknown, bytes: unknown) => {
    const start = Buffer.alloc(16);
    start.writeUInt32LE(Number(seed));
    return createCipheriv('aes-128-ctr', Buffer.alloc(16), start).update(Buffer.alloc(Number(bytes)));
  });
  sql.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN;
    CREATE TABLE big (id INTEGER PRIMARY KEY, text TEXT, noise BLOB);
    CREATE TABLE "odd name" (a TEXT PRIMARY KEY DESC, b) WITHOUT ROWID;
    CREATE TABLE loose (x, y AS (x * 2));
    CREATE INDEX "by text" ON big (text) WHERE id % 10 = 0;
    CREATE VIEW seen AS SELECT id, text FROM big;
    CREATE TRIGGER noted AFTER DELETE ON big BEGIN DELETE FROM loose WHERE x = old.id; END;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO big
      SELECT i, 'row ' || i || printf('%.*c', i % 90, 'x'), noise(i, ${Math.floor((mebibytes * 950_000) / rows)}) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
      INSERT INTO "odd name" SELECT char(64 + i), i FROM n;
    INSERT INTO loose (rowid, x) SELECT b * 3, a FROM "odd name";
    COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`);
  sql.close();
  process.once('exit', () => rmSync(file, { force: true }));
  return file;
};

/** A backup of a database of so many MiB, to run. */
export const openScene = async (
  mebibytes: number,
  input: Partial<BackupInput> = {},
  rows?: number,
): Promise<Scene & Place> => {
  const place = openPlace();
  place.sql.close();
  for (const end of ['-wal', '-shm']) rmSync(`${place.file}${end}`, { force: true });
  copyFileSync(template(mebibytes, rows), place.file);
  const sql = new Sqlite(place.file);
  const { details, secrets = {} } = await createBackup(place, input);
  return {
    ...place,
    sql,
    details,
    secrets,
    snapshot: () => place.files(),
    hidden: () => readdirSync(path.join(place.dir, 'work'), { recursive: true }),
    [Symbol.asyncDispose]: async () => {
      sql.close();
      rmSync(place.dir, { recursive: true });
    },
  };
};
