/**
 * Begins a claim of a feed: creates its log and triggers, or finds its position in the log that is there. A log that is
 * missing, or whose position is older than what was delivered, means that somebody replaced the database, or removed
 * what the feed keeps in it. A feed that rescans then begins a new generation of the log, whose positions come after all
 * earlier ones, so that no message and no file is confused with one that was delivered.
 */
import { createSizer } from '../../../databases/batch-sizer.ts';
import { quote } from '../../../databases/quote.ts';
import { lostMessage } from '../../../databases/sqlite/acquire-fence.ts';
import { inBatches } from '../../../databases/sqlite/drop.ts';
import { gapsOf } from '../../../databases/sqlite/feed/gaps.ts';
import { completeLog, createLog, missingTable, nextFirst, watchTable } from '../../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { dropLog, dropTriggers, isAnythingLeft, shrinkLog } from '../../../databases/sqlite/feed/remove.ts';
import { logSize } from '../../../databases/sqlite/feed/triggers.ts';
import { isLost, readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import { type Io, PauseAsked, type Step } from '../../../jobs/kind.ts';
import {
  type FeedCheckpoint,
  type FeedProgress,
  type FeedWork,
  mayRescan,
  NEW_FEED,
  type Steps,
  stepOf,
} from '../details.ts';
import { formatFeedCursor } from '../message.ts';
import { ReplacedError } from '../port.ts';
import { roughCount } from './copy.ts';
import { droppedMessage, rescanWarning, usesGroups } from './feed.ts';
import type { Sent } from './sent.ts';
import { type Copy, differenceOf } from './table-part.ts';

interface Beginning {
  readonly work: FeedWork;
  readonly io: Io;
  readonly target: Target;
  readonly sent: Sent | null;
}

type Waiting = Step<FeedProgress>;

export async function* begin(beginning: Beginning): Steps<FeedCheckpoint> {
  const { work, io, target, sent } = beginning;
  const { details, claim } = work;
  const { sql } = target;
  const saved = readCheckpoint<FeedCheckpoint>(sql, claim);
  if (saved?.phase === 'done') return saved;
  // The number of rows to scan is not known yet.
  const { fractionCompleted: _, ...waiting } = stepOf(details, saved ?? checkpointBefore(work), 'beginning');
  const replaced = replacedBy(beginning, saved);
  if (replaced !== null) return yield* beginAgain(beginning, saved, replaced, waiting);
  const create = (): FeedCheckpoint => {
    const columnMaps = createAll(beginning, NEW_FEED.acked);
    if (details.initialScan === 'NO' && sent === null) return { ...NEW_FEED, phase: 'follow' };
    const copy = columnMaps.map(({ place, table }): Copy => {
      const rows = details.initialScan === 'ONLY' ? roughCount(sql, table) : 0;
      const known = details.initialScan === 'NO' ? ({ compare: 'known' } as const) : {};
      return { what: 'table', place, part: 'keyed', after: null, rows, ...known };
    });
    return { ...NEW_FEED, phase: details.initialScan === 'NO' ? 'follow' : 'scan', copy };
  };
  const resume = (checkpoint: FeedCheckpoint) => {
    completeLog(sql, claim);
    const names = feedNames(claim);
    // The limit may have changed since. A log that exceeded the old limit keeps it, because changes are already lost.
    sql
      .prepare(`UPDATE ${quote(names.meter)} SET "full" = gone + ? WHERE ${logSize(names)} < "full"`)
      .run(io.environment.maxFeedBytes);
    return checkpoint;
  };
  const make = () => (saved === null ? create() : resume(saved));
  const checkpoint = yield* fenced(target, claim, waiting, io.signal, make, Number.POSITIVE_INFINITY);
  const warnings = saved === null ? details.tables.flatMap((table) => gapsOf(sql, table)) : [];
  if (warnings.length > 0) yield { ...stepOf(details, checkpoint, 'beginning'), warnings };
  return checkpoint;
}

/** What was known of the position before the database was replaced. */
const checkpointBefore = ({ checkpoint }: FeedWork): FeedCheckpoint => ({
  ...NEW_FEED,
  ...(checkpoint === null ? {} : { acked: checkpoint.acked }),
  messages: checkpoint?.messages ?? NEW_FEED.messages,
  highWater: checkpoint?.highWater ?? NEW_FEED.highWater,
});

/** Creates the log and watches all tables. */
const createAll = ({ work: { details, claim }, io, target: { sql } }: Beginning, first: number) => {
  createLog(sql, claim, io.environment.maxFeedBytes, first);
  if (usesGroups(details)) sql.prepare(`INSERT INTO ${quote(feedNames(claim).groups)} VALUES (?)`).run(first);
  return details.tables.map((table, place) => watchTable(sql, { owner: claim, place, diff: details.diff }, table));
};

/** Describes what was replaced; null if everything is as it should be. */
const replacedBy = ({ work, target, sent }: Beginning, saved: FeedCheckpoint | null): string | null => {
  const { details, claim, checkpoint } = work;
  const file = `the file of database ${details.database}`;
  if (saved === null) {
    const isNew = checkpoint === null && (sent?.last ?? 0) === 0 && !isLost(target.sql, claim);
    if (isNew) return null;
    return isAnythingLeft(target.sql, claim)
      ? lostMessage(claim, `database ${details.database}`)
      : `${file} was replaced`;
  }
  const delivered = checkpoint?.acked ?? 0;
  if (saved.acked < delivered) {
    return (
      `${file} was replaced by an older copy: its changefeed is at ${formatFeedCursor(saved.acked)}, but messages up ` +
      `to ${formatFeedCursor(delivered)} were delivered`
    );
  }
  const missing = missingTable(target.sql, claim);
  if (missing !== null) return droppedMessage(missing, details.database);
  const newest = target.sql
    .prepare(`SELECT max(seq) FROM ${quote(feedNames(claim).log)}`)
    .pluck()
    .get() as number;
  return newest < (sent?.last ?? 0) ? `${file} was replaced by an older copy` : null;
};

/**
 * Begins a new generation of the log, with a rescan of all tables, if the feed is to rescan.
 * @throws ReplacedError otherwise; PauseAsked if the log is there, but not the position
 */
async function* beginAgain(
  beginning: Beginning,
  saved: FeedCheckpoint | null,
  replaced: string,
  waiting: Waiting,
): Steps<FeedCheckpoint> {
  const { work, io, target, sent } = beginning;
  const { details, claim } = work;
  const { sql } = target;
  const { signal } = io;
  const forever = Number.POSITIVE_INFINITY;
  if (!mayRescan(work)) {
    // While a table of the feed is missing, its triggers make writes fail.
    if (missingTable(sql, claim) !== null && isAnythingLeft(sql, claim)) {
      yield* fenced(target, claim, waiting, signal, () => dropTriggers(sql, claim), forever);
    } else if (saved === null && isAnythingLeft(sql, claim) && details.onTableReplaced === 'FAIL') {
      throw new PauseAsked(replaced);
    }
    throw new ReplacedError(replaced);
  }
  const message = `rescanning: ${replaced}`;
  const step = { ...waiting, message };
  const before = checkpointBefore(work);
  const acked = Math.max(before.acked, saved?.acked ?? 0);
  const latest = Math.max(acked, sent?.last ?? 0);
  const warning = rescanWarning(replaced, sent, acked);
  sent?.doubt(acked);
  yield* fenced(target, claim, step, signal, () => dropTriggers(sql, claim), forever);
  yield* inBatches(target, claim, step, signal, createSizer({ first: 1_000 }), (rows) => shrinkLog(sql, claim, rows));
  const checkpoint = yield* fenced(
    target,
    claim,
    step,
    signal,
    (): FeedCheckpoint => {
      dropLog(sql, claim);
      const first = nextFirst(latest);
      const copy = createAll(beginning, first).flatMap(({ place }) => differenceOf(place));
      return {
        ...NEW_FEED,
        phase: details.initialScan === 'ONLY' ? 'scan' : 'follow',
        acked: first,
        ackedBefore: acked,
        scanEnd: first,
        messages: Math.max(before.messages, saved?.messages ?? 0),
        highWater: before.highWater ?? saved?.highWater ?? null,
        copy,
      };
    },
    forever,
  );
  yield { ...stepOf(details, checkpoint, message), warnings: [warning] };
  return checkpoint;
}
