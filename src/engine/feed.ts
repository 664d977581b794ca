/**
 * Reads the event log live. Nothing is published separately: a commit moves the end of the log, the new events are read
 * once into `recent`, and every reader continues from its own cursor. It reads from `recent` while it keeps up, and
 * from the store when it does not. Readers that are up to date follow: they are handed the new events that they want. A
 * slow or stuck reader costs only its cursor.
 */
import { badInput, cursorExpired } from '../errors.ts';
import { type Access, maySee } from '../jobs/access.ts';
import { type Condition, EVERYTHING as EVERY_EVENT, eventField, predicateOf } from '../jobs/filter.ts';
import type { EventCursor, JobEvent } from '../jobs/job.ts';
import type { LiveReader, LiveStream } from '../live-stream.ts';
import { isLost, type Store } from '../store/store.ts';
import { createInterest } from './interest.ts';
import { createSlices } from './slices.ts';
import { startTail, type Tail } from './tail.ts';

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
    where?: Condition,
  ): Promise<LiveStream<JobEvent>>;
  /** Call this when the access of viewers has changed: all readers catch up with what they may see now. */
  accessChanged(): void;
  /** The number of streams that are open. */
  readonly listeners: number;
  stop(): Promise<void>;
}

/** A stream, and its reader while it follows. */
interface Listener {
  readonly access: () => Access;
  readonly matches: (event: JobEvent) => boolean;
  /** Everything up to here has been read, or is not wanted. While it follows: where it began to. */
  cursor: EventCursor;
  following: Following | null;
}

interface Following {
  readonly reader: LiveReader<JobEvent>;
  readonly ignore: () => void;
  /** Ends it: true if the reader has to catch up again. */
  readonly resolve: (again: boolean) => void;
  readonly reject: (error: unknown) => void;
  /** Where the reader is while events for it wait to be handed over. */
  before: EventCursor | null;
}

/** Fields of an event by which its readers are found. */
const INDEXED = ['jobId', 'userName', 'typeName', 'type', 'to', 'database'] as const;

