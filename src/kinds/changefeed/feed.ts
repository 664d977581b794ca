/** A feed at work: its log, its state and its sink. What is written is one transaction each, checked by the fence. */
import type Sqlite from 'better-sqlite3';
import { readShapes, type Shape } from '../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { logSize } from '../../databases/sqlite/feed/triggers.ts';
import { fenced, tryFenced } from '../../databases/sqlite/fenced.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Target } from '../../databases/sqlite/open.ts';
import type { Io, Owner, Step, Work } from '../../jobs/kind.ts';
import { type Checkpoint, type Details, type State, stepOf } from './details.ts';
import { pageReader, type ReadPage } from './entries.ts';
import type { Sink } from './sink.ts';

export type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

export interface Feed {
  readonly work: Work<Details, Checkpoint | null>;
  readonly io: Io;
  readonly target: Target;
  readonly sink: Sink | null;
  state: State;
  /** Of each table, the shape that its entries have now. */
  shapes: readonly Shape[];
  /** Of the catalogue, when the tables were last looked at. */
  schemaVersion: number | null;
  /** The newest entry that was there when the catalogue was still so. */
  seen: number;
  readPage: ReadPage;
  readonly readMeter: () => Meter;
  /** Of the database: another one once somebody else has committed. */
  readonly readDataVersion: Sqlite.Statement;
  /** A table is gone: entries up to this one are still delivered. */
  gone: { readonly said: string; readonly upTo: number } | null;
}

/** What a log has, at one moment. */
export interface Meter {
  /** Bytes that wait. */
  readonly size: number;
  /** So much may. From there on nothing is logged any more. */
  readonly most: number;
  /** The time of the last entry that was delivered, or later. */
  readonly at: number;
  /** How far the subscription's reader has come. */
  readonly taken: number;
  /** How far the subscription has read for its reader, who may not have it yet. */
  readonly given: number;
  /** The newest entry. */
  readonly newest: number;
}

/** More changes wait than may: the triggers have stopped to log, and something is lost. */
export class TooMuchWaits extends Error {
  override readonly name = 'TooMuchWaits';
}

/** Returns what reads it. */
export const meterReader = (sql: Sqlite.Database, owner: Owner): (() => Meter) => {
  const names = feedNames(owner);
  const select = sql.prepare(
    `SELECT ${logSize(names)} - gone AS size, "full" - gone AS most, at, taken, given,
       (SELECT max(seq) FROM ${quote(names.log)}) AS newest FROM ${quote(names.meter)}`,
  );
  return () => select.get() as Meter;
};

/** @throws TooMuchWaits */
export const checkRoom = ({ size, most }: Meter): void => {
  if (size < most) return;
  throw new TooMuchWaits(
    `the changes that wait to be delivered passed the ${most} bytes that may (MAX_FEED_BYTES): later ones are lost`,
  );
};

/** The phase, for people. */
export const phaseOf = ({ state }: Feed): string => (state.copy.length > 0 ? 'scanning' : 'following the changes');

/** The newest shape of each table, in the order of the tables. */
export const reload = (feed: Feed): void => {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  const all = readShapes(sql, owner);
  feed.shapes = feed.work.details.tables.flatMap((_, place) => all.filter((shape) => shape.place === place).slice(-1));
  feed.readPage = pageReader(sql, owner, all);
};

/** A transaction that changes the state with what it does. Waits for the lock for as long as it takes. */
export async function* change(feed: Feed, message: string, make: (state: State) => State): Steps {
  const { target, work, io, state } = feed;
  const step = stepOf(work.details, state, message);
  feed.state = yield* fenced(target, work.claim, step, io.signal, () => make(state), Number.POSITIVE_INFINITY);
}

/** The same at once; false when somebody else is writing. */
export const tryChange = (feed: Feed, make: (state: State) => State): boolean => {
  const state = tryFenced(feed.target, feed.work.claim, () => make(feed.state));
  feed.state = state ?? feed.state;
  return state !== null;
};
