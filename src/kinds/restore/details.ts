/** The stored data of a restore, as JSON: details in the store, progress in the work directory and in the target. */
import { z } from 'zod';
import { ownName } from '../../databases/sqlite/own-names.ts';
import type { Owner, Step, Work } from '../../jobs/kind.ts';

export const DETAILS = z.object({
  /** Secrets redacted. */
  source: z.string(),
  /** The hash of the manifest when the job was created. */
  sha256: z.string(),
  database: z.string(),
  /** The database did not exist when the job was created. */
  makesDatabase: z.boolean(),
  tables: z.array(z.string()).readonly(),
  /** All tables of the backup are restored. */
  isAll: z.boolean(),
  pictureBytes: z.number(),
  /** The number of rows in these tables. */
  rows: z.number(),
});
export type Details = z.output<typeof DETAILS>;

/** The progress of fetching the snapshot, in the work directory. whole: complete and verified. */
export interface Fetched {
  readonly phase: 'fetching' | 'whole';
  readonly chunks: number;
  readonly bytes: number;
}

/** The progress of copying, in the target. published: the restored tables are visible. */
export interface State {
  readonly phase: 'copying' | 'published';
  /** Index of the table that is being copied, and the number of its rows copied so far. */
  readonly table: number;
  readonly tableRows: number;
  /** The number of rows copied in all tables. */
  readonly rows: number;
  /** Whether the target already had sqlite_sequence, which SQLite creates for AUTOINCREMENT and never removes. */
  readonly hadSequences: boolean;
}

/** For display only, and so that progress does not go back when the snapshot is fetched again. */
export interface Checkpoint {
  readonly fraction: number;
}

export type RestoreWork = Work<Details, Checkpoint | null>;
export type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

export const SECRET = 'source';

/** With a number appended, the hidden name of a table. Publishing renames it. */
export const ownNameOf = (owner: Owner): string => ownName('restore', owner);

/** The share of the snapshot in the total progress, if rows are copied from it. */
const FETCH_SHARE = 0.4;

export const stepOf = (
  { details, checkpoint }: RestoreWork,
  bytes: number,
  rows: number,
  message: string,
): Step<Checkpoint> => {
  const share = details.makesDatabase ? 0.95 : FETCH_SHARE;
  const fetched = details.pictureBytes === 0 ? 1 : bytes / details.pictureBytes;
  const copied = details.rows === 0 ? 1 : Math.min(1, rows / details.rows);
  const fraction = Math.max(checkpoint?.fraction ?? 0, share * fetched + (fetched < 1 ? 0 : (1 - share) * copied));
  return { checkpoint: { fraction }, fractionCompleted: fraction, message, counters: { rows, bytes } };
};
