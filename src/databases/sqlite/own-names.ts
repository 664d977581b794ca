/**
 * The names of the objects that jobs have in a database: `_signalbox_<store>_<kind>_<job>`, alone or followed by `_`
 * and more. Names of jobs created before stores had ids contain no store.
 */
import type Sqlite from 'better-sqlite3';
import type { Owner } from '../../jobs/kind.ts';
import type { OwnedObject, OwnedThings } from '../database.ts';
import { quote } from './names.ts';

const PREFIX = '_signalbox_';

/** The prefix of every name that a store uses in a database. */
const prefixOf = ({ storeId }: Pick<Owner, 'storeId'>): string => (storeId === null ? PREFIX : `${PREFIX}${storeId}_`);

/** The name of a job's own object there, alone or followed by `_` and more. */
export const ownName = (kind: 'import' | 'restore' | 'schema' | 'feed', owner: Owner): string =>
  `${prefixOf(owner)}${kind}_${owner.jobId}`;

/** The table with the records of a store's jobs. */
export const recordsTable = (owner: Pick<Owner, 'storeId'>): string => `${prefixOf(owner)}jobs`;

/** The kind, the job and the store that a name belongs to; null if it has another form. */
export const ownerOf = (name: string): (Owner & { readonly kind: string }) | null => {
  const [, storeId = null, kind = '', jobId = ''] =
    /^_signalbox_(?:([0-9a-f]{8})_)?(import|restore|schema|feed)_(\d+)(?:_|$)/.exec(name) ?? [];
  return jobId === '' ? null : { kind, jobId, storeId };
};

export const isTable = (sql: Sqlite.Database, name: string): boolean =>
  sql.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

/** Finds the owner by job id alone, if the database has any object or record of the job. */
export const ownerIn = (sql: Sqlite.Database, jobId: string): Owner | null =>
  ownedIn(sql).find(({ owner }) => owner.jobId === jobId)?.owner ?? null;

/** Rejected rows can be read until the job is removed, also after they have left the database. */
const isKept = (name: string): boolean => /^_signalbox_(?:[0-9a-f]{8}_)?import_\d+_rejects$/.test(name);

interface Named {
  readonly type: OwnedObject['type'];
  readonly name: string;
}

const ownedObject = ({ type, name }: Named): OwnedObject => ({ type, name, isKept: isKept(name) });

/** The objects that a job has in its database under its own name. */
export const objectsOf = (sql: Sqlite.Database, own: string): readonly OwnedObject[] => {
  const find = sql.prepare(
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger', 'view') AND (name = @own OR substr(name, 1, length(@own) + 1) = @own || '_')",
  );
  return (find.all({ own }) as Named[]).map(ownedObject);
};

/** All objects and records that jobs have in a database. */
export const ownedIn = (sql: Sqlite.Database): readonly OwnedThings[] => {
  const found = new Map<string, { owner: Owner; objects: OwnedObject[]; hasRecord: boolean }>();
  const of = (owner: Owner) => {
    const key = `${owner.storeId} ${owner.jobId}`;
    const known = found.get(key) ?? { owner, objects: [], hasRecord: false };
    found.set(key, known);
    return known;
  };
  const objects = sql
    .prepare(
      "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger', 'view') AND name LIKE '\\_signalbox\\_%' ESCAPE '\\'",
    )
    .all() as Named[];
  for (const object of objects) {
    const owner = ownerOf(object.name);
    if (owner !== null) of({ jobId: owner.jobId, storeId: owner.storeId }).objects.push(ownedObject(object));
    const [table, storeId = null] = /^_signalbox_(?:([0-9a-f]{8})_)?jobs$/.exec(object.name) ?? [];
    if (table === undefined) continue;
    const ids = sql
      .prepare(`SELECT CAST(jobId AS TEXT) FROM ${quote(table)}`)
      .pluck()
      .all() as string[];
    for (const jobId of ids) of({ jobId, storeId }).hasRecord = true;
  }
  return [...found.values()];
};
