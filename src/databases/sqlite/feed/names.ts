/** The names of the objects that a changefeed keeps in the database that it watches. */
import type { Owner } from '../../../jobs/kind.ts';
import { ownName } from '../own-names.ts';

export interface FeedNames {
  /** Every change, in commit order. */
  readonly log: string;
  /**
   * One row. `gone`: the size of the log including all delivered entries; `full`: the size that it may reach. The row
   * also has the times, and the positions of a reader.
   */
  readonly meter: string;
  /** Rows that the current statement may displace. */
  readonly notes: string;
  /** The columns of the log entries, by version. */
  readonly columnMaps: string;
  /** The unique indexes that a version of the column map knows. */
  readonly indexes: string;
  /** The keys that a table had when a unique index appeared that its triggers do not know. */
  readonly keys: string;
  /** The last entry of each group that was committed together, if the feed sends transactions. */
  readonly groups: string;
}

export const TRIGGER_EVENTS = ['bi', 'ai', 'bu', 'au', 'bd', 'ad'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

export const feedNames = (owner: Owner): FeedNames => {
  const log = ownName('feed', owner);
  const named = (suffix: string) => `${log}_${suffix}`;
  return {
    log,
    meter: named('meter'),
    notes: named('notes'),
    columnMaps: named('shapes'),
    indexes: named('indexes'),
    keys: named('keys'),
    groups: named('groups'),
  };
};

/** The view of the row that the current statement writes. @param table as for `triggerName` */
export const newRowName = (owner: Owner, table: number): string => `${ownName('feed', owner)}_${table}_new`;

/** @param table the position of the table among those that the feed watches */
export const triggerName = (owner: Owner, table: number, event: TriggerEvent): string =>
  `${ownName('feed', owner)}_${table}_${event}`;

/** The columns of the log and of the notes have names that no column of a watched table has. */
export const afterColumn = (place: number): string => `_signalbox_a${place}`;
export const beforeColumn = (place: number): string => `_signalbox_b${place}`;
