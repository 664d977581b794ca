/** What a changefeed stores, as JSON: details and progress in the store, its checkpoint in the target. */
import { z } from 'zod';
import type { Step, Work } from '../../jobs/kind.ts';

export const ENVELOPES = ['WRAPPED', 'BARE', 'KEY_ONLY'] as const;
export const INITIAL_SCANS = ['YES', 'NO', 'ONLY'] as const;
export const ERROR_POLICIES = ['FAIL', 'PAUSE'] as const;
export const REPLACED_POLICIES = ['FAIL', 'RESCAN', 'PAUSE'] as const;
export const SOURCES = ['AUTO', 'LOG', 'TRIGGERS'] as const;

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
  onTableReplaced: z.enum(REPLACED_POLICIES).default('FAIL'),
  backfill: z.boolean().default(false),
  operations: z.boolean().default(false),
  /** Spelled as in the catalogue. Tables that are not listed send all columns. */
  columns: z
    .array(z.object({ table: z.string(), columns: z.array(z.string()).readonly() }))
    .readonly()
    .default([]),
});
export type Details = z.output<typeof DETAILS>;

/** The names of the secrets that are stored separately: the URL if it contains secrets, and the signing secret. */
export const SECRET = { url: 'sink', signing: 'webhook' } as const;

/** The position of a feed, in the target. */
export interface FeedCheckpoint {
  /** `ending`: only the scan was requested, and it is in the log. */
  readonly phase: 'scan' | 'follow' | 'ending' | 'done';
  /** Everything up to this log entry was delivered and may be removed. Its position contains the log's generation. */
  readonly acked: number;
  /** The position that was acknowledged in the generation before; none in the first. */
  readonly ackedBefore?: number;
  readonly messages: number;
  /** Rows still to be copied into the log. */
  readonly copy: readonly PendingCopy[];
  /** The last entry of the scan. No timestamp can be resolved before it is delivered. */
  readonly scanEnd: number;
  /** The rows that were copied of the first table in `copy`. */
  readonly scanned: number;
  /** Everything up to this time, in milliseconds, was delivered. */
  readonly highWater: number | null;
  /** With `backfill`: for each table, the version of its columns in which all of its rows were sent. */
  readonly sentVersions?: Readonly<Record<string, number>>;
}

/**
 * Rows to be copied in their current state: the rows of a table, or the rows that some log entries refer to. How far the
 * copy is, each engine adds in its own form.
 */
export type PendingCopy =
  | {
      readonly what: 'table';
      /** The position of the table among those that the feed watches. */
      readonly place: number;
      /** The approximate number of rows, for the fraction. */
      readonly rows: number;
      /** The rows were sent before, in another shape. */
      readonly isAgain?: boolean;
      /**
       * The table was replaced: only rows that were not sent, or with other values, are copied. `known`: the receiver
       * has the rows already, so they are recorded as sent and not copied.
       */
      readonly compare?: 'difference' | 'known';
    }
  | { readonly what: 'entries'; readonly place: number }
  /** The table was replaced: the deletion of rows that were sent and do not exist any more. */
  | { readonly what: 'gone'; readonly place: number };

export const NEW_FEED: FeedCheckpoint = {
  phase: 'scan',
  acked: 1,
  messages: 0,
  copy: [],
  scanEnd: 1,
  scanned: 0,
  highWater: null,
};

/** Shown to people: a run starts from the checkpoint in the target. */
export interface FeedProgress {
  readonly acked: number;
  readonly scanned: number;
  /** These two continue when the database is replaced; missing in the progress of an older version. */
  readonly messages?: number;
  readonly highWater?: number | null;
  /** The job was paused because what it watches was replaced: it rescans when it is resumed. */
  readonly rescan?: boolean;
}

export type FeedWork = Work<Details, FeedProgress | null>;
export type Steps<R = void> = AsyncGenerator<Step<FeedProgress>, R, void>;

export const stepOf = (details: Details, checkpoint: FeedCheckpoint, message: string): Step<FeedProgress> => ({
  checkpoint: progressOf(checkpoint),
  ...(details.initialScan === 'ONLY' ? { fractionCompleted: fractionOf(details, checkpoint) } : {}),
  message,
  counters: {
    messages: checkpoint.messages,
    // Readers get this position once the job has ended and its record is removed.
    acked: checkpoint.acked,
    // Shown as ChangefeedJob.highWater, not as a counter.
    ...(checkpoint.highWater === null ? {} : { highWater: checkpoint.highWater }),
  },
});

export const progressOf = ({ acked, scanned, messages, highWater }: FeedCheckpoint): FeedProgress => ({
  acked,
  scanned,
  messages,
  highWater,
});

/** The phase, for display. */
export const phaseOf = ({ copy: [copy] }: FeedCheckpoint): string => {
  if (copy === undefined) return 'following the changes';
  return copy.what === 'gone' || (copy.what === 'table' && copy.compare === 'difference') ? 'rescanning' : 'scanning';
};

/** Whether the feed rescans what was replaced, instead of failing or pausing. */
export const mayRescan = ({ details, checkpoint }: Pick<FeedWork, 'details' | 'checkpoint'>): boolean =>
  details.onTableReplaced === 'RESCAN' || (details.onTableReplaced === 'PAUSE' && checkpoint?.rescan === true);

const fractionOf = ({ tables }: Details, { phase, copy, scanned }: FeedCheckpoint): number => {
  if (phase === 'done') return 1;
  const [current] = copy;
  if (current?.what !== 'table') return 0.99;
  const part = Math.min(0.99, scanned / Math.max(1, current.rows));
  return (current.place + part) / tables.length;
};
