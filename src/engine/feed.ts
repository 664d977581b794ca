/**
 * The log of events, read live. Nobody publishes: a commit moves the log's end, the end is read once into `recent`, and
 * every listener goes on from its own cursor, out of `recent` while it keeps up and out of the store when it does not.
 * A listener that is slow, or stuck, holds a cursor and nothing else.
 */
import { badInput, cursorExpired } from '../errors.ts';
import { type Access, maySee } from '../jobs/access.ts';
import { type Condition, EVERYTHING as EVERY_EVENT, eventField, predicateOf } from '../jobs/filter.ts';
import type { EventCursor, JobEvent } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import type { Store } from '../store/store.ts';
import { createNotifier } from './notifier.ts';

/** Where one stream is, for whoever hands it from one reader to many. */
export interface StreamProgress {
  /** Begin behind this, whatever the operation says. */
  readonly from: EventCursor | null;
  /** The cursor of the last event; when idle, up to where the log has been read. */
  place: EventCursor;
  /** Called when there is nothing more for now. */
  idle: () => void;
}

export interface Feed {
  /**
   * The events after a cursor, then each new one, in commit order, without a gap or a repeat, until the signal is
   * aborted; null: from now on. `access` is asked again for every batch: what a viewer may no longer see is left out.
   * `where` reads what the event itself recorded, so that a replay selects what the live stream did.
   * Throws CURSOR_EXPIRED when retention has passed the cursor, at the start or while the listener lagged.
   */
  listen(
    after: EventCursor | null,
    access: () => Access,
    signal: AbortSignal,
    more?: { readonly where?: Condition; readonly progress?: StreamProgress },
  ): Promise<AsyncGenerator<JobEvent, void, void>>;
  /** How many listen now. */
  readonly listeners: number;
  stop(): Promise<void>;
}

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };
const BATCH = 500;
const RECENT = 4_096;
const RETRY_MS = 1_000;

export const startFeed = async (store: Store, onError: (error: unknown) => void): Promise<Feed> => {
  const stopped = new AbortController();
  const appended = createNotifier();
  const tail = await startTail(store, onError, appended.now);
  let listeners = 0;

  const read = async (after: EventCursor, access: Access): Promise<Batch> => {
    if (after >= tail.start) return fromTail(tail.events, after, access);
    // Taken before the read: what comes into the store meanwhile is behind it, and `start` moves on.
    const { start } = tail;
    const { events, more } = await store.events(ascending(after), access);
    const { horizon } = await store.log();
    if (after < horizon) throw expired(horizon);
    const last = events.at(-1)?.cursor;
    return { events, upTo: more && last !== undefined ? last : Math.max(start, last ?? after), more: true };
  };

  async function* stream(
    after: EventCursor,
    access: () => Access,
    signal: AbortSignal,
    { where = EVERY_EVENT, progress }: { readonly where?: Condition; readonly progress?: StreamProgress },
  ) {
    const wanted = predicateOf(where, eventField);
    let cursor = after;
    let woken: Promise<void> | undefined;
    listeners += 1;
    try {
      while (!signal.aborted && !stopped.signal.aborted) {
        // Armed before the read: a commit between the two still wakes us. Kept when it was not waited for.
        woken ??= appended.next(signal);
        const { events, upTo, more } = await read(cursor, access());
        for (const event of events) {
          if (signal.aborted) return;
          if (!wanted(event)) continue;
          if (progress !== undefined) progress.place = event.cursor;
          yield event;
        }
        cursor = upTo;
        if (more) continue;
        if (progress !== undefined) {
          progress.place = cursor;
          progress.idle();
        }
        await woken;
        woken = undefined;
      }
    } finally {
      listeners -= 1;
    }
  }

  return {
    listen: async (after, access, signal, more = {}) => {
      const { head, horizon } = await store.log();
      if (after !== null && after < horizon) throw expired(horizon);
      if (after !== null && after > head) throw badInput('after', `cursor ${after} is beyond the log's end, ${head}`);
      return stream(after ?? head, access, signal, more);
    },
    get listeners() {
      return listeners;
    },
    stop: async () => {
      stopped.abort();
      await tail.stop();
      appended.now();
    },
  };
};

interface Batch {
  readonly events: readonly JobEvent[];
  readonly upTo: EventCursor;
  readonly more: boolean;
}

/** The newest events of the log, all of those after `start`, read once for all listeners. */
interface Tail {
  readonly start: EventCursor;
  readonly events: readonly JobEvent[];
  stop(): Promise<void>;
}

const startTail = async (store: Store, onError: (error: unknown) => void, appended: () => void): Promise<Tail> => {
  const stopped = new AbortController();
  const committed = createNotifier();
  let { head } = await store.log();
  let events: JobEvent[] = [];
  let start = head;
  let end = head;
  const ignore = store.onCommit((commit) => {
    if (commit.head <= head) return;
    head = commit.head;
    committed.now();
  });

  const append = (read: readonly JobEvent[]) => {
    events.push(...read);
    end = read.at(-1)?.cursor ?? end;
    if (events.length > 2 * RECENT) {
      events = events.slice(-RECENT);
      start = (events[0]?.cursor ?? end + 1) - 1;
    }
    if (read.length > 0) appended();
  };
  const follow = async () => {
    while (!stopped.signal.aborted) {
      const woken = committed.next(stopped.signal);
      while (end < head && !stopped.signal.aborted) {
        const read = await store.events(ascending(end), EVERYTHING);
        append(read.events);
        if (!read.more) break;
      }
      await woken;
    }
  };
  /** A store that cannot be read for a moment makes the streams late: it must not end them. */
  const followAlways = async () => {
    while (!stopped.signal.aborted) {
      await follow().catch(async (error) => {
        if (stopped.signal.aborted) return;
        onError(error);
        await sleep(RETRY_MS, stopped.signal).catch(() => undefined);
      });
    }
  };
  const following = followAlways();

  return {
    get start() {
      return start;
    },
    get events() {
      return events;
    },
    stop: async () => {
      ignore();
      stopped.abort();
      await following;
    },
  };
};

const fromTail = (recent: readonly JobEvent[], after: EventCursor, access: Access): Batch => {
  const from = firstAfter(recent, after);
  const events = recent.slice(from, from + BATCH);
  return {
    events: events.filter((event) => maySee(access, event)),
    upTo: events.at(-1)?.cursor ?? after,
    more: from + BATCH < recent.length,
  };
};

const expired = (horizon: EventCursor) =>
  cursorExpired(`the log before cursor ${horizon} has been removed by retention: read the jobs again`);

const ascending = (after: EventCursor) =>
  ({ direction: 'ascending', after: [after], before: null, limit: BATCH }) as const;

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
