/** What a schema change keeps: of its input, in the store; of its progress, in the target. All of it passes through JSON. */
import type { Step } from '../../jobs/kind.ts';

export interface Details {
  readonly database: string;
  /** Those that change, in the order in which they are first named. */
  readonly tables: readonly string[];
  readonly changes: readonly Change[];
}

/** Names as the catalogue spells them, types and defaults checked. */
export type Change = AddColumn | DropColumn | RenameColumn | AlterColumn | CreateIndex | DropIndex;

export interface AddColumn {
  readonly what: 'addColumn';
  readonly table: string;
  readonly column: {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    /** An SQL expression; null: none. */
    readonly default: string | null;
  };
}

export interface DropColumn {
  readonly what: 'dropColumn';
  readonly table: string;
  readonly column: string;
}

export interface RenameColumn {
  readonly what: 'renameColumn';
  readonly table: string;
  readonly column: string;
  readonly to: string;
}

export interface AlterColumn {
  readonly what: 'alterColumn';
  readonly table: string;
  readonly column: string;
  readonly type: string | null;
  readonly nullable: boolean | null;
  readonly default: string | null;
  readonly dropDefault: boolean;
}

export interface CreateIndex {
  readonly what: 'createIndex';
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly where: string | null;
}

export interface DropIndex {
  readonly what: 'dropIndex';
  readonly table: string;
  readonly name: string;
}

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
export const ownName = (jobId: string): string => `_signalbox_schema_${jobId}`;

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
