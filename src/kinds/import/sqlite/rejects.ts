/** Rejected rows, in the order of rejection, in a table of the target that outlives the job. */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/sqlite/names.ts';
import { openDatabase } from '../../../databases/sqlite/open.ts';
import { isTable, ownerIn } from '../../../databases/sqlite/own-names.ts';
import { cutText, messageOf, unavailable } from '../../../errors.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { Reject, RejectPage } from '../port.ts';
import { rejectsTable } from './names.ts';

/** Runs inside a transaction. */
export const createRejects = (sql: Sqlite.Database, owner: Owner): void => {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS ${quote(rejectsTable(owner))}
     (id INTEGER PRIMARY KEY, source TEXT, line INTEGER, "column" TEXT, reason TEXT, text TEXT, lastLine INTEGER)`,
  );
};

/** Returns a function that stores a rejected row inside a transaction. */
export const rejectWriter = (sql: Sqlite.Database, owner: Owner): ((reject: Omit<Reject, 'id'>) => void) => {
  let insert: Sqlite.Statement | undefined;
  return (reject) => {
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
  file: string | null,
  database: string,
  jobId: string,
  page: RejectPage,
): readonly Reject[] => {
  if (file === null) throw unavailable(`database ${database} is not known any more`);
  try {
    const { sql, close } = openDatabase(file, database, { readonly: true, lockWaitMs: 100 });
    try {
      const owner = ownerIn(sql, jobId);
      if (owner === null || !isTable(sql, rejectsTable(owner))) return [];
      const [order, end] = page.direction === 'ascending' ? ['ASC', Number.MAX_SAFE_INTEGER] : ['DESC', 0];
      const read = sql.prepare(
        `SELECT id, source, line, ${hasLastLine(sql, owner) ? 'lastLine' : 'line AS lastLine'}, "column", reason, text FROM ${quote(rejectsTable(owner))}
         WHERE id BETWEEN ? AND ? ORDER BY id ${order} LIMIT ?`,
      );
      const { from, to = end } = page;
      return read.all(Math.min(from, to), Math.max(from, to), page.limit + 1) as Reject[];
    } finally {
      close();
    }
  } catch (error) {
    throw unavailable(messageOf(error));
  }
};
