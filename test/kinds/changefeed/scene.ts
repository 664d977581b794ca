/** A database, a folder and a feed for one test of CHANGEFEED. */
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { createDatabaseFile } from '../../../src/databases/sqlite/open.ts';
import { type Environment, Fenced, type Kind, type Step } from '../../../src/jobs/kind.ts';
import { changefeedKind } from '../../../src/kinds/changefeed/index.ts';
import type { ChangefeedInput } from '../../../src/kinds/changefeed/input.ts';
import { claimOf, ioOf } from '../../support/claimed.ts';
import { environmentOf, sqliteAt } from '../../support/places.ts';
import { JOB_ID, type Scene } from '../contract.ts';

export const CHANGEFEED = changefeedKind as Kind;

export type FeedInput = Partial<ChangefeedInput>;

export type Place = Awaited<ReturnType<typeof openPlace>>;

/** A database made by these statements, and a connection to it that is somebody else's. */
export const openPlace = (statements: string, given: Partial<Environment> = {}) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalbox-feed-'));
  const filesDir = path.join(dir, 'files');
  const file = path.join(dir, 'demo.db');
  mkdirSync(filesDir);
  createDatabaseFile(file);
  const sql = new Sqlite(file);
  sql.exec(statements);
  const all = (statement: string) => sql.prepare(statement).raw().all() as unknown[][];
  return {
    file,
    filesDir,
    sql,
    environment: environmentOf({ filesDir, database: sqliteAt(file), ...given }),
    all,
    exec: (text: string) => void sql.exec(text),
    hidden: () =>
      all("SELECT name FROM sqlite_schema WHERE name LIKE '%signalbox%' AND name <> '_signalbox_jobs' ORDER BY name"),
    state: () => {
      const row = sql.prepare('SELECT state FROM _signalbox_jobs WHERE jobId = ?').pluck().get(JOB_ID);
      return JSON.parse(String(row)) as { phase: string; acked: number; messages: number; highWater: number | null };
    },
    /** What the files of the feed hold, in the order of their names. */
    files: (folder = 'feed') => {
      try {
        return readdirSync(path.join(filesDir, folder)).sort();
      } catch {
        return [];
      }
    },
    messages: (folder = 'feed'): Message[] => {
      const names = readdirSync(path.join(filesDir, folder)).sort();
      return names.flatMap((name) => parseLines(readFileSync(path.join(filesDir, folder, name), 'utf8')));
    },
    [Symbol.asyncDispose]: async () => {
      sql.close();
      rmSync(dir, { recursive: true });
    },
  };
};

export interface Message {
  readonly key: unknown[];
  readonly table: string;
  readonly after?: Record<string, unknown> | null;
  readonly before?: Record<string, unknown> | null;
  readonly updated?: string;
  readonly resolved?: string;
}

const parseLines = (text: string): Message[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Message);

/** A feed of all tables given, into files under `feed`. */
export const createFeed = async (place: Place, { tables = ['t'], ...input }: FeedInput = {}) => {
  const given = { database: 'demo', tables, sink: 'nodelocal:///feed', ...input };
  const {
    details,
    secrets = {},
    returnedOnce: shown,
    description,
  } = await changefeedKind.create(given, place.environment);
  return { details, secrets, shown, description };
};

/** For the contract: what is seen of a feed is what it has told when it is done. */
export const openScene = async (statements: string, input: FeedInput): Promise<Scene> => {
  const place = openPlace(statements);
  const { details, secrets } = await createFeed(place, { ...input, initialScan: 'ONLY' });
  return {
    details,
    secrets,
    environment: place.environment,
    snapshot: () => {
      const isDone = place.all("SELECT 1 FROM sqlite_schema WHERE name = '_signalbox_jobs'").length > 0;
      const phase = isDone && place.all('SELECT state FROM _signalbox_jobs WHERE state IS NOT NULL').length > 0;
      const told = phase && place.state().phase === 'done' ? place.messages().map((one) => JSON.stringify(one)) : [];
      return [[...new Set(told)], (details.tables as string[]).map((table) => place.all(`SELECT * FROM "${table}"`))];
    },
    hidden: place.hidden,
    [Symbol.asyncDispose]: place[Symbol.asyncDispose],
  };
};

export type Feed = Awaited<ReturnType<typeof createFeed>>;

/** Runs a feed as the engine does, until it is stopped. */
export const startFeed = (place: Place, feed: Feed, epoch = 1, checkpoint: unknown = null) => {
  const stop = new AbortController();
  const steps: Step<unknown>[] = [];
  const events = new EventEmitter();
  const ended = (async () => {
    const work = {
      details: feed.details,
      secrets: feed.secrets,
      checkpoint: checkpoint as never,
      claim: claimOf(JOB_ID, epoch),
      began: false,
    };
    const io = ioOf(place.environment, { signal: stop.signal });
    try {
      await changefeedKind.acquireFence?.(work, io, 'run');
      for await (const step of changefeedKind.run(work, io)) {
        steps.push(step);
        events.emit('step');
        await new Promise(setImmediate);
      }
      return 'finished' as const;
    } catch (error) {
      if (stop.signal.aborted) return 'stopped' as const;
      if (error instanceof Fenced) return 'fenced' as const;
      return error as Error;
    }
  })();
  let over = false;
  void ended.then(() => {
    over = true;
    events.emit('step');
  });
  return {
    steps,
    ended,
    /** Waits until a condition holds, which is checked at each step: a feed yields one after each of its commits. */
    until: async (isSo: () => boolean) => {
      while (!isSo()) {
        if (over) throw new Error(`the feed has ended: ${await ended}`);
        await once(events, 'step');
      }
    },
    stop: async () => {
      stop.abort();
      return ended;
    },
  };
};

/** Runs a feed until all that was logged is delivered. */
export const drain = async (place: Place, feed: Feed, epoch: number) => {
  const running = startFeed(place, feed, epoch);
  // Its second step comes when it has looked at the tables.
  await running.until(() => running.steps.length >= 2 && isDelivered(place));
  return running.stop();
};

export const isDelivered = (place: Place): boolean => {
  const log = `_signalbox_feed_${JOB_ID}`;
  if (place.all(`SELECT 1 FROM sqlite_schema WHERE name = '${log}'`).length === 0) return false;
  const state = place.state();
  const [[newest]] = place.all(`SELECT max(seq) FROM ${log}`) as [[number]];
  return state.phase === 'follow' && state.acked >= newest;
};

/** Undoes it, as a cancel does. */
export const revertFeed = async (place: Place, feed: Feed, epoch: number) => {
  const work = {
    details: feed.details,
    secrets: feed.secrets,
    checkpoint: null,
    claim: claimOf(JOB_ID, epoch),
    began: false,
  };
  const io = ioOf(place.environment);
  await changefeedKind.acquireFence?.(work, io, 'revert');
  for await (const _ of changefeedKind.revert(work, io));
};
