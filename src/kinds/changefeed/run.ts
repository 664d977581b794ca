/**
 * The work of a changefeed. Triggers write the changes into a log in the database itself (databases/feed/triggers.ts);
 * rows that were there before are copied into it (copy.ts). Here the log is read, what it has is delivered, and what was
 * delivered is removed, in one transaction with the place that was reached. A crash before that delivers again.
 *
 * A feed without a sink is read by the subscription (read.ts), which says in the meter how far its reader has come.
 */

import { codeOf, failureOf } from '../../databases/failures.ts';
import { feedNames } from '../../databases/feed/names.ts';
import { dropLog, dropTriggers } from '../../databases/feed/remove.ts';
import { ENTRY_BYTES, logSize } from '../../databases/feed/triggers.ts';
import { wait } from '../../databases/lock.ts';
import { quote } from '../../databases/names.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import { messageOf as messageOfError } from '../../errors.ts';
import { Fenced, type Io, PauseAsked, Transient, type Work } from '../../jobs/kind.ts';
import { adapt } from './adapt.ts';
import { begin } from './begin.ts';
import { copyRows } from './copy.ts';
import { type Checkpoint, type Details, type State, stepOf } from './details.ts';
import { pageReader } from './entries.ts';
import { change, checkRoom, type Feed, type Meter, readMeter, type Steps, TooMuchWaits, tryChange } from './feed.ts';
import { type Entry, messageOf, textOf } from './message.ts';
import { openSink, type Sink } from './sink.ts';

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  const { databaseFile } = io.places;
  const { database } = work.details;
  if (databaseFile === null) throw new Transient(`database ${database} is not known any more`);
  const target = openDatabase(databaseFile, database, { lockWaitMs: 50 });
  // The feed writes to tables of its own only: what is wrong with the keys of others is theirs.
  target.sql.pragma('foreign_keys = OFF');
  let sink: Sink | null = null;
  try {
    const state = yield* begin(work, io, target);
    if (state.phase === 'done') return;
    sink = openSink(work, io);
    const readPage = pageReader(target.sql, work.claim.jobId, []);
    const feed: Feed = {
      ...{ work, io, target, sink, state, readPage },
      ...{ shapes: [], schemaVersion: null, seen: state.acked, gone: null },
    };
    yield stepOf(work.details, state, phaseOf(feed));
    yield* follow(feed);
  } catch (error) {
    throw byPolicy(failureOf(error, database), work.details, io.signal);
  } finally {
    sink?.close();
    target.close();
  }
}

/** What went wrong for good pauses the job where that was asked for; not what has lost changes already. */
const byPolicy = (error: unknown, { onError }: Details, signal: AbortSignal): unknown => {
  const isItsOwn = error instanceof Transient || error instanceof Fenced || error instanceof TooMuchWaits;
  if (isItsOwn || signal.aborted || onError === 'FAIL') return error;
  return new PauseAsked(messageOfError(error));
};

const POLL_MS = 50;
const BEAT_MS = 1_000;
/** Rows are copied a little ahead of what is delivered, so that the log stays short. */
const AHEAD_ROWS = 2_000;
const AHEAD_BYTES = 4 * 1024 * 1024;
const COPY_MS = 10;
const ACK_ROWS = 5_000;

const phaseOf = ({ state }: Feed): string => (state.copy.length > 0 ? 'scanning' : 'following the changes');

async function* follow(feed: Feed): Steps {
  const { io, sink, work } = feed;
  const pace = { copyRows: 16, waitingSince: null as number | null, beatAt: 0, resolvedAt: 0, resolved: 0 };
  let first = sink === null ? null : await sink.delivered(feed.state.acked, io.signal);
  for (;;) {
    io.signal.throwIfAborted();
    const seen = look(feed);
    if (seen === 'busy') {
      await wait(POLL_MS, io.signal);
      continue;
    }
    if (seen === 'changed') {
      yield* adapt(feed);
      yield stepOf(work.details, feed.state, phaseOf(feed));
      continue;
    }
    const { meter, entries, full } = seen;
    const { state } = feed;
    checkRoom(meter);
    if (feed.gone !== null && state.acked >= feed.gone.upTo) throw new Error(feed.gone.said);
    if (state.phase === 'ending' && state.acked >= state.scanEnd) return yield* end(feed);
    if (state.copy.length > 0 && !full && !isAhead(feed, meter) && (yield* copy(feed, pace))) continue;
    if (state.copy.length === 0 && state.phase === 'scan') {
      yield* endScan(feed);
      continue;
    }
    if (sink === null && meter.taken > state.acked) {
      yield* acknowledge(feed, Math.min(meter.taken, state.acked + ACK_ROWS));
      continue;
    }
    if (sink !== null && entries.length > 0) {
      pace.waitingSince ??= performance.now();
      const waited = performance.now() - pace.waitingSince;
      // While rows are to be copied, nothing more comes before these are gone.
      if (full || state.copy.length > 0 || state.phase === 'ending' || waited >= sink.lingerMs) {
        const batch = first === null ? entries : entries.filter(({ seq }) => seq <= (first ?? seq));
        first = null;
        pace.waitingSince = null;
        yield* deliver(feed, sink, batch.length === 0 ? entries : batch);
        continue;
      }
    }
    if (beat(feed, meter, pace)) {
      yield stepOf(work.details, feed.state, phaseOf(feed));
      continue;
    }
    await changed(feed, io.signal);
  }
}

