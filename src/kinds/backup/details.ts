/** What a backup keeps: its details, in the store; its progress, in its folder. All of it passes through JSON. */
import { z } from 'zod';
import type { Step } from '../../jobs/kind.ts';

export const DETAILS = z.object({
  /** Unique: the job recognizes its own backup by it. */
  id: z.string(),
  database: z.string(),
  /** As they were when the job was created. */
  tables: z.array(z.string()).readonly(),
  /** Every table that exists when the snapshot is taken. */
  isAll: z.boolean().default(false),
  /** Secrets redacted. */
  destination: z.string(),
  /** The parent: its URL with secrets redacted, and the hash of its manifest. */
  incrementalFrom: z.object({ url: z.string(), sha256: z.string() }).nullable().default(null),
});
export type Details = z.output<typeof DETAILS>;

/** How far a backup is. */
export interface State {
  /** placed: its mark is at the destination. taken: so is the snapshot, in the job's folder. */
  readonly phase: 'placed' | 'taken';
  /** Up to this byte of the snapshot, all is stored. */
  readonly byte: number;
  readonly pictureBytes: number;
  /** Chunks up to there, and those that did not have to be stored. */
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

/** For people, and so that a snapshot that is taken again does not show less than before. */
export interface Checkpoint {
  readonly fraction: number;
}

/** What the snapshot is of the whole. */
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

/** Under what names the URLs with their secrets are kept. */
export const SECRET = { destination: 'destination', incrementalFrom: 'incrementalFrom' } as const;
