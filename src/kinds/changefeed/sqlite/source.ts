/**
 * The changes of SQLite tables. Triggers write them to a log in the database itself (databases/sqlite/feed/triggers.ts);
 * rows that existed before are copied into it (copy.ts). Delivered entries are removed in the transaction that saves
 * the position reached.
 */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { openTarget } from '../../../databases/sqlite/acquire-fence.ts';
import { codeOf } from '../../../databases/sqlite/errors.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { dropLog, dropTriggers } from '../../../databases/sqlite/feed/remove.ts';
import { logSize } from '../../../databases/sqlite/feed/triggers.ts';
import type { Io } from '../../../jobs/kind.ts';
import { sleep } from '../../../sleep.ts';
import { type FeedWork, NEW_FEED, phaseOf, type Steps } from '../details.ts';
import { type Bounds, type FeedSource, type Reading, requireRoom, type Scanned } from '../port.ts';
import { begin } from './begin.ts';
import { copyRows } from './copy.ts';
import { messageOf, pageReader } from './entries.ts';
import {
  change,
  type Feed,
  logResolved,
  logStateReader,
  recordPending,
  type SqliteLogState,
  tryChange,
  usesGroups,
} from './feed.ts';
import { followSchema } from './follow-schema.ts';
import { rescanReplaced } from './rescan.ts';
import { openSent } from './sent.ts';

export const openSource = (work: FeedWork, io: Io): FeedSource => {
  const target = openTarget(work, io);
  const { sql } = target;
  // The feed writes only to its own tables, so it does not enforce the foreign keys of other tables.
  sql.pragma('foreign_keys = OFF');
  /** It changes when another connection commits. */
  let dataVersion: Sqlite.Statement | null = null;
  let feed: Feed | null = null;
  let checkpoint = NEW_FEED;
  const sent = work.details.onTableReplaced === 'FAIL' ? null : openSent(io.environment, work.claim.jobId);
  /** Statements on the log can be prepared once it exists. */
  const begun = (): Feed => {
    feed ??= {
      ...{ work, io, target, checkpoint, columnMaps: [], schemaVersion: null, lost: null },
      newestSeen: checkpoint.acked,
      ...{ droppedAt: null, sent, lastPage: [] },
      readPage: pageReader(sql, work.claim, []),
      readLogState: logStateReader(sql, work.claim),
    };
    return feed;
  };
  return {
    get checkpoint() {
      return feed?.checkpoint ?? checkpoint;
    },
    begin: async function* () {
      checkpoint = yield* begin({ work, io, target, sent });
    },
    read: (bounds) => read(begun(), bounds),
    followSchema: () => followSchema(begun()),
    rescan: (what) => rescanReplaced(begun(), what),
    recordSent: (upTo) => {
      const { lastPage, checkpoint: now } = begun();
      sent?.record(
        lastPage.filter(({ seq }) => seq <= upTo),
        now.acked,
      );
    },
    scan: (rows) => (rows > 0 ? scan(begun(), rows) : endScan(begun())),
    acknowledge: (upTo) => acknowledge(begun(), upTo),
    beat: (what) => beat(begun(), what),
    waitForChange: async (pollMs, longestMs) => {
      const version = () =>
        unlessBusy(() => {
          dataVersion ??= sql.prepare('PRAGMA data_version').pluck();
          return dataVersion.get();
        });
      const before = version();
      const until = performance.now() + longestMs;
      do await sleep(pollMs, io.signal);
      while (version() === before && performance.now() < until);
    },
    end: () => end(begun()),
    close: () => {
      sent?.close();
      target.close();
    },
  };
};

const RECORD_MS = 50;

/**
 * With `operations`: records the end of the entries that are committed. Those between two ends were committed while
 * nothing was recorded, so each of their transactions is among them as a whole.
 */
const recordGroup = (feed: Feed): void => {
  const { target, work, sent } = feed;
  if (!usesGroups(work.details) || feed.readLogState().newest <= lastGroup(feed)) return;
  const until = performance.now() + RECORD_MS;
  // A subscription reads only what was recorded.
  const recordsSent = work.details.sink === null && sent !== null;
  while (recordsSent && recordPending(feed)) if (performance.now() > until) return;
  const groups = quote(feedNames(work.claim).groups);
  tryChange(feed, (checkpoint) => {
    while (recordsSent && recordPending(feed));
    target.sql.prepare(`INSERT OR IGNORE INTO ${groups} VALUES (?)`).run(feed.readLogState().newest);
    target.sql.prepare(`DELETE FROM ${groups} WHERE last < ?`).run(checkpoint.acked);
    return checkpoint;
  });
};

const lastGroup = ({ target, work }: Feed): number =>
  target.sql
    .prepare(`SELECT coalesce(max(last), 0) FROM ${quote(feedNames(work.claim).groups)}`)
    .pluck()
    .get() as number;

const read = (feed: Feed, bounds: Bounds | null): Reading | 'changed' | 'busy' => {
  const { target, lost } = feed;
  const { sql } = target;
  // An idle feed commits nothing, which would also find it out.
  target.checkPresent();
  if (feed.schemaVersion !== null) unlessBusy(() => recordGroup(feed));
  const { checkpoint } = feed;
  const found = unlessBusy((): Reading | 'changed' => {
    sql.exec('BEGIN');
    try {
      if (sql.pragma('schema_version', { simple: true }) !== feed.schemaVersion) return 'changed';
      const log = feed.readLogState();
      feed.newestSeen = Math.max(feed.newestSeen, log.newest);
      const ahead = checkpoint.copy.length === 0 ? null : aheadOf(feed, log, bounds === null);
      if (bounds === null || log.newest === checkpoint.acked) return { messages: [], isFull: false, log, ahead, lost };
      const known = usesGroups(feed.work.details) ? lastGroup(feed) : log.newest;
      const page = feed.readPage(checkpoint.acked, log.lastAt, Math.min(lost?.upTo ?? known, known), bounds);
      feed.lastPage = page.entries;
      return { messages: page.entries.map(messageOf), isFull: page.isFull, log, ahead, lost };
    } finally {
      sql.exec('COMMIT');
    }
  });
  return found ?? 'busy';
};

