/** What a schema change keeps: its details, in the store; its progress, in the target. All of it passes through JSON. */
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
    /** An SQL expression; null: none. */
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

/** Names as the catalogue spells them, types and defaults checked. */
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

/** How far it is. Where each copy is, its own tables in the target say. */
export interface State {
  /** From `swapped` on the tables have their new shape, and what is left is to remove the old ones. */
  readonly phase: 'copying' | 'swapped' | 'done';
  /** Those that are copied, in order. */
  readonly copies: readonly CopyState[];
}

export interface CopyState {
  readonly table: string;
  /** Of the statements before and after, so that it is noticed when somebody else changes the table meanwhile. */
  readonly shape: string;
  /** How many rows there were at the beginning; null when they could not be counted in time. */
  readonly total: number | null;
  readonly isBegun: boolean;
  readonly isComplete: boolean;
  /** Rows copied, in the order of their keys. */
  readonly rows: number;
  /** The notes of what changed meanwhile up to this one have had their rows taken out of the copy. */
  readonly removedUpTo: number;
  /** Rows of the old table removed behind the swap. */
  readonly cleaned: number;
}

/** For people only: a run begins where the state in the target says. */
export type Checkpoint = Pick<State, 'phase'> & { readonly rows: number };

/** Everything that a job has in a target begins so. */
export const ownNameOf = (owner: Owner): string => ownName('schema', owner);

// The rest is for removing the old rows, which takes about as long as a third of the copying.
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

/** Of the rows that there were; null while nobody knows. */
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
