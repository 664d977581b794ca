/**
 * Serves the subscription of a feed without a sink, in a process that answers queries. It reads the log and writes only
 * the position of the reader. The feed's own job does the rest.
 */
import { existsSync } from 'node:fs';
import { quote } from '../../../databases/quote.ts';
import { codeOf, failureOf } from '../../../databases/sqlite/errors.ts';
import { generationOf, isCompleteLog, readColumnMaps } from '../../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { tryUnfenced, unfenced } from '../../../databases/sqlite/fenced.ts';
import { openDatabase, type Target } from '../../../databases/sqlite/open.ts';
import { isTable, ownerIn } from '../../../databases/sqlite/own-names.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { badInput, cursorExpired, unavailable } from '../../../errors.ts';
import { type DatabasePlace, type Owner, Transient } from '../../../jobs/kind.ts';
import { sleep } from '../../../sleep.ts';
import { type FeedCheckpoint, NEW_FEED } from '../details.ts';
import { type FeedPage, formatFeedCursor } from '../message.ts';
import { messageOf, pageReader } from './entries.ts';
import { logStateReader } from './feed.ts';

const POLL_MS = 50;
const LONGEST_MS = 1_000;
const BOUNDS = { rows: 500, bytes: 1024 * 1024 };

export const readMessages = async (
  place: DatabasePlace,
  database: string,
  jobId: string,
  after: number | null,
): Promise<FeedPage> => {
  const until = performance.now() + LONGEST_MS;
  const file = fileOf({ database: place });
  // A database that is missing may come back; the job reports what is wrong with it.
  if (file === null || !existsSync(file)) return await emptyPage(after);
  const target = openDatabase(file, database, { lockWaitMs: 0 });
  try {
    recordEmitted(target, jobId, after);
    for (;;) {
      const page = readPage(target, jobId, after);
      if (page.messages.length > 0 || page.ended || performance.now() > until) return page;
      const version = () => target.sql.pragma('data_version', { simple: true });
      const before = version();
      do await sleep(POLL_MS);
      while (version() === before && performance.now() < until);
    }
  } catch (error) {
    const failure = failureOf(error, database);
    if (failure instanceof Transient) return await emptyPage(after);
    throw failure;
  } finally {
    target.close();
  }
};

export const acknowledgeRead = async (
  place: DatabasePlace,
  database: string,
  jobId: string,
  upTo: number,
): Promise<void> => {
  try {
    const target = openDatabase(fileOf({ database: place }) ?? '', database, { lockWaitMs: 0 });
    try {
      await unfenced(target, undefined, () => {
        checkPosition(target, jobId, upTo);
        const owner = ownerOfLog(target, jobId);
        if (owner === null) return;
        target.sql.prepare(`UPDATE ${quote(feedNames(owner).meter)} SET taken = max(taken, ?)`).run(upTo);
      });
    } finally {
      target.close();
    }
  } catch (error) {
    const failure = failureOf(error, database);
    throw failure instanceof Transient ? unavailable(failure.message) : failure;
  }
};

/**
 * While rows are copied, records the position read, since the copying stays only a little ahead of it. If that is not
 * possible now, it is recorded later.
 */
const recordEmitted = (target: Target, jobId: string, after: number | null) => {
  const owner = ownerOfLog(target, jobId);
  if (after === null || owner === null || checkpointOf(target, jobId)?.copy.length === 0) return;
  const record = target.sql.prepare(`UPDATE ${quote(feedNames(owner).meter)} SET given = max(given, ?)`);
  tryUnfenced(target, () => record.run(after));
};

const emptyPage = async (after: number | null): Promise<FeedPage> => {
  await sleep(LONGEST_MS);
  return { messages: [], after, ended: false };
};

const checkpointOf = ({ sql }: Target, jobId: string): FeedCheckpoint | null => {
  const owner = ownerIn(sql, jobId);
  return owner === null ? null : readCheckpoint<FeedCheckpoint>(sql, owner);
};

/** Null while the log of the feed does not exist. */
const ownerOfLog = ({ sql }: Target, jobId: string): Owner | null => {
  const owner = ownerIn(sql, jobId);
  return owner !== null && isTable(sql, feedNames(owner).log) ? owner : null;
};

const checkPosition = (target: Target, jobId: string, upTo: number) => {
  const { acked, ackedBefore } = checkpointOf(target, jobId) ?? NEW_FEED;
  const owner = ownerOfLog(target, jobId);
  // The log of an earlier generation is gone, and the messages after this position describe the difference to it.
  if (generationOf(upTo) < generationOf(acked) && upTo >= (ackedBefore ?? 0)) return;
  const newest = owner === null ? acked : logStateReader(target.sql, owner)().newest;
  const cursor = formatFeedCursor(upTo);
  if (upTo > newest) {
    throw badInput('after', `cursor ${cursor} is beyond the end of the changefeed, ${formatFeedCursor(newest)}`);
  }
  if (upTo < acked) {
    throw cursorExpired(
      `the messages after cursor ${cursor} were acknowledged up to ${formatFeedCursor(acked)} and removed: ` +
        'subscribe without after for the messages that are kept',
    );
  }
};

const readPage = (target: Target, jobId: string, after: number | null): FeedPage => {
  const { sql } = target;
  try {
    sql.exec('BEGIN');
    const owner = ownerOfLog(target, jobId);
    const checkpoint = checkpointOf(target, jobId);
    if (owner === null) return { messages: [], after, ended: checkpoint?.phase === 'done' };
    if (!isCompleteLog(sql, owner)) return { messages: [], after, ended: false };
    const acked = checkpoint?.acked ?? NEW_FEED.acked;
    const from = Math.max(after ?? acked, acked);
    const { lastAt, newest } = logStateReader(sql, owner)();
    const { log: logName, groups } = feedNames(owner);
    const log = quote(logName);
    // With `operations`, entries whose transaction is not known yet are left for later.
    const known = sql
      .prepare(`SELECT max(last) FROM ${quote(groups)}`)
      .pluck()
      .get() as number | null;
    const passedAt = sql.prepare(`SELECT max(at) FROM ${log} WHERE seq > ? AND seq <= ?`).pluck().get(acked, from);
    const at = Math.max(lastAt, Number(passedAt ?? 0));
    const { entries } = pageReader(sql, owner, readColumnMaps(sql, owner))(from, at, known ?? newest, BOUNDS);
    // In a scan-only feed, the reader has now requested what follows the scan.
    const ended = entries.length === 0 && checkpoint?.phase === 'ending' && from >= checkpoint.scanEnd;
    return { messages: entries.map(messageOf), after: entries.at(-1)?.seq ?? from, ended };
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) return { messages: [], after, ended: false };
    throw error;
  } finally {
    if (sql.inTransaction) sql.exec('COMMIT');
  }
};
