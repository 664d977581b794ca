/**
 * Runs a changefeed. The source logs the changes of the tables, and the rows that existed before, in commit order
 * (port.ts). This file reads the log, delivers its entries, and has delivered entries removed in the transaction that
 * saves the position reached. After a crash before that transaction, they are delivered again.
 *
 * A feed without a sink is read by subscriptions (listen.ts), which record the position of their reader in the log.
 */

import type { Sizer } from '../../databases/batch-sizer.ts';
import { portOf } from '../../databases/port-of.ts';
import { messageOf } from '../../errors.ts';
import { Fenced, type Io, PauseAsked, shownErrorOf, Transient } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { deliver, openSink } from './deliver.ts';
import {
  type Details,
  type FeedCheckpoint,
  type FeedProgress,
  type FeedWork,
  mayRescan,
  phaseOf,
  progressOf,
  type Steps,
  stepOf,
} from './details.ts';
import { type Beats, beat, FIRST_BEAT_MS, isAhead, newBeats, scan, scanSizer } from './pace.ts';
import { type FeedSource, LogLimitError, type Reading, ReplacedError, requireRoom } from './port.ts';
import { PORTS } from './ports.ts';
import type { Sink } from './sink.ts';

export async function* run(work: FeedWork, io: Io): Steps {
  while (!(yield* runOnce(work, io)));
}

/** Returns false if the log was dropped and the feed begins again with a rescan. */
async function* runOnce(work: FeedWork, io: Io): Steps<boolean> {
  const { details } = work;
  const port = portOf(PORTS, io.environment);
  let begun: FeedSource | null = null;
  try {
    const source = await port.open(work, io);
    let sink: Sink | null = null;
    try {
      yield* source.begin();
      begun = source;
      if (source.checkpoint.phase === 'done') return true;
      sink = openSink(work, io);
      yield stepOf(details, source.checkpoint, phaseOf(source.checkpoint));
      yield* follow({ work, io, source, sink });
      return true;
    } finally {
      sink?.close();
      await source.close();
    }
  } catch (error) {
    if (error instanceof ReplacedError && details.onTableReplaced === 'RESCAN') return false;
    const progress = begun === null ? work.checkpoint : progressOf(begun.checkpoint);
    throw byPolicy(port.failureOf(error, details.database), details, progress, io.signal);
  }
}

export async function* revert(work: FeedWork, io: Io): Steps {
  const port = portOf(PORTS, io.environment);
  try {
    yield* port.revert(work, io);
  } catch (error) {
    throw port.failureOf(error, work.details.database);
  }
}

/** A permanent error pauses the job if its policy says so, unless changes have already been lost. */
const byPolicy = (error: unknown, details: Details, progress: FeedProgress | null, signal: AbortSignal): unknown => {
  const isOther = error instanceof Transient || error instanceof Fenced || error instanceof LogLimitError;
  if (isOther || error instanceof PauseAsked || signal.aborted) return error;
  if (error instanceof ReplacedError && details.onTableReplaced === 'PAUSE') {
    return new PauseAsked(error.message, { checkpoint: { acked: 0, scanned: 0, ...progress, rescan: true } });
  }
  return details.onError === 'FAIL' ? error : new PauseAsked(shownErrorOf(error) ?? messageOf(error));
};

/** The interval for checking for writes; twice as long in an idle database. */
const POLL_MS = 50;
const IDLE_POLL_MS = 100;
/** A feed that sees no change checks again after this time, because something else may be due. */
const CHECK_MS = 250;
const IDLE_CHECK_MS = 1_000;
const ACK_ROWS = 5_000;

interface Feed {
  readonly work: FeedWork;
  readonly io: Io;
  readonly source: FeedSource;
  /** Null for a feed that a subscription reads. */
  readonly sink: Sink | null;
}

/** What a feed remembers from one check of the log to the next. */
interface Pace {
  readonly sizer: Sizer;
  readonly beats: Beats;
  /** Since when a batch that is not full has been waiting for more entries. */
  lingersSince: number | null;
  /** The end of a batch that was delivered but not recorded: it is delivered with the same end again. */
  firstBatchEnd: number | null;
  /** Whether a table that was replaced is rescanned. */
  mayRescan: boolean;
}

