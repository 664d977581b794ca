/** Rejected rows, in the order of rejection, in a table of the target. When the job has ended, it is in a file. */
import { existsSync } from 'node:fs';
import type Sqlite from 'better-sqlite3';
import { keptFile } from '../../../databases/kept.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { openDatabase } from '../../../databases/sqlite/open.ts';
import { isTable, ownerIn } from '../../../databases/sqlite/own-names.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { cutText, messageOf, unavailable } from '../../../errors.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { Reject, RejectPage, RejectPlaces, RejectText } from '../port.ts';
import { rejectsTable } from './names.ts';

/** Runs inside a transaction. */
export const createRejects = (sql: Sqlite.Database, owner: Owner): void => {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS ${quote(rejectsTable(owner))}
     (id INTEGER PRIMARY KEY, source TEXT, line INTEGER, "column" TEXT, reason TEXT, text TEXT, lastLine INTEGER)`,
  );
};

/** Of the rejected rows of one job, which are stored in full. */
const MAX_STORED_BYTES = 256 * 1024 * 1024;

/** Returns a function that stores a rejected row inside a transaction. */
export const rejectWriter = (sql: Sqlite.Database, owner: Owner): ((reject: Omit<Reject, 'id'>) => void) => {
  let insert: Sqlite.Statement | undefined;
  let stored: number | undefined;
  return (reject) => {
    stored ??= sql
      .prepare(`SELECT total(octet_length(text)) FROM ${quote(rejectsTable(owner))}`)
      .pluck()
      .get() as number;
    stored += Buffer.byteLength(reject.text);
    if (stored > MAX_STORED_BYTES) {
      throw new Error(`the rejected rows have more than ${MAX_STORED_BYTES / 1024 / 1024} MiB: correct the source`);
    }
    insert ??= sql.prepare(
      hasLastLine(sql, owner)
        ? `INSERT INTO ${quote(rejectsTable(owner))} (source, line, "column", reason, text, lastLine)
           VALUES (@source, @line, @column, @reason, @text, @lastLine)`
        : `INSERT INTO ${quote(rejectsTable(owner))} (source, line, "column", reason, text)
           VALUES (@source, @line, @column, @reason, @text)`,
    );
    insert.run({ ...reject, reason: cutText(reject.reason) });
  };
};

/** The table of a job of an older version has no such column. */
const hasLastLine = (sql: Sqlite.Database, owner: Owner): boolean =>
  sql.prepare("SELECT 1 FROM pragma_table_xinfo(?) WHERE name = 'lastLine'").get(rejectsTable(owner)) !== undefined;

/** A page of a job's rejected rows, plus one if there are more. @throws unavailable if they cannot be read now */
export const readRejects = (
  places: RejectPlaces,
  database: string,
  jobId: string,
  page: RejectPage,
): readonly Reject[] =>
  readTable(places, database, jobId, (sql, owner) => {
    const [order, end] = page.direction === 'ascending' ? ['ASC', Number.MAX_SAFE_INTEGER] : ['DESC', 0];
    const read = sql.prepare(
      `SELECT id, source, line, ${hasLastLine(sql, owner) ? 'lastLine' : 'line AS lastLine'}, "column", reason,
         CAST(substr(CAST(text AS BLOB), 1, ${MAX_BYTES}) AS TEXT) AS text FROM ${quote(rejectsTable(owner))}
       WHERE id BETWEEN ? AND ? ORDER BY id ${order} LIMIT ?`,
    );
    const { from, to = end } = page;
    const found = read.all(Math.min(from, to), Math.max(from, to), page.limit + 1) as Reject[];
    return found.map((reject) => ({
      ...reject,
      text: reject.text.slice(0, MAX_SHOWN).replace(/[\ud800-\udbff]$/, ''),
    }));
  });

/** @throws unavailable if they cannot be read now */
export const readRejectTexts = (
  places: RejectPlaces,
  database: string,
  jobId: string,
  after: number,
): readonly RejectText[] =>
  readTable(places, database, jobId, (sql, owner) => {
    const read = sql.prepare(`SELECT id, source, text FROM ${quote(rejectsTable(owner))} WHERE id > ? ORDER BY id`);
    const found: RejectText[] = [];
    let characters = 0;
    for (const reject of read.iterate(after) as IterableIterator<RejectText>) {
      found.push(reject);
      characters += reject.text.length;
      if (characters >= PIECE_CHARACTERS || found.length === PIECE_ROWS) break;
    }
    return found;
  });

const MAX_SHOWN = 1_024;
/** No character has more. As bytes, since the text functions of SQLite end at a NUL. */
const MAX_BYTES = 4 * MAX_SHOWN;
const PIECE_CHARACTERS = 256 * 1024;
const PIECE_ROWS = 1_000;

type Read<T> = (sql: Sqlite.Database, owner: Owner) => readonly T[];

const readTable = <T>(places: RejectPlaces, database: string, jobId: string, read: Read<T>): readonly T[] => {
  const kept = keptFile(places, jobId);
  const readKept = () => readFrom(kept, `of the rejected rows of job ${jobId}`, jobId, read);
  if (existsSync(kept)) return readKept();
  const file = fileOf(places);
  if (file === null) throw unavailable(`database ${database} is not known any more`);
  const found = readFrom(file, database, jobId, read);
  // Clean-up may have moved the rows meanwhile, and have dropped some of them here before they were read.
  return existsSync(kept) ? readKept() : found;
};

const readFrom = <T>(file: string, name: string, jobId: string, read: Read<T>): readonly T[] => {
  try {
    const { sql, close } = openDatabase(file, name, { readonly: true, lockWaitMs: 100 });
    try {
      const owner = ownerIn(sql, jobId);
      return owner === null || !isTable(sql, rejectsTable(owner)) ? [] : read(sql, owner);
    } finally {
      close();
    }
  } catch (error) {
    throw unavailable(messageOf(error));
  }
};