interface Pace {
  copyRows: number;
  beatAt: number;
  resolvedAt: number;
  /** The place of the last `resolved`. */
  resolved: number;
}

type Seen = { readonly meter: Meter; readonly entries: readonly Entry[]; readonly full: boolean };

/** One look at the log: `changed` when the catalogue is another one, `busy` when it cannot be read just now. */
const look = (feed: Feed): Seen | 'changed' | 'busy' => {
  const { target, sink, state, work, gone } = feed;
  const { sql } = target;
  try {
    sql.exec('BEGIN');
    try {
      if (sql.pragma('schema_version', { simple: true }) !== feed.schemaVersion) return 'changed';
      const meter = readMeter(sql, work.claim.jobId);
      feed.seen = Math.max(feed.seen, meter.newest);
      if (sink === null) return { meter, entries: [], full: false };
      return { meter, ...feed.readPage(state.acked, meter.at, gone?.upTo ?? meter.newest, sink.bounds) };
    } finally {
      sql.exec('COMMIT');
    }
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return 'busy';
    throw error;
  }
};

/** Enough waits. What a subscription has read counts as gone, though its reader may ask for it again. */
const isAhead = ({ sink, state, target, work }: Feed, { size, most, newest, given }: Meter): boolean => {
  if (size >= most / 2) return true;
  const from = sink === null ? Math.max(state.acked, given) : state.acked;
  if (newest - from >= AHEAD_ROWS) return true;
  const names = feedNames(work.claim.jobId);
  const at = target.sql
    .prepare(`SELECT size FROM ${quote(names.log)} WHERE seq = ?`)
    .pluck()
    .get(from);
  // Where the entry is gone, so is all before it: then what waits is what the meter says.
  const waiting =
    at === undefined
      ? size
      : target.sql
          .prepare(`SELECT ${logSize(names)} - ?`)
          .pluck()
          .get(at);
  return Number(waiting) >= AHEAD_BYTES;
};

/** False when there is no room for another row before what waits is delivered. */
async function* copy(feed: Feed, pace: Pace): Steps<boolean> {
  const startedAt = performance.now();
  let isRoom = true;
  yield* change(feed, 'scanning', (state) => {
    const { jobId } = feed.work.claim;
    const { sql } = feed.target;
    const before = readMeter(sql, jobId);
    sql.exec('SAVEPOINT _signalbox_copy');
    const copied = copyRows(feed, state, pace.copyRows);
    const { size, most } = readMeter(sql, jobId);
    // The other half is for those who write. A row by itself may take all of it.
    isRoom = size < most / 2 || (pace.copyRows === 1 && before.size === 0);
    if (!isRoom) sql.exec('ROLLBACK TO _signalbox_copy');
    sql.exec('RELEASE _signalbox_copy');
    return isRoom ? copied : state;
  });
  if (!isRoom && pace.copyRows === 1) return false;
  const grown = isRoom ? Math.min(2, COPY_MS / (performance.now() - startedAt)) : 0.5;
  pace.copyRows = Math.min(AHEAD_ROWS, Math.max(1, Math.round(pace.copyRows * grown)));
  yield stepOf(feed.work.details, feed.state, 'scanning');
  return true;
}

/** All rows are in the log. When they are all that was asked for, nothing more is to be logged. */
async function* endScan(feed: Feed): Steps {
  const { target, work } = feed;
  const { jobId } = work.claim;
  yield* change(feed, 'scanning', (state) => {
    const isEnd = work.details.initialScan === 'ONLY';
    if (isEnd) {
      dropTriggers(target.sql, jobId);
      if (work.details.resolvedEveryMs !== null) logResolved(feed, Date.now());
    }
    const { newest } = readMeter(target.sql, jobId);
    return { ...state, phase: isEnd ? 'ending' : 'follow', scanEnd: newest };
  });
  yield stepOf(work.details, feed.state, phaseOf(feed));
}