async function* follow(feed: Feed): Steps {
  const { io, sink, source, work } = feed;
  const pace: Pace = {
    sizer: scanSizer(),
    beats: newBeats(),
    lingersSince: null,
    mayRescan: mayRescan(work),
    firstBatchEnd: sink === null ? null : await sink.delivered(source.checkpoint.acked, io.signal),
  };
  const repeats = createRepeats();
  for (;;) {
    io.signal.throwIfAborted();
    const reading = await source.read(sink?.bounds ?? null);
    if (reading === 'busy') {
      await sleep(POLL_MS, io.signal);
      continue;
    }
    if (reading === 'changed') {
      yield* source.followSchema();
      yield step(feed);
      continue;
    }
    const { log, lost } = reading;
    const { checkpoint } = source;
    requireRoom(log);
    if (log.newest > checkpoint.acked) pace.beats.everyMs = FIRST_BEAT_MS;
    if (yield* rescanLost(feed, lost, pace)) continue;
    if (checkpoint.phase === 'ending' && checkpoint.acked >= checkpoint.scanEnd) return yield* end(feed);
    if (yield* advance(feed, reading, pace)) continue;
    const { resolvedEveryMs } = work.details;
    const hasBeaten = await beat(source, log, pace.beats, { resolvedEveryMs, hasSink: sink !== null });
    if (hasBeaten || repeats.isDue(source.checkpoint)) {
      yield step(feed);
      continue;
    }
    const isIdle = pace.beats.everyMs > FIRST_BEAT_MS && resolvedEveryMs === null && pace.lingersSince === null;
    await source.waitForChange(isIdle ? IDLE_POLL_MS : POLL_MS, isIdle ? IDLE_CHECK_MS : CHECK_MS);
  }
}

/**
 * Rescans a table that was replaced, and returns true; or fails, once the changes before that were delivered. A feed
 * that is going to be paused keeps what a subscription has not read.
 */
async function* rescanLost({ work, source, sink }: Feed, lost: Reading['lost'], pace: Pace): Steps<boolean> {
  const { onTableReplaced } = work.details;
  if (lost === null) {
    // After a pause, the resumed job rescans what it was paused for, and nothing later.
    pace.mayRescan = onTableReplaced === 'RESCAN';
    return false;
  }
  if (lost.isReplaced && pace.mayRescan) {
    yield* source.rescan(lost.message);
    return true;
  }
  if (lost.mayReturn) return false;
  const isDelivered = source.checkpoint.acked >= lost.upTo;
  const mayPause = lost.isReplaced && onTableReplaced === 'PAUSE' && sink === null;
  if (!isDelivered && !mayPause) return false;
  throw lost.isReplaced ? new ReplacedError(lost.message) : new Error(lost.message);
}

const step = ({ work, source: { checkpoint } }: Feed) => stepOf(work.details, checkpoint, phaseOf(checkpoint));

/** Does the next piece of work: scans, acknowledges for a reader, or delivers. Returns false if there is none. */
async function* advance(feed: Feed, reading: Reading, pace: Pace): Steps<boolean> {
  const { work, source, sink } = feed;
  const { log, messages, isFull, lost } = reading;
  const { checkpoint } = source;
  const isScanning = checkpoint.copy.length > 0;
  if (lost === null && isScanning && !isFull && !isAhead(reading) && (yield* scan(work, source, pace.sizer)))
    return true;
  if (!isScanning && checkpoint.phase === 'scan') {
    yield* source.scan(0);
    yield step(feed);
    return true;
  }
  if (sink === null) {
    if (log.acknowledged <= checkpoint.acked) return false;
    yield* source.acknowledge(Math.min(log.acknowledged, checkpoint.acked + ACK_ROWS));
    yield step(feed);
    return true;
  }
  if (messages.length === 0) return false;
  pace.lingersSince ??= performance.now();
  const lingersMs = performance.now() - pace.lingersSince;
  // While rows are being copied, no more entries arrive until these are removed.
  if (!isFull && !isScanning && checkpoint.phase !== 'ending' && lingersMs < sink.lingerMs) return false;
  const { firstBatchEnd } = pace;
  const batch = firstBatchEnd === null ? messages : messages.filter(({ seq }) => seq <= firstBatchEnd);
  pace.firstBatchEnd = null;
  pace.lingersSince = null;
  yield* deliver(feed, source, sink, batch.length === 0 ? messages : batch);
  return true;
}

/** Steps in quick succession are not all saved: the last one is repeated when none follows it. */
const createRepeats = () => {
  let last: { readonly checkpoint: FeedCheckpoint; readonly at: number; isRepeated: boolean } | null = null;
  return {
    isDue: (checkpoint: FeedCheckpoint): boolean => {
      const now = performance.now();
      if (last?.checkpoint !== checkpoint) last = { checkpoint, at: now, isRepeated: false };
      if (last.isRepeated || now - last.at < SAVED_MS) return false;
      last.isRepeated = true;
      return true;
    },
  };
};

/** The engine's minimum interval between saved steps, plus a margin. */
const SAVED_MS = 500;

async function* end({ work, source }: Feed): Steps {
  yield stepOf(work.details, { ...source.checkpoint, phase: 'done' }, 'ending');
  yield* source.end();
}
