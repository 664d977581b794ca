/** The messages of a changefeed, and their text for sinks. docs/changefeed-format.md describes them. */
import type { Details } from './details.ts';

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

/** Messages as a subscription reads them. */
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

/** The field of BARE messages that is not a column. */
export const BARE_FIELD = '_signalbox';

/** The text for a webhook or a file: JSON without line breaks. */
export const textOf = (message: FeedMessage, { envelope, diff, updated }: Details): string => {
  if ('resolved' in message) return JSON.stringify({ resolved: isoOf(message.resolved) });
  const { key, table, after, before, deleted } = message;
  const at = updated && message.updated !== null ? { updated: isoOf(message.updated) } : {};
  if (envelope === 'KEY_ONLY') return JSON.stringify({ key, table, ...at });
  if (envelope === 'WRAPPED') return JSON.stringify({ key, after, ...(diff ? { before } : {}), table, ...at });
  const rest = { key, table, ...(deleted ? { deleted } : {}), ...at };
  return JSON.stringify(Object.fromEntries([...Object.entries(after ?? {}), [BARE_FIELD, rest]]));
};

const isoOf = (ms: number): string => new Date(ms).toISOString();
