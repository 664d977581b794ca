/**
 * Reads the event log live. Nothing is published separately: a commit moves the end of the log, the new events are read
 * once into `recent`, and every listener continues from its own cursor. It reads from `recent` while it keeps up, and
 * from the store when it does not. A slow or stuck listener costs only its cursor.
 */
import { badInput, cursorExpired } from '../errors.ts';
import { type Access, maySee } from '../jobs/access.ts';
import { type Condition, EVERYTHING as EVERY_EVENT, eventField, predicateOf } from '../jobs/filter.ts';
import type { EventCursor, JobEvent } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import { isLost, type LostEvents, type Store } from '../store/store.ts';
import { createNotifier } from './notifier.ts';

/** The progress of one stream, for code that moves a reader from its own stream to a shared one. */
export interface StreamProgress {
  /** Start after this cursor, overriding the operation. */
  readonly from: EventCursor | null;
  /** The cursor of the last event; when idle, the cursor up to which the log has been read. */
  position: EventCursor;
  /** Called when no more events are available for now. */
  idle: () => void;
}

export interface Feed {
  /**
   * Emits the events after a cursor and then each new one, in commit order, without gaps or repeats, until the signal
   * is aborted. A null cursor starts from now. `access` is evaluated for every batch, and events that the viewer may no
   * longer see are omitted. `where` reads what the event itself recorded, so that a replay selects the same events as
   * the live stream.
   * Throws CURSOR_EXPIRED when retention has passed the cursor, at the start or while the listener lagged.
   */
  listen(
    after: EventCursor | null,
    access: () => Access,
    signal: AbortSignal,
    more?: { readonly where?: Condition; readonly progress?: StreamProgress },
  ): Promise<AsyncGenerator<JobEvent, void, void>>;
  /** The number of current listeners. */
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
  const tail = await startTail(store, onError, appended.notify);
  let listeners = 0;

  const read = async (after: EventCursor, access: Access): Promise<Batch> => {
    if (after >= tail.start) return fromTail(tail.events, after, access);
    // This is read before the events: what the store commits during the read follows it, and `start` moves on.
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
    let appendedNext: Promise<void> | undefined;
    listeners += 1;
    try {
      while (!signal.aborted && !stopped.signal.aborted) {
        // Armed before the read, so that a commit between the two still notifies us. It is kept if it was not awaited.
        appendedNext ??= appended.next(signal);
        const { events, upTo, more } = await read(cursor, access());
        for (const event of events) {
          if (signal.aborted) return;
          if (!wanted(event)) continue;
          if (progress !== undefined) progress.position = event.cursor;
          yield event;
        }
        cursor = upTo;
        if (more) continue;
        if (progress !== undefined) {
          progress.position = cursor;
          progress.idle();
        }
        await appendedNext;
        appendedNext = undefined;
      }
    } finally {
      listeners -= 1;
    }
  }

  return {
    listen: async (after, access, signal, more = {}) => {
      const { head, end, horizon, lost } = await store.log();
      tail.forget(lost);
      if (after !== null && after < horizon) throw expired(horizon);
      if (after !== null && isLost(after, lost))
        throw cursorExpired(`cursor ${after} is of an event that the store has lost: read the jobs again`);
      if (after !== null && after > end) throw badInput('after', `cursor ${after} is beyond the log's end, ${head}`);
      return stream(after ?? head, access, signal, more);
    },
    get listeners() {
      return listeners;
    },
    stop: async () => {
      stopped.abort();
      await tail.stop();
      appended.notify();
    },
  };
};

interface Batch {
  readonly events: readonly JobEvent[];
  readonly upTo: EventCursor;
  readonly more: boolean;
}

/** The newest events of the log: all of those after `start`, read once for all listeners. */
interface Tail {
  readonly start: EventCursor;
  readonly events: readonly JobEvent[];
  /** Removes what the store has lost. */
  forget(lost: readonly LostEvents[]): void;
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
    committed.notify();
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
      const next = committed.next(stopped.signal);
      while (end < head && !stopped.signal.aborted) {
        const read = await store.events(ascending(end), EVERYTHING);
        append(read.events);
        if (!read.more) break;
      }
      await next;
    }
  };
  /** A store that is temporarily unreadable delays the streams but must not end them. */
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
    forget: (lost) => {
      if (lost.length > 0) events = events.filter(({ cursor }) => !isLost(cursor, lost));
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

/** The index of the first event after a cursor, by binary search. */
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
