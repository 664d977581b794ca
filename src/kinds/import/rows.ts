import type { CsvBlock } from './csv-block.ts';

/** What a statement binds. Text is converted by the column that it goes into; a number goes where any type is kept. */
export type Cell = string | number | bigint | null;

/** A run of complete rows, in parallel arrays, of whatever format. */
export interface RowBlock extends Omit<CsvBlock, 'rows'> {
  readonly rows: readonly (readonly Cell[])[];
  /** For each row, the columns that it fills, the same array for the same ones. Left out: those of the source. */
  readonly shapes?: readonly (readonly number[])[];
}
