/** Queries that are answered where work runs, by name. */
import type { Kind } from '../jobs/kind.ts';

export type Queries = Readonly<Record<string, (...args: never[]) => unknown>>;

/** The queries that a kind answers. */
export const queriesOf = ({ create, cleanUp, queries }: Kind): Queries => ({
  create,
  ...(cleanUp === undefined ? {} : { cleanUp }),
  ...queries,
});

/** @throws Error when no query has this name */
export const answerQuery = (queries: Queries, query: string, args: readonly unknown[]): unknown => {
  const answer = queries[query] as ((...args: readonly unknown[]) => unknown) | undefined;
  if (answer === undefined) throw new Error(`there is no query ${query}`);
  return answer(...args);
};
