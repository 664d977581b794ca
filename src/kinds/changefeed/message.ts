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
  /** Null if not requested, and in entries of an older version. */
  readonly operation: Operation | null;
  /** The same for all changes of one transaction. Null if not requested. */
  readonly transaction: string | null;
  /** The names of the key's columns in `after` and `before`. */
  readonly keyColumns: readonly string[];
}

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

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

/** The message with what the feed was created to send. */
export const withOptions = (row: FeedRow, { envelope, updated, operations, columns }: Details): FeedRow => {
  const sent = columns.find(({ table }) => table === row.table)?.columns;
  const only = (values: FeedRow['after']) =>
    values === null || sent === undefined
      ? values
      : Object.fromEntries(
          Object.entries(values).filter(([name]) => sent.includes(name) || row.keyColumns.includes(name)),
        );
  return {
    ...row,
    after: envelope === 'KEY_ONLY' ? null : only(row.after),
    before: only(row.before),
    updated: updated ? row.updated : null,
    operation: operations ? row.operation : null,
    transaction: operations ? row.transaction : null,
  };
};

/** The text for a webhook or a file: JSON without line breaks. */
export const textOf = (message: FeedMessage, details: Details): string => {
  if ('resolved' in message) return JSON.stringify({ resolved: isoOf(message.resolved) });
  const { envelope, diff } = details;
  const { key, table, after, before, deleted, updated, operation, transaction } = withOptions(message, details);
  const at = {
    ...(updated === null ? {} : { updated: isoOf(updated) }),
    ...(operation === null ? {} : { operation }),
    ...(transaction === null ? {} : { transaction }),
  };
  if (envelope === 'KEY_ONLY') return JSON.stringify({ key, table, ...at });
  if (envelope === 'WRAPPED') return JSON.stringify({ key, after, ...(diff ? { before } : {}), table, ...at });
  const rest = { key, table, ...(deleted ? { deleted } : {}), ...at };
  return JSON.stringify(Object.fromEntries([...Object.entries(after ?? {}), [BARE_FIELD, rest]]));
};

const isoOf = (ms: number): string => new Date(ms).toISOString();
