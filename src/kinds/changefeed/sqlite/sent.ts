/**
 * What a feed has sent, for a feed that has to send the difference when a table or the file of its database is
 * replaced. A file of the server holds the key of each row and a hash of its values, since the database itself may be
 * the one that is replaced. Writers pay nothing for it.
 *
 * A change is recorded before it is delivered. So every row that a receiver may have is recorded, and of the changes
 * that were not acknowledged it is not known whether they arrived.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Environment } from '../../../jobs/kind.ts';
import type { Entry } from './entries.ts';
import { decodeKey, encode, encodeKey, type SqlValue } from './exact.ts';

export interface Sent {
  /** The newest entry that was recorded; 0 if there is none. */
  readonly last: number;
  /** Records entries that are about to be delivered. @param acked everything up to it has arrived */
  record(entries: readonly Entry[], acked: number): void;
  /** Records a row that the receiver has from elsewhere, unless it was recorded before. */
  recordKnown(place: number, row: SentRow, seq: number): void;
  /** Whether the row was sent with these values, with others or perhaps with these, or not at all. */
  find(place: number, row: SentRow): 'same' | 'other' | 'none';
  /** The keys of a table that were recorded, in the order of their ids. @param after the id of the last one read */
  keys(place: number, after: string | null, count: number): readonly SentKey[];
  /** Whether these rows arrived is not known. @param acked everything up to it has arrived */
  doubt(acked: number): void;
  close(): void;
}

export interface SentKey {
  readonly id: string;
  readonly key: readonly SqlValue[];
}

export interface SentRow {
  readonly key: readonly SqlValue[];
  readonly columns: readonly (readonly [name: string, value: SqlValue])[];
}

/** The folder is removed when the job has ended. */
export const sentFolder = ({ workDir }: Pick<Environment, 'workDir'>, jobId: string): string =>
  path.join(workDir, jobId);

export const openSent = (environment: Pick<Environment, 'workDir'>, jobId: string): Sent => {
  const folder = sentFolder(environment, jobId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sql = new Sqlite(path.join(folder, 'sent.db'), { timeout: 10_000 });
  sql.pragma('journal_mode = WAL');
  sql.pragma('synchronous = FULL');
  // `gone`: the deletion of the row was sent. `hash`: NULL if the values that arrived are not known.
  sql.exec(`
    CREATE TABLE IF NOT EXISTS sent (place INTEGER, key TEXT, seq INTEGER NOT NULL, hash BLOB, gone INTEGER NOT NULL,
      PRIMARY KEY (place, key)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS gone ON sent (seq) WHERE gone;
    CREATE TABLE IF NOT EXISTS newest (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL);
    INSERT OR IGNORE INTO newest VALUES (1, 0)`);
  const put = sql.prepare(
    `INSERT INTO sent VALUES (@place, @key, @seq, @hash, @gone) ON CONFLICT DO UPDATE
     SET seq = excluded.seq, hash = excluded.hash, gone = excluded.gone WHERE excluded.seq >= seq`,
  );
  const putKnown = sql.prepare('INSERT OR IGNORE INTO sent VALUES (?, ?, ?, ?, 0)');
  const advance = sql.prepare('UPDATE newest SET seq = max(seq, ?)');
  const forget = sql.prepare('DELETE FROM sent WHERE gone AND seq <= ?');
  const newest = sql.prepare('SELECT seq FROM newest').pluck();
  const find = sql.prepare('SELECT hash, gone FROM sent WHERE place = ? AND key = ?');
  const list = sql.prepare('SELECT key FROM sent WHERE place = ? AND key > ? ORDER BY key LIMIT ?').pluck();
  const record = sql.transaction((entries: readonly Entry[], acked: number) => {
    forget.run(acked);
    for (const { seq, op, columnMap, held, after } of entries) {
      if (columnMap === null) continue;
      const key = idOf(columnMap.key.map((position) => after[position] ?? null));
      const gone = op === 'D';
      const columns = held.map(([name, position]) => [name, after[position] ?? null] as const);
      put.run({ place: columnMap.place, key, seq, hash: gone ? null : hashOf(columns), gone: Number(gone) });
    }
    advance.run(entries.at(-1)?.seq ?? 0);
  });
  return {
    get last() {
      return newest.get() as number;
    },
    record: (entries, acked) => {
      if (entries.length > 0) record.immediate(entries, acked);
    },
    recordKnown: (place, { key, columns }, seq) => void putKnown.run(place, idOf(key), seq, hashOf(columns)),
    find: (place, { key, columns }) => {
      const found = find.get(place, idOf(key)) as { readonly hash: Buffer | null; readonly gone: number } | undefined;
      if (found === undefined || found.gone === 1) return 'none';
      return found.hash?.equals(hashOf(columns)) ? 'same' : 'other';
    },
    keys: (place, after, count) =>
      (list.all(place, after ?? '', count) as string[]).map((id) => ({ id, key: decodeKey(JSON.parse(id)) })),
    doubt: (acked) => {
      forget.run(acked);
      sql.prepare('UPDATE sent SET hash = NULL, gone = 0 WHERE seq > ?').run(acked);
    },
    close: () => void sql.close(),
  };
};

const idOf = (key: readonly SqlValue[]): string => JSON.stringify(encodeKey(key));

const HASH_BYTES = 16;

/** Does not depend on the order of the columns, as messages do not. */
const hashOf = (columns: SentRow['columns']): Buffer => {
  const sorted = columns.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, encode(value)]);
  return createHash('sha256').update(JSON.stringify(sorted)).digest().subarray(0, HASH_BYTES);
};
