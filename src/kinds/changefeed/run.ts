/**
 * Runs a changefeed. Triggers write the changes to a log in the database itself (databases/feed/triggers.ts); rows that
 * existed before are copied into it (copy.ts). This file reads the log, delivers its entries, and removes delivered
 * entries in the transaction that saves the position reached. After a crash before that transaction, they are delivered
 * again.
 *
 * A feed without a sink is read by the subscription (read.ts), which records the position of its reader in the meter.
 */

import { openTarget } from '../../databases/sqlite/acquire-fence.ts';
import { codeOf, failureOf } from '../../databases/sqlite/errors.ts';
import { dropLog, dropTriggers } from '../../databases/sqlite/feed/remove.ts';
import { messageOf } from '../../errors.ts';
import { Fenced, type Io, PauseAsked, Transient, type Work } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { copy, copySizer, isAhead } from './ahead.ts';
import { begin } from './begin.ts';
import { acknowledge, deliver } from './deliver.ts';
import { type Checkpoint, type Details, type State, stepOf } from './details.ts';
import { pageReader } from './entries.ts';
import { change, checkRoom, type Feed, type Meter, meterReader, phaseOf, type Steps, TooMuchWaits } from './feed.ts';
import type { Entry } from './message.ts';
import { adapt } from './on-schema-change.ts';
import { openSink } from './open-sink.ts';
import { beat, FIRST_BEAT_MS, logResolved } from './resolved.ts';
import type { Sink } from './sink.ts';

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  const { database } = work.details;
  const target = openTarget(work, io);
  // The feed writes only to its own tables, so it does not enforce the foreign keys of other tables.
  target.sql.pragma('foreign_keys = OFF');
  let sink: Sink | null = null;
  try {
    const state = yield* begin(work, io, target);
    if (state.phase === 'done') return;
    sink = openSink(work, io);
    const { sql } = target;
    const { claim } = work;
    const readPage = pageReader(sql, claim, []);
    const feed: Feed = {
      ...{ work, io, target, sink, state, readPage },
      readDataVersion: sql.prepare('PRAGMA data_version').pluck(),
      readMeter: meterReader(sql, claim),
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

/** A permanent error pauses the job if its policy says so, unless changes have already been lost. */
const byPolicy = (error: unknown, { onError }: Details, signal: AbortSignal): unknown => {
  const isItsOwn = error instanceof Transient || error instanceof Fenced || error instanceof TooMuchWaits;
  if (isItsOwn || signal.aborted || onError === 'FAIL') return error;
  return new PauseAsked(messageOf(error));
};

/** The interval for checking for writes; twice as long in an idle database. */
const POLL_MS = 50;
const RESTING_POLL_MS = 100;
/** A feed that sees no change checks again after this time, because something else may be due. */
const LOOK_MS = 250;
const RESTING_LOOK_MS = 1_000;
const ACK_ROWS = 5_000;

async function* follow(feed: Feed): Steps {
  const { io, sink, work } = feed;
  const sizer = copySizer();
  const beats = { beatAt: 0, everyMs: FIRST_BEAT_MS, resolvedAt: 0, resolved: 0 };
  const told = createTold();
  let waitingSince: number | null = null;
  let first = sink === null ? null : await sink.delivered(feed.state.acked, io.signal);
  for (;;) {
    io.signal.throwIfAborted();
    const seen = probe(feed);
    if (seen === 'busy') {
      await sleep(POLL_MS, io.signal);
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
    if (meter.newest > state.acked) beats.everyMs = FIRST_BEAT_MS;
    if (feed.gone !== null && state.acked >= feed.gone.upTo) throw new Error(feed.gone.said);
    if (state.phase === 'ending' && state.acked >= state.scanEnd) return yield* end(feed);
    if (feed.gone === null && state.copy.length > 0 && !full && !isAhead(feed, meter) && (yield* copy(feed, sizer)))
      continue;
    if (state.copy.length === 0 && state.phase === 'scan') {
      yield* endScan(feed);
      continue;
    }
    if (sink === null && meter.taken > state.acked) {
      yield* acknowledge(feed, Math.min(meter.taken, state.acked + ACK_ROWS));
      continue;
    }
    if (sink !== null && entries.length > 0) {
      waitingSince ??= performance.now();
      const waited = performance.now() - waitingSince;
      // While rows are being copied, no more entries arrive until these are removed.
      if (full || state.copy.length > 0 || state.phase === 'ending' || waited >= sink.lingerMs) {
        const batch = first === null ? entries : entries.filter(({ seq }) => seq <= (first ?? seq));
        first = null;
        waitingSince = null;
        yield* deliver(feed, sink, batch.length === 0 ? entries : batch);
        continue;
      }
    }
    if (beat(feed, meter, beats)) {
      yield stepOf(work.details, feed.state, phaseOf(feed));
      continue;
    }
    if (told.again(feed)) {
      yield stepOf(work.details, feed.state, phaseOf(feed));
      continue;
    }
    const isDue = work.details.resolvedEveryMs !== null || waitingSince !== null;
    await changed(feed, beats.everyMs > FIRST_BEAT_MS && !isDue, io.signal);
  }
}

/** Steps in quick succession are not all saved: the last one is repeated when none follows it. */
const createTold = () => {
  let last: { readonly state: State; readonly at: number; again: boolean } | null = null;
  return {
    again: ({ state }: Feed): boolean => {
      const now = performance.now();
      if (last?.state !== state) last = { state, at: now, again: false };
      if (last.again || now - last.at < SAVED_MS) return false;
      last.again = true;
      return true;
    },
  };
};

/** The engine's minimum interval between saved steps, plus a margin. */
const SAVED_MS = 500;

type Seen = { readonly meter: Meter; readonly entries: readonly Entry[]; readonly full: boolean };

/** Checks the log once: `changed` when the catalogue has changed, `busy` when the log cannot be read at the moment. */
const probe = (feed: Feed): Seen | 'changed' | 'busy' => {
  const { target, sink, state, gone } = feed;
  const { sql } = target;
  try {
    sql.exec('BEGIN');
    try {
      if (sql.pragma('schema_version', { simple: true }) !== feed.schemaVersion) return 'changed';
      const meter = feed.readMeter();
      feed.seen = Math.max(feed.seen, meter.newest);
      if (sink === null || meter.newest === state.acked) return { meter, entries: [], full: false };
      return { meter, ...feed.readPage(state.acked, meter.at, gone?.upTo ?? meter.newest, sink.bounds) };
    } finally {
      sql.exec('COMMIT');
    }
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return 'busy';
    throw error;
  }
};

/** All rows are in the log. In a scan-only feed, stops the logging. */
async function* endScan(feed: Feed): Steps {
  const { target, work } = feed;
  yield* change(feed, 'scanning', (state) => {
    const isEnd = work.details.initialScan === 'ONLY';
    if (isEnd) {
      dropTriggers(target.sql, work.claim);
      if (work.details.resolvedEveryMs !== null) logResolved(feed, Date.now());
    }
    const { newest } = feed.readMeter();
    return { ...state, phase: isEnd ? 'ending' : 'follow', scanEnd: newest };
  });
  yield stepOf(work.details, feed.state, phaseOf(feed));
}

/** Waits for a write, or for a while. */
const changed = async (feed: Feed, rests: boolean, signal: AbortSignal) => {
  const before = dataVersion(feed);
  const until = performance.now() + (rests ? RESTING_LOOK_MS : LOOK_MS);
  do await sleep(rests ? RESTING_POLL_MS : POLL_MS, signal);
  while (dataVersion(feed) === before && performance.now() < until);
};

const dataVersion = ({ readDataVersion }: Feed): unknown => {
  try {
    return readDataVersion.get();
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
};

async function* end(feed: Feed): Steps {
  const { target, work } = feed;
  yield stepOf(work.details, { ...feed.state, phase: 'done' }, 'ending');
  // A job that is reported as succeeded has to survive a power failure.
  target.sql.pragma('synchronous = FULL');
  yield* change(feed, 'ending', (state): State => {
    dropLog(target.sql, work.claim);
    return { ...state, phase: 'done' };
  });
}
