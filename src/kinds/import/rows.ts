import type { CsvBlock } from './csv-block.ts';
import type { BadRow } from './errors.ts';

/** A bound value. The column converts text to its own type; a number is used where the column stores any type. */
export type Cell = string | number | bigint | null;

/** A run of complete rows, in parallel arrays, of any format. */
export interface RowBlock extends Omit<CsvBlock, 'rows'> {
  readonly rows: readonly (readonly Cell[])[];
  /** For each row, the columns that it fills; equal lists share one array. If absent, the columns of the source. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Inserts the rows from one index to another of a block, inside a transaction. */
export type Insert = (block: RowBlock, from: number, to: number, maxRejects: number) => Inserted;

export interface Inserted {
  readonly rows: number;
  readonly rejected: number;
  /** The index after the last row that was processed, or of the bad row if there is one. */
  readonly to: number;
  /** The row that exceeded the limit of rejected rows. */
  readonly bad: BadRow | null;
}
