/** Rows of one block that fill different columns. The table itself supplies the default of an omitted column. */
import type { Insert, Inserted, RowBlock } from './rows.ts';

// Bounds the number of statements when every object has different keys.
const MAX_KEPT = 64;

/** Returns a function that returns the inserter for a list of columns, prepared once for the same array. */
export const onceForEach = (prepare: (fields: readonly number[]) => Insert) => {
  const kept = new Map<readonly number[], Insert>();
  return (fields: readonly number[]): Insert => {
    const known = kept.get(fields);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const insert = prepare(fields);
    kept.set(fields, insert);
    return insert;
  };
};

/** Inserts each run of rows that fill the same columns with the inserter for those columns. */
export const byShape =
  (insertOf: (fields: readonly number[]) => Insert, all: readonly number[]): Insert =>
  (block, from, to, maxRejects) => {
    let sum: Inserted = { rows: 0, rejected: 0, to: from, bad: null };
    while (sum.to < to && sum.bad === null) {
      const fields = block.shapes?.[sum.to] ?? all;
      const end = endOf(block, fields, sum.to, to);
      const { rows, rejected, ...rest } = insertOf(fields)(block, sum.to, end, maxRejects - sum.rejected);
      sum = { rows: sum.rows + rows, rejected: sum.rejected + rejected, ...rest };
    }
    return sum;
  };

const endOf = ({ shapes }: RowBlock, fields: readonly number[], from: number, to: number): number => {
  if (shapes === undefined) return to;
  let end = from + 1;
  while (end < to && shapes[end] === fields) end++;
  return end;
};
