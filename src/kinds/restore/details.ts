/** What a restore keeps: its details, in the store; its progress, in its folder and in the target. All through JSON. */
import { z } from 'zod';
import { ownName } from '../../databases/sqlite/own-names.ts';
import type { Owner, Step, Work } from '../../jobs/kind.ts';

export const DETAILS = z.object({
  /** Secrets redacted. */
  source: z.string(),
  /** Of the manifest, as it was when the job was created. */
  sha256: z.string(),
  database: z.string(),
  /** The database did not exist. */
  makesDatabase: z.boolean(),
  tables: z.array(z.string()).readonly(),
  /** All tables of the backup. */
  isAll: z.boolean(),
  pictureBytes: z.number(),
  /** In these tables. */
  rows: z.number(),
});
export type Details = z.output<typeof DETAILS>;

/** How far the snapshot is put together, in the job's folder. whole: it was looked at, too. */
export interface Fetched {
  readonly phase: 'fetching' | 'whole';
  readonly chunks: number;
  readonly bytes: number;
}

/** How far the copying is, in the target; published: what was restored is there for everybody to see. */
export interface State {
  readonly phase: 'copying' | 'published';
  /** Index of the table that is being copied, and of its rows how many are. */
  readonly table: number;
  readonly tableRows: number;
  /** Of all tables. */
  readonly rows: number;
  /** Whether the target had numbers of AUTOINCREMENT before: SQLite makes their table, and never removes it. */
  readonly hadSequences: boolean;
}

/** For people, and so that a snapshot that is fetched again does not show less than before. */
export interface Checkpoint {
  readonly fraction: number;
}

export type RestoreWork = Work<Details, Checkpoint | null>;
export type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

export const SECRET = 'source';

/** With a number behind it, the name of a table that nobody sees; publishing renames it. */
export const ownNameOf = (owner: Owner): string => ownName('restore', owner);

/** What the snapshot is of the whole, where rows are copied out of it. */
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
