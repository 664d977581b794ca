/** Validates a request. Creates nothing. */

import type Sqlite from 'better-sqlite3';
import { type Backup, openBackup } from '../../backup-format/backup.ts';
import { describeAbsence } from '../../backup-format/in-progress-marker.ts';
import type { Manifest } from '../../backup-format/manifest.ts';
import { show } from '../../databases/show.ts';
import { fold, quote } from '../../databases/sqlite/names.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { badInput, cutText, messageOf, SignalboxError, unavailable } from '../../errors.ts';
import { type Creation, type Environment, Transient } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import { redact } from '../../storage/url.ts';
import { type Details, SECRET } from './details.ts';
import { type GivenInput, parseInput } from './input.ts';
import { checkTarget, NameConflictError, PlanError, planOf } from './plan.ts';

export const create = async (given: GivenInput, environment: Environment): Promise<Creation<Details>> => {
  const { source, tables: wanted = null, database } = parseInput(given);
  const { manifest, sha256 } = await findBackup(source, environment);
  const tables = findTables(manifest, wanted, source);
  const isAll = wanted === null;
  const databaseFile = fileOf(environment);
  const makesDatabase = databaseFile === null;
  check(manifest, { tables, isAll, database, databaseFile });
  return {
    details: {
      source: redact(source),
      sha256,
      database,
      makesDatabase,
      tables,
      isAll,
      pictureBytes: manifest.sizeBytes,
      rows: manifest.tables.reduce((sum, { name, rows }) => sum + (tables.includes(name) ? rows : 0), 0),
    },
    input: { ...given, source: redact(source) },
    ...(redact(source) === source ? {} : { secrets: { [SECRET]: source } }),
    description: describe(database, isAll ? null : tables, source),
    database,
    holds: tables.map((table) => ({ table: fold(table), mode: 'make' })),
    ...(makesDatabase ? { makesDatabase } : {}),
  };
};

const findBackup = (source: string, environment: Environment): Promise<Backup> =>
  probe('input.source', async (signal) => {
    const backup = await openBackup(source, environment, '', signal);
    if (backup === null) throw badInput('input.source', await describeAbsence(openFolder(source, environment), signal));
    return backup;
  });

/** The names as spelled in the backup, in its order. */
const findTables = ({ tables }: Manifest, wanted: readonly string[] | null, source: string): readonly string[] => {
  const names = tables.map(({ name }) => name);
  if (wanted === null) return names;
  const seen = new Set<string>();
  for (const [i, name] of wanted.entries()) {
    const field = `input.tables.${i}`;
    if (!names.some((known) => fold(known) === fold(name))) {
      throw badInput(field, `the backup at ${redact(source)} has no table ${show(name)}`);
    }
    if (seen.has(fold(name))) throw badInput(field, `table ${show(name)} is named twice`);
    seen.add(fold(name));
  }
  return names.filter((name) => seen.has(fold(name)));
};

interface Checked {
  readonly tables: readonly string[];
  readonly isAll: boolean;
  readonly database: string;
  readonly databaseFile: string | null;
}

const check = (manifest: Manifest, { tables, isAll, database, databaseFile }: Checked): void => {
  const plan = (target: Sqlite.Database | null) => planOf(manifest, { tables, isAll }, target);
  try {
    if (databaseFile === null) return void plan(null);
    const { sql, close } = openDatabase(databaseFile, database, { readonly: true, lockWaitMs: 100 });
    try {
      checkTarget(sql, database, manifest, plan(sql));
    } finally {
      close();
    }
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    if (error instanceof PlanError) throw badInput('input.source', error.message);
    if (error instanceof NameConflictError) throw badInput('input.database', error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    throw badInput('input.database', messageOf(error));
  }
};

const describe = (database: string, tables: readonly string[] | null, source: string): string => {
  const db = plainOr(database);
  const what = tables === null ? `${db}.*` : tables.map((table) => `${db}.${plainOr(table)}`).join(', ');
  return cutText(`RESTORE ${what} FROM '${redact(source).replaceAll("'", "''")}'`);
};

/** A name in SQL, quoted if necessary. */
const plainOr = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quote(name));
