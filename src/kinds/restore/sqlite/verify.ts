/**
 * Checks a fetched snapshot before it is used: its header is that of a SQLite database, and its schema is compared with
 * the manifest, statement by statement.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Backup } from '../../../backup-format/backup.ts';
import type { Manifest } from '../../../backup-format/manifest.ts';
import { codeOf } from '../../../databases/sqlite/errors.ts';
import { isReserved } from '../../../databases/sqlite/names.ts';
import { statementsOf } from '../../../databases/sqlite/statements-check.ts';
import { StorageError } from '../../../storage/url.ts';

/** @throws StorageError describing the damage */
export const verifySnapshot = (file: string, backup: Backup): void => {
  checkHeader(file, backup);
  checkSchema(file, backup);
};

/** Checks for the header that VACUUM INTO writes: the file has no journal of any kind. */
const checkHeader = (file: string, { manifest, url }: Backup) => {
  const header = Buffer.alloc(100);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, header, 0, 100, 0);
  } finally {
    closeSync(handle);
  }
  const size = header.readUInt16BE(16);
  const pageSize = size === 1 ? 65_536 : size;
  const isOne = header.toString('latin1', 0, 16) === 'SQLite format 3\0' && header[18] === 1 && header[19] === 1;
  if (isOne && pageSize === manifest.pageSize && manifest.sizeBytes === pageSize * header.readUInt32BE(28)) return;
  throw damaged(url, 'it is not a SQLite database of the page size and length in the manifest');
};

/** SQLite's internal tables that a snapshot may contain. */
const OWN = /^sqlite_(sequence|stat[134])$/;

const checkSchema = (file: string, { manifest, url }: Backup) => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    sql.pragma('trusted_schema = OFF');
    const names = sql.prepare('SELECT name FROM sqlite_schema WHERE sql IS NOT NULL').pluck().all() as string[];
    const odd = names.find((name) => isReserved(name) && !OWN.test(name));
    if (odd !== undefined) throw damaged(url, `it contains an object with the reserved name ${odd}`);
    if (!isSame(statementsOf(sql), manifest)) throw damaged(url, 'its catalogue differs from the manifest');
    if (sql.pragma('encoding', { simple: true }) !== manifest.encoding) {
      throw damaged(url, 'its encoding differs from the manifest');
    }
  } catch (error) {
    const code = codeOf(error);
    throw /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code) ? damaged(url, (error as Error).message) : error;
  } finally {
    sql.close();
  }
};

const isSame = (found: readonly string[], { statements }: Manifest) =>
  found.length === statements.length && found.every((statement, i) => statement === statements[i]);

const damaged = (url: string, damage: string) => new StorageError(`the backup at ${url} is damaged: ${damage}`);
