/**
 * The work of a changefeed. Triggers write the changes into a log in the database itself (databases/feed/triggers.ts);
 * rows that were there before are copied into it (copy.ts). Here the log is read, what it has is delivered, and what was
 * delivered is removed, in one transaction with the place that was reached. A crash before that delivers again.
 *
 * A feed without a sink is read by the subscription (read.ts), which says in the meter how far its reader has come.
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
  // The feed writes to tables of its own only: what is wrong with the keys of others is theirs.
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

/** What went wrong for good pauses the job where that was asked for; not what has lost changes already. */
const byPolicy = (error: unknown, { onError }: Details, signal: AbortSignal): unknown => {
  const isItsOwn = error instanceof Transient || error instanceof Fenced || error instanceof TooMuchWaits;
  if (isItsOwn || signal.aborted || onError === 'FAIL') return error;
  return new PauseAsked(messageOf(error));
};

/** How often it is looked whether somebody has written: where nothing happens, half as often. */
const POLL_MS = 50;
const RESTING_POLL_MS = 100;
/** A feed that sees no change looks again after so long: something else may be due. */
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
      // While rows are to be copied, nothing more comes before these are gone.
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

/** Steps that come close together are not all saved: the last is told once more when nothing follows it. */
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

/** The engine saves a step at most so often, and a little. */
const SAVED_MS = 500;

type Seen = { readonly meter: Meter; readonly entries: readonly Entry[]; readonly full: boolean };

/** One look at the log: `changed` when the catalogue is another one, `busy` when it cannot be read just now. */
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

/** All rows are in the log. When they are all that was asked for, nothing more is to be logged. */
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

/** Until somebody has written, or a while later. */
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
  // What is reported as succeeded has to outlive a power cut.
  target.sql.pragma('synchronous = FULL');
  yield* change(feed, 'ending', (state): State => {
    dropLog(target.sql, work.claim);
    return { ...state, phase: 'done' };
  });
}
