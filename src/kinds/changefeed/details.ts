/** What a changefeed stores: its details, in the store; its progress, in the target. Both are serialized as JSON. */
import { z } from 'zod';
import type { Step } from '../../jobs/kind.ts';

export const ENVELOPES = ['WRAPPED', 'BARE', 'KEY_ONLY'] as const;
export const INITIAL_SCANS = ['YES', 'NO', 'ONLY'] as const;
export const ERROR_POLICIES = ['FAIL', 'PAUSE'] as const;

export const DETAILS = z.object({
  database: z.string(),
  /** Spelled as in the catalogue. */
  tables: z.array(z.string()).readonly(),
  /** The sink's URL with secrets redacted; null for a feed that a subscription reads. */
  sink: z.string().nullable(),
  envelope: z.enum(ENVELOPES),
  diff: z.boolean(),
  updated: z.boolean(),
  resolvedEveryMs: z.number().nullable(),
  initialScan: z.enum(INITIAL_SCANS),
  onError: z.enum(ERROR_POLICIES).default('FAIL'),
});
export type Details = z.output<typeof DETAILS>;

export interface State {
  /** `ending`: only the scan was requested, and it is in the log. */
  readonly phase: 'scan' | 'follow' | 'ending' | 'done';
  /** Everything up to this log entry was delivered and may be removed. */
  readonly acked: number;
  readonly messages: number;
  /** Rows still to be copied into the log. */
  readonly copy: readonly Copy[];
  /** The last entry of the scan. No timestamp can be resolved before it is delivered. */
  readonly scanEnd: number;
  readonly scanned: number;
  /** Everything up to this time, in milliseconds, was delivered. */
  readonly highWater: number | null;
}

/** Rows to be copied in their current state: the rows of a table, or the rows that some log entries refer to. */
export type Copy =
  | {
      readonly what: 'table';
      readonly place: number;
      /** Rows with NULL in their key come after the others, in rowid order. */
      readonly part: 'keyed' | 'null';
      /** The key of the last copied row, as `encodeKey` writes it. */
      readonly after: readonly StoredValue[] | null;
      /** The approximate number of rows, for the fraction. */
      readonly rows: number;
    }
  | { readonly what: 'entries'; readonly place: number; readonly from: number; readonly to: number };

/** An SQLite value, represented exactly in JSON. */
export type StoredValue =
  | string
  | null
  | { readonly int: string }
  | { readonly real: string }
  | { readonly blob: string };

/** For display only: a run starts from the state in the target. */
export interface Checkpoint {
  readonly acked: number;
  readonly scanned: number;
}

export const stepOf = (details: Details, state: State, message: string): Step<Checkpoint> => ({
  checkpoint: { acked: state.acked, scanned: state.scanned },
  ...(details.initialScan === 'ONLY' ? { fractionCompleted: fractionOf(details, state) } : {}),
  message,
  counters: {
    messages: state.messages,
    // Readers get this position once the job has ended and its record is removed.
    acked: state.acked,
    // Shown as ChangefeedJob.highWater, not as a counter.
    ...(state.highWater === null ? {} : { highWater: state.highWater }),
  },
});

const fractionOf = ({ tables }: Details, { phase, copy, scanned }: State): number => {
  if (phase === 'done') return 1;
  const [current] = copy;
  if (current?.what !== 'table') return 0.99;
  const part = Math.min(0.99, scanned / Math.max(1, current.rows));
  return (current.place + part) / tables.length;
};
