import { join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { sleep } from '../../sleep.ts';
import { FIRST, isSearch, readMethods, writeMethods } from '../methods.ts';
import type { Ticket } from '../queue.ts';
import { sql } from '../sql.ts';
import type { Caller, OpenStore, Reads, Store, StoreOptions } from '../store.ts';
import { createWriting, howToWrite, readingOf } from './calls.ts';
import { ANSWER_MS, type Connection, createLane } from './connection.ts';
import { log } from './events.ts';
import { failureOf } from './failures.ts';
import { CLOCK } from './holds.ts';
import { migrate } from './migrate.ts';
import { createNews } from './news.ts';
import { chooseMode, knowsTransactionTimeout, STORE_LOCK } from './order.ts';
import { createReader } from './reader.ts';
import { dueSchedules } from './schedule-runs.ts';
import { endSilent, heartbeat } from './sessions.ts';
import { repair } from './set-back.ts';
import { seed } from './users.ts';
import { NOTIFY, startWatch } from './watch.ts';
import { type Order, UNKNOWN_ORDER } from './write-order.ts';
import { createWriter } from './writer.ts';

/** How long a server waits for PostgreSQL when it starts. */
const START_MS = 60_000;
const START_RETRY_MS = 500;
/** A heartbeat that takes longer is repeated. */
const HEARTBEAT_MS = 5_000;
/** The same, for a look at what other servers have committed. */
const WATCH_MS = 10_000;
const READERS = 2;
/** Where writers do not wait for each other: for long or rare calls, next to the one for batches. */
const OWN_WRITERS = 2;
const SEARCHERS = 1;

/**
 * Migrates and opens a store on PostgreSQL. Everything runs in the calling thread, on a few connections: one or three
 * for writes, two for reads, one for searches, one for heartbeats, and one that watches what other servers commit.
 */
export const openPostgresStore: OpenStore = async (options): Promise<Store> => {
  const { url, listenUrl, clock = 'database', onNotice = () => undefined } = options;
  const start = await prepare(options);
  const { order } = start;
  const news = createNews(start.log);
  const beating = createLane(url, HEARTBEAT_MS);
  /** The lease of this server's own session, once it has one. */
  let leaseMs = Number.POSITIVE_INFINITY;
  const watch = startWatch({
    lane: createLane(url, WATCH_MS, order),
    listenLane: listenUrl === undefined ? undefined : createLane(listenUrl, WATCH_MS),
    notifyApart: () => notifyOnce(url),
    onLog: news.polled,
    check: async (db) => {
      const isTimed = leaseMs < Number.POSITIVE_INFINITY && clock === 'database';
      if (isTimed && (await endSilent(db, leaseMs, CLOCK)) > 0) news.sessionsEnded();
    },
    onNotice,
  });
  const writer = createWriter({
    lanes: Array.from({ length: order.mode === 'floor' ? 1 + OWN_WRITERS : 1 }, () =>
      createLane(url, ANSWER_MS, order),
    ),
    order,
    hasTransactionTimeout: start.hasTransactionTimeout,
    onSetBack: () => onNotice(SET_BACK),
    onCommit: (reached) => {
      news.committed(reached);
      watch.committed(reached);
    },
  });
  const execute = createWriting({ retry: options.retry, clock });
  const reader = createReader(url, READERS, false, order);
  const searcher = createReader(url, SEARCHERS, true, order);

  const read = (caller?: Caller) => (name: string, args: readonly unknown[]) => {
    const signal = caller?.signal();
    const ticket: Ticket = {
      first: FIRST.includes(name),
      line: caller?.userName ?? '',
      ...(signal === undefined ? {} : { signal }),
    };
    return (isSearch(name, args) ? searcher : reader).read(ticket, (db) => readingOf(name)(db, ...args));
  };
  const write = (name: string, args: readonly unknown[]) =>
    writer.write((db, now) => execute(name, args, db, now), howToWrite(name, args));

  return {
    id: start.storeId,
    ...readMethods(read()),
    ...writeMethods(write),
    heartbeat: async (sessionId, lease, now) => {
      leaseMs = lease;
      const at = clock === 'given' ? sql`${now}::bigint` : CLOCK;
      return beating
        .use((db) => heartbeat(db, sessionId, lease, at))
        .catch((error) => {
          throw failureOf(error);
        });
    },
    dueSchedules: (node, now, except) => {
      const at = clock === 'given' ? sql`${now}::bigint` : CLOCK;
      return reader.read({ first: false, line: '' }, (db) => dueSchedules(db, node, at, except));
    },
    readsFor: (caller) => readMethods(read(caller)) as Reads,
    onCommit: news.onCommit,
    close: async () => {
      await watch.close();
      await Promise.all([writer.close(), reader.close(), searcher.close(), beating.close()]);
    },
  };
};

const SET_BACK =
  'PostgreSQL has failed over, or was restored, and the job store lacks its last events: what they had changed is lost';

/** PostgreSQL may be starting at the same time: it is waited for. */
const prepare = async (options: StoreOptions) => {
  const { url, onNotice = () => undefined } = options;
  const until = performance.now() + START_MS;
  for (let attempts = 1; ; attempts += 1) {
    const lane = createLane(url, ANSWER_MS);
    try {
      return await lane.use((db) => prepareOn(db, options));
    } catch (error) {
      const failure = failureOf(error);
      const isTemporary = failure instanceof SignalboxError && failure.code === 'UNAVAILABLE';
      if (!isTemporary || performance.now() > until) throw failure;
      if (attempts === 1) onNotice(`${failure.message}: trying again for ${START_MS / 1_000} seconds`);
      await sleep(START_RETRY_MS);
    } finally {
      await lane.close();
    }
  }
};

const prepareOn = async (db: Connection, { migrations, onMigrated, onNotice = () => undefined }: StoreOptions) => {
  const applied = await migrate(db, join(migrations, 'postgres', 'migrations'));
  if (applied.length > 0) onMigrated?.(applied);
  await seed(db, Date.now());
  const [row] = await db.rows<{ readonly storeId: string }>(sql`SELECT store_id FROM counters`);
  if (row === undefined) throw new Error('the job store has no id: its table counters is empty');
  const mode = await chooseMode(db);
  const order: Order = { ...UNKNOWN_ORDER, mode, server: { timeline: null }, known: { cursor: 0, revision: 0 } };
  if (await repair({ ...db, order }, STORE_LOCK)) onNotice(SET_BACK);
  return {
    storeId: row.storeId,
    order,
    log: await log({ ...db, order }),
    hasTransactionTimeout: await knowsTransactionTimeout(db),
  };
};

const notifyOnce = async (url: string): Promise<void> => {
  const lane = createLane(url, WATCH_MS);
  try {
    await lane.use((db) => db.script(NOTIFY));
  } finally {
    await lane.close();
  }
};
