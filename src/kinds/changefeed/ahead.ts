/** Limits how far the copying of rows runs ahead of delivery, so that the log stays short. */
import { createSizer, type Sizer } from '../../databases/batch-sizer.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { logSize } from '../../databases/sqlite/feed/triggers.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { copyRows } from './copy.ts';
import { stepOf } from './details.ts';
import { change, type Feed, type Meter, type Steps } from './feed.ts';

const AHEAD_ROWS = 2_000;
const AHEAD_BYTES = 4 * 1024 * 1024;
/** The longest time that a batch may keep writers waiting, in milliseconds. */
const COPY_MS = 10;

/** Sizes the batches of the copy. Batches stay small because rows may be large and the log must stay short. */
export const copySizer = (): Sizer => createSizer({ first: 1, most: AHEAD_ROWS });

/**
 * Whether enough entries are pending. Entries that a subscription has read count as delivered, although its reader may
 * request them again.
 */
export const isAhead = ({ sink, state, target, work }: Feed, { size, most, newest, given }: Meter): boolean => {
  if (size >= most / 2) return true;
  const from = sink === null ? Math.max(state.acked, given) : state.acked;
  if (newest - from >= AHEAD_ROWS) return true;
  const names = feedNames(work.claim);
  const at = target.sql
    .prepare(`SELECT size FROM ${quote(names.log)} WHERE seq = ?`)
    .pluck()
    .get(from);
  // If the entry has been removed, so have all before it; the pending bytes are then those of the meter.
  const waiting =
    at === undefined
      ? size
      : target.sql
          .prepare(`SELECT ${logSize(names)} - ?`)
          .pluck()
          .get(at);
  return Number(waiting) >= AHEAD_BYTES;
};

/** Returns false when the log has no room for another row until the pending entries are delivered. */
export async function* copy(feed: Feed, sizer: Sizer): Steps<boolean> {
  const rows = sizer.sizeFor(COPY_MS);
  let startedAt = 0;
  let isRoom = true;
  yield* change(feed, 'scanning', (state) => {
    startedAt = performance.now();
    const { sql } = feed.target;
    const before = feed.readMeter();
    sql.exec('SAVEPOINT _signalbox_copy');
    const copied = copyRows(feed, state, rows);
    const { size, most } = feed.readMeter();
    // The other half of the log is reserved for writers. A single row may take all of it.
    isRoom = size < most / 2 || (rows === 1 && before.size === 0);
    if (!isRoom) sql.exec('ROLLBACK TO _signalbox_copy');
    sql.exec('RELEASE _signalbox_copy');
    return isRoom ? copied : state;
  });
  if (!isRoom && rows === 1) return false;
  if (isRoom) sizer.done(rows, performance.now() - startedAt);
  else sizer.limit(Math.floor(rows / 2));
  yield stepOf(feed.work.details, feed.state, 'scanning');
  return true;
}
