/**
 * Serves the subscription of a feed without a sink, in a thread that answers queries. It reads the log and writes only
 * the position of the reader. The feed's own job does the rest.
 */
import { existsSync } from 'node:fs';
import { codeOf, failureOf } from '../../databases/sqlite/errors.ts';
import { readShapes } from '../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { tryUnfenced, unfenced } from '../../databases/sqlite/fenced.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { openDatabase, type Target } from '../../databases/sqlite/open.ts';
import { isTable, ownerIn } from '../../databases/sqlite/own-names.ts';
import { badInput, cursorExpired, unavailable } from '../../errors.ts';
import { type Owner, Transient } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import type { State } from './details.ts';
import { pageReader } from './entries.ts';
import { meterReader } from './feed.ts';
import { type FeedPage, formatFeedCursor } from './feed-page.ts';
import { messageOf } from './message.ts';

const POLL_MS = 50;
const LONGEST_MS = 1_000;
const BOUNDS = { rows: 500, bytes: 1024 * 1024 };

/** Reads the messages after a position; waits briefly if there are none. */
export const readFeed = async (file: string, name: string, jobId: string, after: number | null): Promise<FeedPage> => {
  const until = performance.now() + LONGEST_MS;
  // A database that is missing may come back; the job reports what is wrong with it.
  if (!existsSync(file)) return await later(after);
  const target = openDatabase(file, name, { lockWaitMs: 0 });
  try {
    noteGiven(target, jobId, after);
    for (;;) {
      const page = readPage(target, jobId, after);
      if (page.messages.length > 0 || page.ended || performance.now() > until) return page;
      const version = () => target.sql.pragma('data_version', { simple: true });
      const before = version();
      do await sleep(POLL_MS);
      while (version() === before && performance.now() < until);
    }
  } catch (error) {
    const failure = failureOf(error, name);
    if (failure instanceof Transient) return await later(after);
    throw failure;
  } finally {
    target.close();
  }
};

/**
 * Records that a reader has everything up to a position.
 * @throws badInput for a position that does not exist yet, CURSOR_EXPIRED for one that has been removed
 */
export const takeFeed = async (file: string, name: string, jobId: string, upTo: number): Promise<void> => {
  const target = openDatabase(file, name, { lockWaitMs: 0 });
  try {
    await unfenced(target, undefined, () => {
      checkPlace(target, jobId, upTo);
      const owner = madeBy(target, jobId);
      if (owner === null) return;
      target.sql.prepare(`UPDATE ${quote(feedNames(owner).meter)} SET taken = max(taken, ?)`).run(upTo);
    });
  } catch (error) {
    const failure = failureOf(error, name);
    throw failure instanceof Transient ? unavailable(failure.message) : failure;
  } finally {
    target.close();
  }
};

/**
 * While rows are copied, records the position read, since the copying stays only a little ahead of it. If that is not
 * possible now, it is recorded later.
 */
const noteGiven = (target: Target, jobId: string, after: number | null) => {
  const owner = madeBy(target, jobId);
  if (after === null || owner === null || stateOf(target, jobId)?.copy.length === 0) return;
  const note = target.sql.prepare(`UPDATE ${quote(feedNames(owner).meter)} SET given = max(given, ?)`);
  tryUnfenced(target, () => note.run(after));
};

const later = async (after: number | null): Promise<FeedPage> => {
  await sleep(LONGEST_MS);
  return { messages: [], after, ended: false };
};

const stateOf = ({ sql }: Target, jobId: string): State | null => {
  const owner = ownerIn(sql, jobId);
  return owner === null ? null : readCheckpoint<State>(sql, owner);
};

/** Null while the log of the feed does not exist. */
const madeBy = ({ sql }: Target, jobId: string): Owner | null => {
  const owner = ownerIn(sql, jobId);
  return owner !== null && isTable(sql, feedNames(owner).log) ? owner : null;
};

const checkPlace = (target: Target, jobId: string, upTo: number) => {
  const state = stateOf(target, jobId);
  const acked = state?.acked ?? FIRST;
  const owner = madeBy(target, jobId);
  const newest = owner === null ? acked : meterReader(target.sql, owner)().newest;
  const shown = formatFeedCursor(upTo);
  if (upTo > newest) {
    throw badInput('after', `cursor ${shown} is beyond the end of the changefeed, ${formatFeedCursor(newest)}`);
  }
  if (upTo < acked) {
    const said = `what comes after cursor ${shown} was acknowledged up to ${formatFeedCursor(acked)}, and is gone`;
    throw cursorExpired(`${said}: subscribe without after for what is kept`);
  }
};

/** The initial position of a new log. */
const FIRST = 1;

const readPage = (target: Target, jobId: string, after: number | null): FeedPage => {
  const { sql } = target;
  try {
    sql.exec('BEGIN');
    const owner = madeBy(target, jobId);
    if (owner === null) return { messages: [], after, ended: stateOf(target, jobId)?.phase === 'done' };
    const state = stateOf(target, jobId);
    const acked = state?.acked ?? FIRST;
    const from = Math.max(after ?? acked, acked);
    const { at, newest } = meterReader(sql, owner)();
    const log = quote(feedNames(owner).log);
    const passed = sql.prepare(`SELECT max(at) FROM ${log} WHERE seq > ? AND seq <= ?`).pluck().get(acked, from);
    const lastAt = Math.max(at, Number(passed ?? 0));
    const { entries } = pageReader(sql, owner, readShapes(sql, owner))(from, lastAt, newest, BOUNDS);
    // In a scan-only feed, the reader has now requested what follows the scan.
    const ended = entries.length === 0 && state?.phase === 'ending' && from >= state.scanEnd;
    return { messages: entries.map(messageOf), after: entries.at(-1)?.seq ?? from, ended };
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return { messages: [], after, ended: false };
    throw error;
  } finally {
    if (sql.inTransaction) sql.exec('COMMIT');
  }
};
