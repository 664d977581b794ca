/** A running feed: its log, its state and its sink. Each write is one transaction that checks the fence. */
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
  /** The current column map version of each table's entries. */
  shapes: readonly Shape[];
  /** The catalogue's version when the tables were last inspected. */
  schemaVersion: number | null;
  /** The newest entry that existed while the catalogue was still at that version. */
  seen: number;
  readPage: ReadPage;
  readonly readMeter: () => Meter;
  /** The data version of the database. It changes when another connection commits. */
  readonly readDataVersion: Sqlite.Statement;
  /** Set once a table is gone: entries up to this one are still delivered. */
  gone: { readonly said: string; readonly upTo: number } | null;
}

/** The state of a log at one moment. */
export interface Meter {
  /** Pending bytes. */
  readonly size: number;
  /** The limit of pending bytes. Nothing is logged once it is reached. */
  readonly most: number;
  /** The time of the last delivered entry, or later. */
  readonly at: number;
  /** The position that the subscription's reader has acknowledged. */
  readonly taken: number;
  /** The position that the subscription has read for its reader, who may not have received it yet. */
  readonly given: number;
  /** The newest entry. */
  readonly newest: number;
}

/** The pending changes exceeded the limit: the triggers have stopped logging, and changes are lost. */
export class TooMuchWaits extends Error {
  override readonly name = 'TooMuchWaits';
}

/** Returns a function that reads the meter. */
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

/** The phase, for display. */
export const phaseOf = ({ state }: Feed): string => (state.copy.length > 0 ? 'scanning' : 'following the changes');

/** Loads the newest column map version of each table, in table order. */
export const reload = (feed: Feed): void => {
  const { sql } = feed.target;
  const owner = feed.work.claim;
  const all = readShapes(sql, owner);
  feed.shapes = feed.work.details.tables.flatMap((_, place) => all.filter((shape) => shape.place === place).slice(-1));
  feed.readPage = pageReader(sql, owner, all);
};

/** A transaction that also updates the state. Waits for the lock as long as necessary. */
export async function* change(feed: Feed, message: string, make: (state: State) => State): Steps {
  const { target, work, io, state } = feed;
  const step = stepOf(work.details, state, message);
  feed.state = yield* fenced(target, work.claim, step, io.signal, () => make(state), Number.POSITIVE_INFINITY);
}

/** Same as `change`, without waiting; false when another connection is writing. */
export const tryChange = (feed: Feed, make: (state: State) => State): boolean => {
  const state = tryFenced(feed.target, feed.work.claim, () => make(feed.state));
  feed.state = state ?? feed.state;
  return state !== null;
};
