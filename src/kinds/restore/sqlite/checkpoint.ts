import { ownName } from '../../../databases/sqlite/own-names.ts';
import type { Owner } from '../../../jobs/kind.ts';

/** The position of a restore, in the target. published: the restored tables are visible. */
export interface RestoreCheckpoint {
  readonly phase: 'copying' | 'published';
  /** Index of the table that is being copied, and the number of its rows copied so far. */
  readonly table: number;
  readonly tableRows: number;
  /** The number of rows copied in all tables. */
  readonly rows: number;
  /** Whether the target already had sqlite_sequence, which SQLite creates for AUTOINCREMENT and never removes. */
  readonly hadSequences: boolean;
}

/** With a number appended, the hidden name of a table. Publishing renames it. */
export const ownNameOf = (owner: Owner): string => ownName('restore', owner);