export const startFeed = async (store: Store, onError: (error: unknown) => void): Promise<Feed> => {
  const stopped = new AbortController();
  const interest = createInterest<JobEvent, Listener>(INDEXED, eventField);
  const slices = createSlices();
  const listeners = new Set<Listener>();

  /** Stops following. What has not been handed over is read again. */
  const leave = (listener: Listener, again: boolean, error?: unknown) => {
    const { following } = listener;
    if (following === null) return;
    listener.following = null;
    listener.cursor = Math.max(listener.cursor, following.before ?? dispatched);
    following.ignore();
    if (error === undefined) following.resolve(again);
    else following.reject(error);
  };

  const hand = (listener: Listener, following: Following, events: readonly JobEvent[], upTo: EventCursor) => {
    // It has left in the meantime, and may follow again: these events are read.
    if (listener.following !== following) return;
    if (!following.reader.isReady()) return leave(listener, true);
    try {
      const taken = following.reader.take(events);
      following.before = null;
      listener.cursor = upTo;
      if (taken === undefined) return;
      listener.following = null;
      following.ignore();
      taken.then(() => following.resolve(true), following.reject);
    } catch (error) {
      leave(listener, false, error);
    }
  };

  /** What each of those who follow wants of these events. */
  const wantedOf = (events: readonly JobEvent[]) => {
    const wanted = new Map<Listener, JobEvent[]>();
    const accesses = new Map<Listener, Access>();
    for (const event of events) {
      for (const listener of interest.of(event)) {
        if (event.cursor <= listener.cursor || !listener.matches(event)) continue;
        try {
          const access = accesses.get(listener) ?? listener.access();
          accesses.set(listener, access);
          if (!maySee(access, event)) continue;
        } catch (error) {
          leave(listener, false, error);
          continue;
        }
        const known = wanted.get(listener);
        if (known === undefined) wanted.set(listener, [event]);
        else known.push(event);
      }
    }
    return wanted;
  };

  /** The end of what has been handed to those who follow, and of what is being handed to them. */
  let dispatched: EventCursor = 0;
  let begun: EventCursor = 0;
  let appended: JobEvent[] = [];
  let isDispatching = false;
  let goOn: () => void = () => undefined;
  /** Hands over what was appended, then what was appended meanwhile. */
  const dispatch = () => {
    const events = appended.slice(0, BATCH);
    const upTo = events.at(-1)?.cursor;
    isDispatching = upTo !== undefined;
    if (upTo === undefined) return;
    begun = Math.max(begun, upTo);
    appended = appended.slice(BATCH);
    if (appended.length <= MOST_WAITING) goOn();
    for (const [listener, wanted] of wantedOf(events)) {
      const { following } = listener;
      if (following === null) continue;
      following.before = dispatched;
      slices.run(() => hand(listener, following, wanted, upTo));
    }
    slices.run(() => {
      dispatched = Math.max(dispatched, upTo);
      dispatch();
    });
  };
  const tail = await startTail(store, onError, {
    isWanted: () => interest.size > 0,
    appended: (events) => {
      appended.push(...events);
      if (!isDispatching) dispatch();
      if (appended.length <= MOST_WAITING) return undefined;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    },
    skipped: (upTo) => {
      dispatched = Math.max(dispatched, upTo);
      begun = Math.max(begun, upTo);
    },
  });
  dispatched = tail.end;
  begun = tail.end;

  const read = async (after: EventCursor, access: Access): Promise<Batch> => {
    if (after >= tail.start) return fromTail(tail, after, access);
    // This is read before the events: what the store commits during the read follows it, and `start` moves on.
    const { start } = tail;
    const { events, more } = await store.events(ascending(after), access);
    const { horizon } = await store.log();
    if (after < horizon) throw expired(horizon);
    const last = events.at(-1)?.cursor;
    return { events, upTo: more && last !== undefined ? last : Math.max(start, last ?? after), more: true };
  };

  const catchUpOf = (listener: Listener, signal: AbortSignal) =>
    async function* () {
      const isOver = () => signal.aborted || stopped.signal.aborted;
      for (let isMore = true; isMore && !isOver(); ) {
        const { events, upTo, more } = await read(listener.cursor, listener.access());
        for (const event of events) {
          if (isOver()) return;
          // A slow reader may have lost the right to see it since it was read.
          if (!listener.matches(event) || !maySee(listener.access(), event)) continue;
          listener.cursor = event.cursor;
          yield event;
        }
        listener.cursor = upTo;
        isMore = more;
      }
    };

  const streamOf = (listener: Listener, where: Condition, signal: AbortSignal): LiveStream<JobEvent> => ({
    catchUp: catchUpOf(listener, signal),
    mayRead: (event) => maySee(listener.access(), event),
    follow: async (reader) => {
      if (signal.aborted || stopped.signal.aborted) return false;
      // The readers of the events that are being handed over have been chosen already.
      if (listener.cursor < begun) return true;
      const ignore = interest.add(listener, where, listener.access());
      return new Promise((resolve, reject) => {
        listener.following = { reader, ignore, resolve, reject, before: null };
      });
    },
  });

  /**
   * Returns the end of the log.
   * @throws if the log does not begin or end where the reader wants to start, or has lost that place
   */
  const checkStart = async (after: EventCursor | null): Promise<EventCursor> => {
    const { head, end, horizon, lost } = await store.log();
    tail.forget(lost);
    if (after === null) return head;
    if (after < horizon) throw expired(horizon);
    if (isLost(after, lost))
      throw cursorExpired(`cursor ${after} is of an event that the store has lost: read the jobs again`);
    if (after > end) throw badInput('after', `cursor ${after} is beyond the log's end, ${head}`);
    return head;
  };

  return {
    listen: async (after, access, signal, where = EVERY_EVENT) => {
      const head = await checkStart(after);
      const matches = predicateOf(where, eventField);
      const listener: Listener = { access, matches, cursor: after ?? head, following: null };
      if (!signal.aborted) listeners.add(listener);
      signal.addEventListener('abort', () => {
        listeners.delete(listener);
        leave(listener, false);
      });
      return streamOf(listener, where, signal);
    },
    accessChanged: () => {
      for (const listener of listeners) leave(listener, true);
    },
    get listeners() {
      return listeners.size;
    },
    stop: async () => {
      stopped.abort();
      for (const listener of listeners) leave(listener, false);
      goOn();
      await tail.stop();
    },
  };
};

/** How many events are read, and how many are handed over, at a time. */
const BATCH = 500;
/** No more events are read while more than this wait to be handed over. */
const MOST_WAITING = 2_000;

interface Batch {
  readonly events: readonly JobEvent[];
  readonly upTo: EventCursor;
  readonly more: boolean;
}

const fromTail = ({ events: recent, end }: Tail, after: EventCursor, access: Access): Batch => {
  const from = firstAfter(recent, after);
  const events = recent.slice(from, from + BATCH);
  return {
    events: events.filter((event) => maySee(access, event)),
    // The store may have lost what was behind the cursor.
    upTo: events.at(-1)?.cursor ?? Math.max(after, end),
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
