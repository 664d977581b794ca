/** Paces a feed: how far the scan may run ahead of delivery, and when an idle feed writes something. */
import { createSizer, type Sizer } from '../../databases/batch-sizer.ts';
import { type FeedCheckpoint, type FeedWork, type Steps, stepOf } from './details.ts';
import type { FeedSource, LogState, Reading } from './port.ts';

const AHEAD_ROWS = 2_000;
const AHEAD_BYTES = 4 * 1024 * 1024;
/** The longest time that a batch may keep writers waiting, in milliseconds. */
const SCAN_MS = 10;

/** Sizes the batches of the scan. Batches stay small because rows may be large and the log must stay short. */
export const scanSizer = (): Sizer => createSizer({ first: 1, most: AHEAD_ROWS });

/** Whether enough entries are pending, so that the log stays short. */
export const isAhead = ({ log, ahead }: Reading): boolean =>
  log.pendingBytes >= log.limitBytes / 2 ||
  (ahead !== null && (ahead.rows >= AHEAD_ROWS || ahead.bytes >= AHEAD_BYTES));

/** Returns false when the log has no room for another row until the pending entries are delivered. */
export async function* scan({ details }: FeedWork, source: FeedSource, sizer: Sizer): Steps<boolean> {
  const rows = sizer.sizeFor(SCAN_MS);
  const { hasRoom, lockedMs } = yield* source.scan(rows);
  if (!hasRoom && rows === 1) return false;
  if (hasRoom) sizer.done(rows, lockedMs);
  else sizer.limit(Math.floor(rows / 2));
  yield stepOf(details, source.checkpoint, 'scanning');
  return true;
}

/** When something was last written for the sake of time. */
export interface Beats {
  beatAt: number;
  /** The time until the next beat. It grows while nothing happens, so that an idle feed costs next to nothing. */
  everyMs: number;
  resolvedAt: number;
  /** The position of the last resolved timestamp. */
  resolved: number;
}

export const FIRST_BEAT_MS = 1_000;
const LONGEST_BEAT_MS = 8_000;
const LEAST_RESOLVED_MS = 50;

export const newBeats = (): Beats => ({ beatAt: 0, everyMs: FIRST_BEAT_MS, resolvedAt: 0, resolved: 0 });

/**
 * If due, logs a resolved timestamp; or, if nothing is pending, saves the time as the one up to which everything was
 * delivered. Returns false when nothing was done.
 */
export const beat = async (
  source: FeedSource,
  log: LogState,
  beats: Beats,
  { resolvedEveryMs, hasSink }: { readonly resolvedEveryMs: number | null; readonly hasSink: boolean },
): Promise<boolean> => {
  const { checkpoint } = source;
  const now = performance.now();
  if (!isFollowing(checkpoint)) return false;
  const isOld = resolvedEveryMs !== null && now - beats.resolvedAt >= Math.max(resolvedEveryMs, LEAST_RESOLVED_MS);
  if (isOld && (!hasSink || checkpoint.acked >= beats.resolved)) {
    const resolved = await source.beat('resolved');
    if (resolved === null) return false;
    beats.resolved = resolved;
    beats.resolvedAt = now;
    return true;
  }
  if (checkpoint.acked < log.newest || now - beats.beatAt < beats.everyMs) return false;
  if ((await source.beat('high water')) === null) return false;
  beats.beatAt = now;
  beats.everyMs = Math.min(LONGEST_BEAT_MS, 2 * beats.everyMs);
  return true;
};

const isFollowing = ({ phase, copy }: FeedCheckpoint): boolean => phase === 'follow' && copy.length === 0;
