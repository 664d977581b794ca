/**
 * Learns what other servers commit. The poll is the truth; a notification only shortens the wait, so that a lost one
 * costs no more than the interval. Notifications contain nothing, are sent apart from the transaction that they are
 * about, and at most one in 20 ms: inside a transaction, PostgreSQL holds a lock of the whole cluster over the flush.
 */
import type { Client } from 'pg';
import { createQueue } from '../queue.ts';
import type { Connection, Lane } from './connection.ts';
import { type Log, log } from './events.ts';

export interface WatchOptions {
  readonly lane: Lane;
  /** For notifications, around a pooler that does not deliver them. Omitted: `lane`. */
  readonly listenLane?: Lane | undefined;
  /** Sends one notification over another connection. */
  readonly notifyApart: () => Promise<void>;
  readonly onLog: (log: Log) => void;
  /** Part of each poll. */
  readonly check: (db: Connection) => Promise<void>;
  /** Something that an administrator may want to know. */
  readonly onNotice: (message: string) => void;
}

export interface Watch {
  /** This server has committed: the others look. */
  committed(log: Log): void;
  close(): Promise<void>;
}

const ACTIVE_MS = 250;
const IDLE_MS = 1_000;
/** While other writers have numbers that are not decided: nobody announces their end. */
const UNDECIDED_MS = 15;
/** Where notifications do not arrive. */
const UNHEARD_MS = 50;
/** After a commit, how long the store counts as active. */
const ACTIVE_FOR_MS = 10_000;
const COALESCED_MS = 20;
const HEARD_WITHIN_MS = 1_000;

export const NOTIFY = 'BEGIN; SET LOCAL synchronous_commit = off; NOTIFY signalbox; COMMIT';

export const startWatch = ({ lane, listenLane = lane, notifyApart, onLog, check, onNotice }: WatchOptions): Watch => {
  const inTurn = createQueue();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let activeUntil = performance.now() + ACTIVE_FOR_MS;
  let listening: Client | undefined;
  let hears: boolean | null = null;
  let onHeard = () => {};
  let due = false;
  let isUndecided = false;
  let lastHead = -1;

  const unheard = () => {
    if (hears !== null || closed) return;
    hears = false;
    onNotice('notifications of PostgreSQL do not arrive, as behind a pooler: the job store is polled more often');
  };

  /** The connection has to be idle meanwhile: a pooler delivers with the answer to the next query, which is too late. */
  const testNotifications = async () => {
    const isHeard = new Promise<boolean>((resolve) => {
      onHeard = () => resolve(true);
      setTimeout(() => resolve(false), HEARD_WITHIN_MS).unref();
    });
    await notifyApart();
    if (await isHeard) hears = true;
    else unheard();
  };

  const listen = async () => {
    const client = await listenLane.client();
    if (listening === client) return;
    listening = client;
    client.on('notification', ({ processId }) => {
      onHeard();
      if (processId !== (client as { processID?: number | null }).processID) void poll();
    });
    await listenLane.use((db) => db.script('LISTEN signalbox'));
    if (hears !== true) await testNotifications();
  };

  let checkedAt = Number.NEGATIVE_INFINITY;
  const checkNow = async (db: Connection) => {
    if (performance.now() - checkedAt < ACTIVE_MS / 2) return;
    checkedAt = performance.now();
    await check(db);
  };

  const interval = () => {
    if (isUndecided) return UNDECIDED_MS;
    if (hears === false) return UNHEARD_MS;
    return performance.now() < activeUntil ? ACTIVE_MS : IDLE_MS;
  };

  /** A store that cannot be reached reports that to its callers; the poll goes on. */
  const poll = async () => {
    if (due || closed) return;
    due = true;
    clearTimeout(timer);
    // A direct connection that cannot be opened must not delay the poll.
    const listened = listen();
    listened.catch(listenLane === lane ? () => undefined : unheard);
    await inTurn({}, () =>
      lane.use(async (db) => {
        due = false;
        if (listenLane === lane) await listened;
        const reached = await log(db);
        if (reached.head !== lastHead) activeUntil = performance.now() + ACTIVE_FOR_MS;
        lastHead = reached.head;
        isUndecided = reached.head < reached.end;
        onLog(reached);
        await checkNow(db);
      }),
    ).catch(() => undefined);
    due = false;
    clearTimeout(timer);
    if (!closed) timer = setTimeout(poll, interval());
  };

  const pollSoon = () => {
    if (isUndecided || closed) return;
    isUndecided = true;
    clearTimeout(timer);
    timer = setTimeout(poll, UNDECIDED_MS);
  };

  let notifiedAt = Number.NEGATIVE_INFINITY;
  let notifying: NodeJS.Timeout | undefined;
  const send = () => {
    notifying = undefined;
    notifiedAt = performance.now();
    inTurn({}, () => listenLane.use((db) => db.script(NOTIFY))).catch(() => undefined);
  };

  void poll();
  return {
    committed: (reached) => {
      if (reached.head < reached.end) pollSoon();
      if (closed || notifying !== undefined) return;
      activeUntil = performance.now() + ACTIVE_FOR_MS;
      const waitMs = notifiedAt + COALESCED_MS - performance.now();
      if (waitMs <= 0) send();
      else notifying = setTimeout(send, waitMs);
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      clearTimeout(notifying);
      await inTurn({}, async () => undefined);
      await Promise.all([lane.close(), listenLane.close()]);
    },
  };
};
