/** The stored data of a backup, as JSON: its details, in the store, and its progress, in its work directory. */
import { z } from 'zod';
import type { Step } from '../../jobs/kind.ts';

export const DETAILS = z.object({
  /** Unique: the job uses it to recognize its own backup. */
  id: z.string(),
  database: z.string(),
  /** The tables when the job was created. */
  tables: z.array(z.string()).readonly(),
  /** The backup includes every table that exists when the snapshot is taken. */
  isAll: z.boolean().default(false),
  /** Secrets redacted. */
  destination: z.string(),
  /** The parent: its URL with secrets redacted, and the hash of its manifest. */
  incrementalFrom: z.object({ url: z.string(), sha256: z.string() }).nullable().default(null),
});
export type Details = z.output<typeof DETAILS>;

/** The progress of a backup. */
export interface State {
  /** placed: its marker is at the destination. taken: its snapshot is in the work directory, too. */
  readonly phase: 'placed' | 'taken';
  /** The snapshot is stored up to this byte offset. */
  readonly byte: number;
  readonly pictureBytes: number;
  /** The chunks up to that offset, and how many of them did not have to be stored. */
  readonly chunks: number;
  readonly chunksReused: number;
  readonly bytesWritten: number;
}

export const PLACED: State = {
  phase: 'placed',
  byte: 0,
  pictureBytes: 0,
  chunks: 0,
  chunksReused: 0,
  bytesWritten: 0,
};

/** For display only, and so that progress does not go back when the snapshot is taken again. */
export interface Checkpoint {
  readonly fraction: number;
}

/** The share of the snapshot in the total progress. */
const SNAPSHOT_SHARE = 0.3;

export const stepOf = (
  { checkpoint }: { readonly checkpoint: Checkpoint | null },
  { phase, byte, pictureBytes, chunks, chunksReused, bytesWritten }: State,
  message: string,
): Step<Checkpoint> => {
  const now = phase === 'placed' ? 0 : SNAPSHOT_SHARE + (1 - SNAPSHOT_SHARE) * (byte / Math.max(1, pictureBytes));
  const fraction = Math.max(checkpoint?.fraction ?? 0, now);
  return {
    checkpoint: { fraction },
    fractionCompleted: fraction,
    message,
    counters: { bytes: bytesWritten, chunks, chunksReused },
  };
};

/** The names under which URLs with secrets are stored. */
export const SECRET = { destination: 'destination', incrementalFrom: 'incrementalFrom' } as const;
