/** The messages of a changefeed, in the form its reader receives. */

/** A position in one changefeed. */
export type FeedCursor = number;

export type FeedMessage = FeedRow | { readonly seq: FeedCursor; readonly resolved: number };

export interface FeedRow {
  readonly seq: FeedCursor;
  readonly table: string;
  readonly key: readonly unknown[];
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly deleted: boolean;
  /** In milliseconds; null if not requested. */
  readonly updated: number | null;
}

export interface FeedPage {
  readonly messages: readonly FeedMessage[];
  /** The cursor to continue from; null for the beginning of the retained entries. */
  readonly after: FeedCursor | null;
  /** No more messages will follow. */
  readonly ended: boolean;
}

const DIGITS = 16;

/** Uses a fixed width, so that later positions compare greater as strings. */
export const formatFeedCursor = (cursor: FeedCursor): string => String(cursor).padStart(DIGITS, '0');
