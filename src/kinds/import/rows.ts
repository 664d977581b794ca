import type { CsvBlock } from './csv-block.ts';
import type { BadRow } from './errors.ts';

/** What a statement binds. Text is converted by the column that it goes into; a number goes where any type is kept. */
export type Cell = string | number | bigint | null;

/** A run of complete rows, in parallel arrays, of whatever format. */
export interface RowBlock extends Omit<CsvBlock, 'rows'> {
  readonly rows: readonly (readonly Cell[])[];
  /** For each row, the columns that it fills, the same array for the same ones. Left out: those of the source. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Inserts the rows from one index to another of a block, inside a transaction. */
export type Insert = (block: RowBlock, from: number, to: number, maxRejects: number) => Inserted;

export interface Inserted {
  readonly rows: number;
  readonly rejected: number;
  /** The index behind the last row that is dealt with: that of the bad row, if there is one. */
  readonly to: number;
  /** The row for which there was no place left among those set aside. */
  readonly bad: BadRow | null;
}
