/** The newest events of the log, read once for all readers as they are committed. */
import type { Access } from '../jobs/access.ts';
import type { EventCursor, JobEvent } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import { isLost, type LostEvents, type Store } from '../store/store.ts';
import { createNotifier } from './notifier.ts';

export interface Tail {
  /** All events after this cursor are here. */
  readonly start: EventCursor;
  readonly end: EventCursor;
  readonly events: readonly JobEvent[];
  /** Removes what the store has lost. */
  forget(lost: readonly LostEvents[]): void;
  stop(): Promise<void>;
}

export interface TailListener {
  /** Whether anyone waits for new events. If not, many at once are skipped: later readers read them from the store. */
  isWanted(): boolean;
  /** No more events are read until the promise resolves. */
  appended(events: readonly JobEvent[]): Promise<void> | undefined;
  skipped(upTo: EventCursor): void;
}

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };
const BATCH = 500;
const RECENT = 4_096;
const RETRY_MS = 1_000;

export const startTail = async (
  store: Store,
  onError: (error: unknown) => void,
  listener: TailListener,
): Promise<Tail> => {
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

  const append = async (read: readonly JobEvent[]) => {
    if (read.length === 0) return;
    events.push(...read);
    end = read.at(-1)?.cursor ?? end;
    if (events.length > 2 * RECENT) {
      events = events.slice(-RECENT);
      start = (events[0]?.cursor ?? end + 1) - 1;
    }
    await listener.appended(read);
  };
  const skip = () => {
    events = [];
    start = head;
    end = head;
    listener.skipped(end);
  };
  let next: Promise<void> | undefined;
  const follow = async () => {
    while (!stopped.signal.aborted) {
      // Armed once, however often a read fails.
      next ??= committed.next(stopped.signal);
      while (end < head && !stopped.signal.aborted) {
        if (head - end > RECENT && !listener.isWanted()) {
          skip();
          break;
        }
        const page = { direction: 'ascending', after: [end], before: null, limit: BATCH } as const;
        const read = await store.events(page, EVERYTHING);
        await append(read.events);
        if (!read.more) break;
      }
      await next;
      next = undefined;
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
    get end() {
      return end;
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
