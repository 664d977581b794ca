/**
 * Sends the difference after a table, or the whole database, was replaced: first the deletion of the rows that were
 * sent and do not exist any more, then the rows that were not sent, or with other values. Like all copies, both are
 * logged in batches under the write lock, next to the changes that the triggers of the new table log.
 */
import { quote } from '../../../databases/quote.ts';
import { newestColumnMap } from '../../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { inspectWatched, recreateTriggers } from '../../../databases/sqlite/feed/recreate-triggers.ts';
import { type Steps, stepOf } from '../details.ts';
import { change, type Feed, recordPending, rescanWarning } from './feed.ts';
import { differenceOf } from './table-part.ts';

/** Watches the tables that were replaced again, and compares their rows with what was sent. */
export async function* rescanReplaced(feed: Feed, what: string): Steps {
  const { target, work } = feed;
  const { sql } = target;
  const owner = work.claim;
  const message = `rescanning: ${what}`;
  const warning = rescanWarning(what, feed.sent, feed.checkpoint.acked);
  // What is still to be delivered counts as sent, because the difference follows it.
  while (recordPending(feed)) yield stepOf(work.details, feed.checkpoint, message);
  yield* change(feed, message, (checkpoint) => {
    while (recordPending(feed));
    const sentVersions = { ...checkpoint.sentVersions };
    const places = [...work.details.tables.keys()].filter((place) => {
      const known = newestColumnMap(sql, owner, place);
      const inspected = inspectWatched(sql, owner, known);
      if (inspected.state !== 'lost' || inspected.cause !== 'replaced') return false;
      sentVersions[place] = recreateTriggers(sql, owner, known).id;
      sql.prepare(`DELETE FROM ${quote(feedNames(owner).keys)} WHERE _signalbox_map = ?`).run(known.id);
      return true;
    });
    const pending = checkpoint.copy.filter(({ place }) => !places.includes(place));
    return { ...checkpoint, sentVersions, copy: [...pending, ...places.flatMap(differenceOf)] };
  });
  feed.schemaVersion = null;
  yield { ...stepOf(work.details, feed.checkpoint, message), warnings: [warning] };
}
