/** Delivers entries read from the log and removes delivered ones. */
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { stepOf } from './details.ts';
import { change, checkRoom, type Feed, phaseOf, type Steps } from './feed.ts';
import { type Entry, messageOf, textOf } from './message.ts';
import type { Sink } from './sink.ts';

export async function* deliver(feed: Feed, sink: Sink, entries: readonly Entry[]): Steps {
  const { work, io } = feed;
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return;
  const texts = entries.map((entry) => textOf(messageOf(entry), work.details));
  for await (const waits of sink.deliver({ first: first.seq, last: last.seq, texts }, io.signal)) {
    yield stepOf(work.details, feed.state, waits);
  }
  yield* acknowledge(feed, last.seq);
}

/**
 * Removes delivered entries and saves the position reached. The newest entry stays, so that its number is not reused.
 */
export async function* acknowledge(feed: Feed, upTo: number): Steps {
  const { target, work, io } = feed;
  const names = feedNames(work.claim);
  const log = quote(names.log);
  yield* change(feed, phaseOf(feed), (state) => {
    const meter = feed.readMeter();
    checkRoom(meter);
    const done = target.sql
      .prepare(
        `SELECT max(size) AS size, coalesce(max(at), 0) AS at, count(*) FILTER (WHERE op <> 'R') AS messages
         FROM ${log} WHERE seq > ? AND seq <= ?`,
      )
      .get(state.acked, upTo) as { readonly size: number; readonly at: number; readonly messages: number };
    const at = Math.max(meter.at, done.at);
    target.sql.prepare(`DELETE FROM ${log} WHERE seq <= ? AND seq < ?`).run(upTo, meter.newest);
    target.sql
      .prepare(`UPDATE ${quote(names.meter)} SET gone = @size, "full" = @size + @most, at = @at`)
      .run({ size: done.size, most: io.environment.maxFeedBytes, at });
    const isWhole = state.phase === 'follow' && upTo >= state.scanEnd;
    return {
      ...state,
      acked: upTo,
      messages: state.messages + done.messages,
      highWater: isWhole ? at : state.highWater,
    };
  });
  yield stepOf(work.details, feed.state, phaseOf(feed));
}
