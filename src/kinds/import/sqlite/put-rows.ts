/** Inserts rows with these values. Returns how many rows it inserted, or CONFLICT. */
export type PutRows = (values: readonly unknown[]) => number;

/** The outcome of a row that conflicted with others, and was stored as the policy requires. */
export const CONFLICT = -1;
