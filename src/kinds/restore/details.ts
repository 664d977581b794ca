/** The stored data of a restore, as JSON: details and progress in the store, checkpoints in the work directory. */
import { z } from 'zod';
import type { Step, Work } from '../../jobs/kind.ts';

const FIELDS = z.object({
  /** Secrets redacted. */
  source: z.string(),
  /** The hash of the manifest when the job was created. */
  sha256: z.string(),
  database: z.string(),
  /** The database did not exist when the job was created, or does not matter to it. */
  makesDatabase: z.boolean(),
  tables: z.array(z.string()).readonly(),
  /** All tables of the backup are restored. */
  isAll: z.boolean(),
  snapshotBytes: z.number(),
  /** The number of rows in these tables. */
  rows: z.number(),
  /** The backup is read and verified, and nothing is restored. */
  verifyOnly: z.boolean().default(false),
  maxBytesPerSecond: z.number().nullable().default(null),
  /** The tables that get other names, as the backup spells them. */
  as: z
    .array(z.object({ table: z.string(), to: z.string() }))
    .readonly()
    .default([]),
});
export type Details = z.output<typeof FIELDS>;

/** Jobs of version 0.1.0 stored `snapshotBytes` as `pictureBytes`. */
export const DETAILS: z.ZodType<Details> = z.preprocess((stored) => {
  if (typeof stored !== 'object' || stored === null || !('pictureBytes' in stored)) return stored;
  const { pictureBytes, ...others } = stored;
  return { ...others, snapshotBytes: pictureBytes };
}, FIELDS);

/** The position of fetching the snapshot, in the work directory. whole: complete and verified. */
export interface FetchCheckpoint {
  readonly phase: 'fetching' | 'whole';
  readonly chunks: number;
  readonly bytes: number;
}

/** Shown to people. It is kept only so that the fraction does not go back when the snapshot is fetched again. */
export interface RestoreProgress {
  readonly fraction: number;
}

export type RestoreWork = Work<Details, RestoreProgress | null>;
export type Steps<R = void> = AsyncGenerator<Step<RestoreProgress>, R, void>;

/** The name of the secret with the URL of the backup, if the URL contains secrets. */
export const SECRET = 'source';
export const PASSPHRASE = 'encryptionPassphrase';

/** The share of the snapshot in the total progress, if rows are copied from it. */
const FETCH_SHARE = 0.4;

/** @param bytes fetched so far @param rows loaded so far */
export const stepOf = (
  { details, checkpoint: progress }: RestoreWork,
  bytes: number,
  rows: number,
  message: string,
): Step<RestoreProgress> => {
  const share = details.makesDatabase || details.verifyOnly ? 0.95 : FETCH_SHARE;
  const fetched = details.snapshotBytes === 0 ? 1 : bytes / details.snapshotBytes;
  const copied = details.rows === 0 ? 1 : Math.min(1, rows / details.rows);
  const fraction = Math.max(progress?.fraction ?? 0, share * fetched + (fetched < 1 ? 0 : (1 - share) * copied));
  return { checkpoint: { fraction }, fractionCompleted: fraction, message, counters: { rows, bytes } };
};
