/** What a changefeed keeps: its details, in the store; its progress, in the target. All of it passes through JSON. */
import { z } from 'zod';
import type { Step } from '../../jobs/kind.ts';

export const ENVELOPES = ['WRAPPED', 'BARE', 'KEY_ONLY'] as const;
export const INITIAL_SCANS = ['YES', 'NO', 'ONLY'] as const;
export const ERROR_POLICIES = ['FAIL', 'PAUSE'] as const;

export const DETAILS = z.object({
  database: z.string(),
  /** As the catalogue spells them. */
  tables: z.array(z.string()).readonly(),
  /** Secrets redacted. Null: read by the subscription. */
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
  /** `ending`: the scan was all that was asked for, and is in the log. */
  readonly phase: 'scan' | 'follow' | 'ending' | 'done';
  /** Everything up to this entry of the log was delivered, and may go. */
  readonly acked: number;
  readonly messages: number;
  /** What is still to be copied into the log. */
  readonly copy: readonly Copy[];
  /** The last entry of the scan; before it is delivered, nothing can be said to be complete. */
  readonly scanEnd: number;
  readonly scanned: number;
  /** Milliseconds; everything up to then was delivered. */
  readonly highWater: number | null;
}

/** Rows to be copied as they are now: those of a table, or those that some entries of the log are about. */
export type Copy =
  | {
      readonly what: 'table';
      readonly place: number;
      /** Rows with NULL in their key come after the others, in the order of their rowids. */
      readonly part: 'keyed' | 'null';
      /** The key of the last row that was copied, as `encodeKey` writes it. */
      readonly after: readonly StoredValue[] | null;
      /** About how many rows there are, for the fraction. */
      readonly rows: number;
    }
  | { readonly what: 'entries'; readonly place: number; readonly from: number; readonly to: number };

/** A value of SQLite, exactly, in JSON. */
export type StoredValue =
  | string
  | null
  | { readonly int: string }
  | { readonly real: string }
  | { readonly blob: string };

/** For people only: a run begins where the state in the target says. */
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
    // What its readers are answered by when the job has ended, and its record is gone.
    acked: state.acked,
    // Told to people as ChangefeedJob.highWater, and in no list of counters.
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
