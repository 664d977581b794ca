/** What a changefeed keeps in the database that it watches, by name. */
import type { Owner } from '../../../jobs/kind.ts';
import { ownName } from '../own-names.ts';

export interface FeedNames {
  /** Every change, in the order of commit. */
  readonly log: string;
  /**
   * One row. `gone`: how large the log was with all that was delivered; `full`: how large it may become. Times and the
   * places of a reader beside it.
   */
  readonly meter: string;
  /** Rows that the statement under way may push out. */
  readonly notes: string;
  /** Which columns the rows of the log have. */
  readonly shapes: string;
}

export const TRIGGER_EVENTS = ['bi', 'ai', 'bu', 'au', 'bd', 'ad'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

export const feedNames = (owner: Owner): FeedNames => {
  const log = ownName('feed', owner);
  return { log, meter: `${log}_meter`, notes: `${log}_notes`, shapes: `${log}_shapes` };
};

/** @param table the place of the table among those that the feed watches */
export const triggerName = (owner: Owner, table: number, event: TriggerEvent): string =>
  `${ownName('feed', owner)}_${table}_${event}`;

/** The columns of the log and of the notes have names that no column of a watched table has. */
export const afterColumn = (place: number): string => `_signalbox_a${place}`;
export const beforeColumn = (place: number): string => `_signalbox_b${place}`;
