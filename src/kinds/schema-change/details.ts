/** What a schema change stores: its details, in the store; its progress, in the target. Both are serialized as JSON. */
import { z } from 'zod';
import { ownName } from '../../databases/sqlite/own-names.ts';
import type { Owner, Step } from '../../jobs/kind.ts';

const table = z.string();
const column = z.string();

const ADD_COLUMN = z.object({
  what: z.literal('addColumn'),
  table,
  column: z.object({
    name: z.string(),
    type: z.string(),
    nullable: z.boolean(),
    /** An SQL expression; null for no default. */
    default: z.string().nullable(),
  }),
});
const DROP_COLUMN = z.object({ what: z.literal('dropColumn'), table, column });
const RENAME_COLUMN = z.object({ what: z.literal('renameColumn'), table, column, to: z.string() });
const ALTER_COLUMN = z.object({
  what: z.literal('alterColumn'),
  table,
  column,
  type: z.string().nullable(),
  nullable: z.boolean().nullable(),
  default: z.string().nullable(),
  dropDefault: z.boolean(),
});
const CREATE_INDEX = z.object({
  what: z.literal('createIndex'),
  table,
  name: z.string(),
  columns: z.array(column).readonly(),
  unique: z.boolean(),
  where: z.string().nullable(),
});
const DROP_INDEX = z.object({ what: z.literal('dropIndex'), table, name: z.string() });

/** Names are spelled as in the catalogue; types and defaults have been checked. */
const CHANGE = z.discriminatedUnion('what', [
  ADD_COLUMN,
  DROP_COLUMN,
  RENAME_COLUMN,
  ALTER_COLUMN,
  CREATE_INDEX,
  DROP_INDEX,
]);
export type Change = z.output<typeof CHANGE>;
export type AddColumn = z.output<typeof ADD_COLUMN>;
export type DropColumn = z.output<typeof DROP_COLUMN>;
export type RenameColumn = z.output<typeof RENAME_COLUMN>;
export type AlterColumn = z.output<typeof ALTER_COLUMN>;
export type CreateIndex = z.output<typeof CREATE_INDEX>;
export type DropIndex = z.output<typeof DROP_INDEX>;

export const DETAILS = z.object({
  database: z.string(),
  /** The tables that change, in the order in which they are first named. */
  tables: z.array(z.string()).readonly(),
  changes: z.array(CHANGE).readonly(),
});
export type Details = z.output<typeof DETAILS>;

/** The progress of the job. The cursor of each copy is in its own tables in the target. */
export interface State {
  /** From `swapped` on, the tables have their new definitions, and only the old ones remain to be removed. */
  readonly phase: 'copying' | 'swapped' | 'done';
  /** The tables that are copied, in order. */
  readonly copies: readonly CopyState[];
}

export interface CopyState {
  readonly table: string;
  /** A hash of the statements before and after, used to detect that another program has changed the table. */
  readonly shape: string;
  /** The number of rows at the beginning; null if they could not be counted in time. */
  readonly total: number | null;
  readonly isBegun: boolean;
  readonly isComplete: boolean;
  /** Rows copied, in key order. */
  readonly rows: number;
  /** For notes up to this one, the rows have been deleted from the copy. */
  readonly removedUpTo: number;
  /** Rows of the old table deleted after the swap. */
  readonly cleaned: number;
}

/** For display only: a run starts from the state in the target. */
export type Checkpoint = Pick<State, 'phase'> & { readonly rows: number };

/** The prefix of every name that a job uses in a target. */
export const ownNameOf = (owner: Owner): string => ownName('schema', owner);

// The rest is for deleting the old rows, which takes about a third as long as the copying.
const COPYING = 0.75;

export const stepOf = (state: State, message: string): Step<Checkpoint> => {
  const rows = state.copies.reduce((sum, copy) => sum + copy.rows, 0);
  const fraction = fractionOf(state);
  return {
    checkpoint: { phase: state.phase, rows },
    ...(fraction === null ? {} : { fractionCompleted: fraction }),
    message,
    counters: { rows },
  };
};

/** The fraction of the rows that existed at the beginning; null while their number is unknown. */
const fractionOf = ({ phase, copies }: State): number | null => {
  if (phase === 'done') return 1;
  const total = copies.reduce((sum, copy) => sum + (copy.total ?? Number.NaN), 0);
  if (Number.isNaN(total)) return phase === 'swapped' ? COPYING : null;
  const part = (done: (copy: CopyState) => number) =>
    total === 0 ? 0 : copies.reduce((sum, copy) => sum + Math.min(copy.total ?? 0, done(copy)), 0) / total;
  return phase === 'copying'
    ? COPYING * part(({ rows }) => rows)
    : COPYING + (1 - COPYING) * part(({ cleaned }) => cleaned);
};
