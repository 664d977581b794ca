/**
 * How many jobs of some types may run at the same time. A claim leaves out types and keys that are full, and takes of the
 * others as many as are free; if it had to leave some out, it looks again, since jobs of other types may have been behind them.
 */
import type { ClaimLimits } from './store.ts';

/** Statuses of jobs that count. */
export const COUNTED = ['RUNNING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING'] as const;

/** So many counted jobs of a type have the same key; null: have none. */
export interface Used {
  readonly typeName: string;
  readonly resource: string | null;
  readonly count: number;
}

interface Candidate {
  readonly typeName: string;
  /** The key under which it is counted. */
  readonly counted: string | null;
}

export interface Places {
  /** Types and keys of which no job may be claimed. */
  readonly fullTypes: readonly string[];
  readonly fullKeys: readonly string[];
  /** Takes a place for a job, and returns whether there was one. */
  take(job: Candidate): boolean;
}

/** @param busy types of which nothing may be claimed now, whatever is used */
export const placesOf = (limits: ClaimLimits, used: readonly Used[], busy: readonly string[] = []): Places => {
  const byType = new Map<string, number>();
  const byKey = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, count: number) => to.set(name, (to.get(name) ?? 0) + count);
  for (const { typeName, resource, count } of used) {
    add(byType, typeName, count);
    if (resource !== null) add(byKey, resource, count);
  }
  const limitOf = new Map(limits.concurrency?.map((limit) => [limit.typeName, limit]));
  const isFull = (count: number | undefined, most: number | undefined) => most !== undefined && (count ?? 0) >= most;
  return {
    fullTypes: [...limitOf.values()]
      .filter(({ typeName, total }) => busy.includes(typeName) || isFull(byType.get(typeName), total))
      .map(({ typeName }) => typeName),
    fullKeys: used.flatMap(({ typeName, resource }) =>
      resource !== null && isFull(byKey.get(resource), limitOf.get(typeName)?.perKey) ? [resource] : [],
    ),
    take: ({ typeName, counted }) => {
      const limit = limitOf.get(typeName);
      if (isFull(byType.get(typeName), limit?.total)) return false;
      if (counted !== null && isFull(byKey.get(counted), limit?.perKey)) return false;
      add(byType, typeName, 1);
      if (counted !== null) add(byKey, counted, 1);
      return true;
    },
  };
};
