/** The messages of a changefeed, as its reader gets them. */

/** A place in one changefeed. */
export type FeedCursor = number;

export type FeedMessage = FeedRow | { readonly seq: FeedCursor; readonly resolved: number };

export interface FeedRow {
  readonly seq: FeedCursor;
  readonly table: string;
  readonly key: readonly unknown[];
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly deleted: boolean;
  /** Milliseconds; null where it was not asked for. */
  readonly updated: number | null;
}

export interface FeedPage {
  readonly messages: readonly FeedMessage[];
  /** Where to go on; null: where what is kept begins. */
  readonly after: FeedCursor | null;
  /** Nothing more is to come. */
  readonly ended: boolean;
}

const DIGITS = 16;

/** Of fixed width: later places compare greater as strings. */
export const formatFeedCursor = (cursor: FeedCursor): string => String(cursor).padStart(DIGITS, '0');
