/** What a changefeed keeps: of its input, in the store; of its progress, in the target. All of it passes through JSON. */
import type { Step } from '../../jobs/kind.ts';

export interface Details {
  readonly database: string;
  /** As the catalogue spells them. */
  readonly tables: readonly string[];
  /** Secrets redacted. Null: read by the subscription. */
  readonly sink: string | null;
  readonly envelope: Envelope;
  readonly diff: boolean;
  readonly updated: boolean;
  readonly resolvedEveryMs: number | null;
  readonly initialScan: 'YES' | 'NO' | 'ONLY';
  readonly onError: 'FAIL' | 'PAUSE';
}

export type Envelope = 'WRAPPED' | 'BARE' | 'KEY_ONLY';

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