async function* deliver(feed: Feed, sink: Sink, entries: readonly Entry[]): Steps {
  const { work, io } = feed;
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return;
  const texts = entries.map((entry) => textOf(messageOf(entry), work.details));
  for await (const waits of sink.deliver({ first: first.seq, last: last.seq, texts }, io.signal)) {
    yield stepOf(work.details, feed.state, waits);
  }
  yield* acknowledge(feed, last.seq);
}

/** What was delivered goes, and the place that was reached is kept. The newest entry stays: its number is not used again. */
async function* acknowledge(feed: Feed, upTo: number): Steps {
  const { target, work, io } = feed;
  const names = feedNames(work.claim.jobId);
  const log = quote(names.log);
  yield* change(feed, phaseOf(feed), (state) => {
    const meter = readMeter(target.sql, work.claim.jobId);
    checkRoom(meter);
    const done = target.sql
      .prepare(
        `SELECT max(size) AS size, coalesce(max(at), 0) AS at, count(*) FILTER (WHERE op <> 'R') AS messages
         FROM ${log} WHERE seq > ? AND seq <= ?`,
      )
      .get(state.acked, upTo) as { readonly size: number; readonly at: number; readonly messages: number };
    const at = Math.max(meter.at, done.at);
    target.sql.prepare(`DELETE FROM ${log} WHERE seq <= ? AND seq < ?`).run(upTo, meter.newest);
    target.sql
      .prepare(`UPDATE ${quote(names.meter)} SET gone = @size, "full" = @size + @most, at = @at`)
      .run({ size: done.size, most: io.places.maxFeedBytes, at });
    const isWhole = state.phase === 'follow' && upTo >= state.scanEnd;
    return {
      ...state,
      acked: upTo,
      messages: state.messages + done.messages,
      highWater: isWhole ? at : state.highWater,
    };
  });
  yield stepOf(work.details, feed.state, phaseOf(feed));
}

/**
 * When it is due, and while nobody else can write: a `resolved` behind all that was logged; and when nothing waits, the
 * time as the one up to which everything was delivered. False when nothing was done.
 */
const beat = (feed: Feed, meter: Meter, pace: Pace): boolean => {
  const { state, work, target } = feed;
  const { resolvedEveryMs } = work.details;
  const now = performance.now();
  if (state.phase !== 'follow' || state.copy.length > 0) return false;
  const isOld = resolvedEveryMs !== null && now - pace.resolvedAt >= Math.max(resolvedEveryMs, POLL_MS);
  const resolves = isOld && (feed.sink === null || state.acked >= pace.resolved);
  const rests = state.acked >= meter.newest && now - pace.beatAt >= BEAT_MS;
  if (!resolves && !rests) return false;
  return tryChange(feed, (before) => {
    const { jobId } = work.claim;
    const { newest, at } = readMeter(target.sql, jobId);
    const time = Math.max(at, Date.now());
    if (resolves) {
      pace.resolved = logResolved(feed, time);
      pace.resolvedAt = now;
      return before;
    }
    pace.beatAt = now;
    if (before.acked < newest) return before;
    target.sql.prepare(`UPDATE ${quote(feedNames(jobId).meter)} SET at = ?`).run(time);
    return { ...before, highWater: time };
  });
};

const logResolved = ({ target, work }: Feed, at: number): number => {
  const names = feedNames(work.claim.jobId);
  const { lastInsertRowid } = target.sql
    .prepare(
      `INSERT INTO ${quote(names.log)} (shape, op, at, size) VALUES (0, 'R', ?, ${logSize(names)} + ${ENTRY_BYTES})`,
    )
    .run(at);
  return Number(lastInsertRowid);
};

/** Until somebody has written, or a while later. */
const changed = async ({ target }: Feed, signal: AbortSignal) => {
  const version = () => {
    try {
      return target.sql.pragma('data_version', { simple: true });
    } catch (error) {
      if (codeOf(error).startsWith('SQLITE_BUSY')) return null;
      throw error;
    }
  };
  const before = version();
  const until = performance.now() + BEAT_MS / 4;
  do await wait(POLL_MS, signal);
  while (version() === before && performance.now() < until);
};

async function* end(feed: Feed): Steps {
  const { target, work } = feed;
  yield stepOf(work.details, { ...feed.state, phase: 'done' }, 'ending');
  // What is reported as succeeded has to outlive a power cut.
  target.sql.pragma('synchronous = FULL');
  yield* change(feed, 'ending', (state): State => {
    dropLog(target.sql, work.claim.jobId);
    return { ...state, phase: 'done' };
  });
}
