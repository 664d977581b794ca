/** Converts log entries to messages. docs/changefeed-format.md describes them. */
import type { Shape } from '../../databases/sqlite/feed/log.ts';
import type { Details } from './details.ts';
import type { FeedMessage } from './feed-page.ts';
import { type SqlValue, shownValue } from './value.ts';

/** One log entry, with its values in the order of the column map. */
export interface Entry {
  readonly seq: number;
  /** `W`: the current row. `D`: no row has this key. `R`: nothing older will follow. */
  readonly op: 'W' | 'D' | 'R';
  /** In milliseconds, never less than the time of the previous entry. */
  readonly at: number;
  readonly shape: Shape | null;
  readonly after: readonly SqlValue[];
  readonly before: readonly SqlValue[] | null;
}

export const messageOf = ({ seq, op, at, shape, after, before }: Entry): FeedMessage => {
  if (op === 'R' || shape === null) return { seq, resolved: at };
  const { columns, key, table } = shape;
  const rowOf = (values: readonly SqlValue[]) =>
    Object.fromEntries(columns.map((column, i) => [column, shownValue(values[i] ?? null)]));
  return {
    seq,
    table,
    key: key.map((place) => shownValue(after[place] ?? null)),
    after: op === 'D' ? null : rowOf(after),
    before: before === null ? null : rowOf(before),
    deleted: op === 'D',
    updated: at,
  };
};

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
