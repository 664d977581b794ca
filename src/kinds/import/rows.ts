/** Rows of a source, in any format, on their way from a reader to the database. */
import type { CsvBlock } from './csv-block.ts';

/**
 * A value to store. The column converts text to its own type; a number is used where the column stores any type.
 * Formats that have booleans pass them on.
 */
export type Cell = string | number | bigint | boolean | null;

/** A run of complete rows, in parallel arrays, of any format. */
export interface RowBlock extends Omit<CsvBlock, 'rows'> {
  readonly rows: readonly (readonly Cell[])[];
  /** For each row, the columns that it fills; equal lists share one array. If absent, the columns of the source. */
  readonly shapes?: readonly (readonly number[])[];
}

/** Rows, and the number of stored bytes read for them; null if that equals the end offset of each row. */
export type ReadBlock = RowBlock & { readonly storedBytes: number | null };
