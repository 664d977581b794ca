/** Emits resolved timestamps while no other connection can write. */
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { ENTRY_BYTES, logSize } from '../../databases/sqlite/feed/triggers.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { type Feed, type Meter, tryChange } from './feed.ts';

/** The time of the last one, on the clock that never goes back. */
export interface Beats {
  beatAt: number;
  /** The time until the next one. It grows while nothing happens, so that an idle feed costs next to nothing. */
  everyMs: number;
  resolvedAt: number;
  /** The position of the last `resolved`. */
  resolved: number;
}

export const FIRST_BEAT_MS = 1_000;
const LONGEST_BEAT_MS = 8_000;
const LEAST_RESOLVED_MS = 50;

/**
 * If due, takes the lock and writes a `resolved` after everything that was logged; if nothing is pending, also saves
 * the time as the one up to which everything was delivered. Returns false when nothing was done.
 */
export const beat = (feed: Feed, meter: Meter, beats: Beats): boolean => {
  const { state, work, target } = feed;
  const { resolvedEveryMs } = work.details;
  const now = performance.now();
  if (state.phase !== 'follow' || state.copy.length > 0) return false;
  const isOld = resolvedEveryMs !== null && now - beats.resolvedAt >= Math.max(resolvedEveryMs, LEAST_RESOLVED_MS);
  const resolves = isOld && (feed.sink === null || state.acked >= beats.resolved);
  const rests = state.acked >= meter.newest && now - beats.beatAt >= beats.everyMs;
  if (!resolves && !rests) return false;
  return tryChange(feed, (before) => {
    const { newest, at } = feed.readMeter();
    const time = Math.max(at, Date.now());
    if (resolves) {
      beats.resolved = logResolved(feed, time);
      beats.resolvedAt = now;
      return before;
    }
    beats.beatAt = now;
    beats.everyMs = Math.min(LONGEST_BEAT_MS, 2 * beats.everyMs);
    if (before.acked < newest) return before;
    target.sql.prepare(`UPDATE ${quote(feedNames(work.claim).meter)} SET at = ?`).run(time);
    return { ...before, highWater: time };
  });
};

export const logResolved = ({ target, work }: Feed, at: number): number => {
  const names = feedNames(work.claim);
  const { lastInsertRowid } = target.sql
    .prepare(
      `INSERT INTO ${quote(names.log)} (shape, op, at, size) VALUES (0, 'R', ?, ${logSize(names)} + ${ENTRY_BYTES})`,
    )
    .run(at);
  return Number(lastInsertRowid);
};
