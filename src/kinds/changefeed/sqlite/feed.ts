/** The open connection of a running feed. Each write is one transaction that checks the fence. */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { type ColumnMap, generationOf, readColumnMaps } from '../../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { ENTRY_BYTES, logSize } from '../../../databases/sqlite/feed/triggers.ts';
import { fenced, tryFenced } from '../../../databases/sqlite/fenced.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import type { Io, Owner } from '../../../jobs/kind.ts';
import { type Details, type FeedCheckpoint, type FeedWork, NEW_FEED, type Steps, stepOf } from '../details.ts';
import type { LogState, Reading } from '../port.ts';
import { type Entry, pageReader, type ReadPage } from './entries.ts';
import type { Sent } from './sent.ts';

export interface Feed {
  readonly work: FeedWork;
  readonly io: Io;
  readonly target: Target;
  checkpoint: FeedCheckpoint;
  /** The current column map version of each table's entries. */
  columnMaps: readonly ColumnMap[];
  /** The catalogue's version when the tables were last inspected. */
  schemaVersion: number | null;
  /** The newest entry that existed while the catalogue was still at that version. */
  newestSeen: number;
  readPage: ReadPage;
  readonly readLogState: () => SqliteLogState;
  lost: Reading['lost'];
  /** When a watched table was first found to be dropped; null while none is. In milliseconds, of `performance.now()`. */
  droppedAt: number | null;
  /** Null for a feed that never rescans. */
  readonly sent: Sent | null;
  /** The entries that were read last. */
  lastPage: readonly Entry[];
}

export interface SqliteLogState extends LogState {
  /** The time of the last delivered entry, or later. */
  readonly lastAt: number;
  /** The position that the subscription has read for its reader, who may not have received it yet. */
  readonly emitted: number;
}

/** Returns a function that reads the state of the log. */
export const logStateReader = (sql: Sqlite.Database, owner: Owner): (() => SqliteLogState) => {
  const names = feedNames(owner);
  const select = sql.prepare(
    `SELECT ${logSize(names)} - gone AS pendingBytes, "full" - gone AS limitBytes, at AS lastAt, taken AS acknowledged,
       given AS emitted, (SELECT max(seq) FROM ${quote(names.log)}) AS newest FROM ${quote(names.meter)}`,
  );
  return () => select.get() as SqliteLogState;
};

/** Loads the newest column map version of each table, in table order. */
export const reloadColumnMaps = (feed: Feed): void => {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  const all = readColumnMaps(sql, owner);
  feed.columnMaps = feed.work.details.tables.flatMap((_, place) => all.filter((map) => map.place === place).slice(-1));
  feed.readPage = pageReader(sql, owner, all);
};

/** A transaction that also saves the checkpoint. Waits for the lock as long as necessary. */
export async function* change(
  feed: Feed,
  message: string,
  make: (checkpoint: FeedCheckpoint) => FeedCheckpoint,
): Steps {
  const { target, work, io, checkpoint } = feed;
  const step = stepOf(work.details, checkpoint, message);
  feed.checkpoint = yield* fenced(
    target,
    work.claim,
    step,
    io.signal,
    () => make(checkpoint),
    Number.POSITIVE_INFINITY,
  );
}

/** Same as `change`, without waiting; false when another connection is writing. */
export const tryChange = (feed: Feed, make: (checkpoint: FeedCheckpoint) => FeedCheckpoint): boolean => {
  const checkpoint = tryFenced(feed.target, feed.work.claim, () => make(feed.checkpoint));
  feed.checkpoint = checkpoint ?? feed.checkpoint;
  return checkpoint !== null;
};

/**
 * Whether the feed records the ends of groups of entries: to send transactions, or so that a subscription reads only
 * entries that were recorded as sent.
 */
export const usesGroups = ({ operations, onTableReplaced, sink }: Details): boolean =>
  operations || (onTableReplaced !== 'FAIL' && sink === null);

export const droppedMessage = (table: string, database: string): string =>
  `table ${table}, in which the changefeed keeps changes in database ${database}, was dropped by another program`;

/** The warning of a job that rescans. */
export const rescanWarning = (what: string, sent: Sent | null, acked: number): string =>
  sent !== null && sent.last === 0 && generationOf(acked) === 0 && acked > NEW_FEED.acked
    ? `${what}: all rows are sent, but not the deletion of earlier ones, because the record of what was sent is missing`
    : `${what}: the difference is sent`;

const RECORDED = { rows: 5_000, bytes: 8 * 1024 * 1024 };

/** Records some of the entries that are still to be delivered as sent. Returns false when all were. */
export const recordPending = ({ sent, checkpoint, readPage, readLogState }: Feed): boolean => {
  if (sent === null) return false;
  const { newest, lastAt } = readLogState();
  const { entries } = readPage(Math.max(checkpoint.acked, sent.last), lastAt, newest, RECORDED);
  sent.record(entries, checkpoint.acked);
  return entries.length > 0;
};

/** Runs inside a transaction. Logs that nothing older than this time will follow, and returns the entry's position. */
export const logResolved = ({ target, work }: Pick<Feed, 'target' | 'work'>, at: number): number => {
  const names = feedNames(work.claim);
  const { lastInsertRowid } = target.sql
    .prepare(
      `INSERT INTO ${quote(names.log)} (shape, op, at, size) VALUES (0, 'R', ?, ${logSize(names)} + ${ENTRY_BYTES})`,
    )
    .run(at);
  return Number(lastInsertRowid);
};