const aheadOf = ({ target, work, checkpoint }: Feed, log: SqliteLogState, hasReader: boolean): Reading['ahead'] => {
  const names = feedNames(work.claim);
  const from = hasReader ? Math.max(checkpoint.acked, log.emitted) : checkpoint.acked;
  const bytes = target.sql
    .prepare(`SELECT ${logSize(names)} - size FROM ${quote(names.log)} WHERE seq = ?`)
    .pluck()
    .get(from);
  // If the entry has been removed, so have all before it; the pending bytes are then those of the log.
  return { rows: log.newest - from, bytes: Number(bytes ?? log.pendingBytes) };
};

async function* scan(feed: Feed, rows: number): Steps<Scanned> {
  let startedAt = 0;
  let hasRoom = true;
  yield* change(feed, 'scanning', (checkpoint) => {
    startedAt = performance.now();
    const { sql } = feed.target;
    // Another program changed the tables: they are inspected first.
    if (sql.pragma('schema_version', { simple: true }) !== feed.schemaVersion) return checkpoint;
    const before = feed.readLogState();
    sql.exec('SAVEPOINT _signalbox_copy');
    const copied = copyRows(feed, checkpoint, rows);
    const { pendingBytes, limitBytes } = feed.readLogState();
    // The other half of the log is reserved for writers. A single row may take all of it.
    hasRoom = pendingBytes < limitBytes / 2 || (rows === 1 && before.pendingBytes === 0);
    if (!hasRoom) sql.exec('ROLLBACK TO _signalbox_copy');
    sql.exec('RELEASE _signalbox_copy');
    return hasRoom ? copied : checkpoint;
  });
  return { hasRoom, lockedMs: performance.now() - startedAt };
}

/** All rows are in the log. In a scan-only feed, stops the logging. */
async function* endScan(feed: Feed): Steps<Scanned> {
  const { target, work } = feed;
  const { initialScan, resolvedEveryMs } = work.details;
  yield* change(feed, 'scanning', (checkpoint) => {
    const isEnd = initialScan === 'ONLY';
    if (isEnd) {
      dropTriggers(target.sql, work.claim);
      if (resolvedEveryMs !== null) logResolved(feed, Date.now());
    }
    return { ...checkpoint, phase: isEnd ? 'ending' : 'follow', scanEnd: feed.readLogState().newest };
  });
  return { hasRoom: true, lockedMs: 0 };
}

/** The newest entry stays, so that its number is not reused. */
async function* acknowledge(feed: Feed, upTo: number): Steps {
  const { target, work, io } = feed;
  const names = feedNames(work.claim);
  const log = quote(names.log);
  yield* change(feed, phaseOf(feed.checkpoint), (checkpoint) => {
    const { lastAt, newest, ...room } = feed.readLogState();
    requireRoom(room);
    const delivered = target.sql
      .prepare(
        `SELECT max(size) AS size, coalesce(max(at), 0) AS at, count(*) FILTER (WHERE op <> 'R') AS messages
         FROM ${log} WHERE seq > ? AND seq <= ?`,
      )
      .get(checkpoint.acked, upTo) as { readonly size: number; readonly at: number; readonly messages: number };
    const at = Math.max(lastAt, delivered.at);
    target.sql.prepare(`DELETE FROM ${log} WHERE seq <= ? AND seq < ?`).run(upTo, newest);
    target.sql
      .prepare(`UPDATE ${quote(names.meter)} SET gone = @size, "full" = @size + @limit, at = @at`)
      .run({ size: delivered.size, limit: io.environment.maxFeedBytes, at });
    const isScanDelivered = checkpoint.phase === 'follow' && checkpoint.copy.length === 0 && upTo >= checkpoint.scanEnd;
    return {
      ...checkpoint,
      acked: upTo,
      messages: checkpoint.messages + delivered.messages,
      highWater: isScanDelivered ? at : checkpoint.highWater,
    };
  });
}

/** While it holds the lock, no other connection can write: everything before this moment is in the log. */
const beat = (feed: Feed, what: 'resolved' | 'high water'): number | null => {
  let position = 0;
  const isDone = tryChange(feed, (checkpoint) => {
    const { newest, lastAt } = feed.readLogState();
    const time = Math.max(lastAt, Date.now());
    position = newest;
    if (what === 'resolved') {
      position = logResolved(feed, time);
      return checkpoint;
    }
    if (checkpoint.acked < newest) return checkpoint;
    feed.target.sql.prepare(`UPDATE ${quote(feedNames(feed.work.claim).meter)} SET at = ?`).run(time);
    return { ...checkpoint, highWater: time };
  });
  return isDone ? position : null;
};

async function* end(feed: Feed): Steps {
  const { target, work } = feed;
  // A job that is reported as succeeded has to survive a power failure.
  target.sql.pragma('synchronous = FULL');
  yield* change(feed, 'ending', (checkpoint) => {
    dropLog(target.sql, work.claim);
    return { ...checkpoint, phase: 'done' };
  });
}

/** Null while another connection keeps the database from being read. */
const unlessBusy = <T>(use: () => T): T | null => {
  try {
    return use();
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
};
