/**
 * The log of events, read live. Nobody publishes: a commit moves the log's end, the end is read once into `recent`, and
 * every listener goes on from its own cursor, out of `recent` while it keeps up and out of the store when it does not.
 * A listener that is slow, or stuck, holds a cursor and nothing else.
 */
import { badInput, cursorExpired } from '../errors.ts';
import { type Access, maySee } from '../jobs/access.ts';
import type { EventCursor, JobEvent } from '../jobs/job.ts';
import type { Store } from '../store/store.ts';
import { createWake } from './wake.ts';

export interface Feed {
  /**
   * The events after a cursor, then each new one, in commit order, without a gap or a repeat, until the signal is
   * aborted; null: from now on. `access` is asked again for every batch: what a viewer may no longer see is left out.
   */
  listen(
    after: EventCursor | null,
    access: () => Access,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<JobEvent, void, void>>;
  stop(): Promise<void>;
}

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };
const BATCH = 500;
const RECENT = 4_096;

export const startFeed = async (store: Store, onError: (error: unknown) => void): Promise<Feed> => {
  const stopped = new AbortController();
  const committed = createWake();
  const appended = createWake();
  let { head } = await store.log();
  /** The events in (start, end], all of them. */
  let recent: JobEvent[] = [];
  let start = head;
  let end = head;
  const ignore = store.onCommit((commit) => {
    if (commit.head <= head) return;
    head = commit.head;
    committed.now();
  });

  const follow = async () => {
    while (!stopped.signal.aborted) {
      const woken = committed.next(stopped.signal);
      if (end < head) {
        const { events } = await store.events(ascending(end), EVERYTHING);
        append(events);
        if (events.length > 0) continue;
      }
      await woken;
    }
  };
  const append = (events: readonly JobEvent[]) => {
    const last = events.at(-1);
    if (last === undefined) return;
    recent = recent.concat(events);
    end = last.cursor;
    if (recent.length > 2 * RECENT) {
      recent = recent.slice(-RECENT);
      start = (recent[0]?.cursor ?? end + 1) - 1;
    }
    appended.now();
  };
  const following = follow().catch(onError);

  const read = async (after: EventCursor, access: Access) => {
    if (after < start) {
      const { events } = await store.events(ascending(after), access);
      const more = events.length === BATCH;
      return {
        events,
        upTo: more ? (events.at(-1)?.cursor ?? after) : Math.max(after, events.at(-1)?.cursor ?? start),
        more: true,
      };
    }
    const from = firstAfter(recent, after);
    const events = recent.slice(from, from + BATCH);
    return {
      events: events.filter((event) => maySee(access, event)),
      upTo: events.at(-1)?.cursor ?? after,
      more: from + BATCH < recent.length,
    };
  };

  async function* stream(after: EventCursor, access: () => Access, signal: AbortSignal) {
    let cursor = after;
    while (!signal.aborted) {
      const woken = appended.next(signal);
      const { events, upTo, more } = await read(cursor, access());
      for (const event of events) {
        if (signal.aborted) return;
        yield event;
      }
      cursor = upTo;
      if (!more) await woken;
    }
  }

  return {
    listen: async (after, access, signal) => {
      const log = await store.log();
      if (after !== null && after < log.horizon) {
        throw cursorExpired(`the log before cursor ${log.horizon} has been removed by retention: read the jobs again`);
      }
      if (after !== null && after > log.head)
        throw badInput('after', `cursor ${after} is beyond the log's end, ${log.head}`);
      return stream(after ?? log.head, access, AbortSignal.any([signal, stopped.signal]));
    },
    stop: async () => {
      ignore();
      stopped.abort();
      await following;
    },
  };
};

const ascending = (after: EventCursor) => ({ direction: 'ascending', after, before: null, limit: BATCH }) as const;

/** The index of the first event after a cursor, by halving. */
const firstAfter = (events: readonly JobEvent[], cursor: EventCursor): number => {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.cursor ?? 0) <= cursor) low = middle + 1;
    else high = middle;
  }
  return low;
};
