/**
 * Who wants to hear of something, found by what it is instead of by asking everyone. A condition that holds only for
 * certain values of a field is looked up by these; one without such a field is asked every time. What is found may
 * still not match: the condition itself decides.
 */
import type { Access } from '../jobs/access.ts';
import { type Condition, requiredValues } from '../jobs/filter.ts';

export interface Interest<S, F> {
  /** Returns a function that removes the follower. */
  add(follower: F, where: Condition, access: Access): () => void;
  /** Every follower whose condition may match, each once. */
  of(subject: S): Iterable<F>;
  readonly size: number;
}

/** @param fields those by which followers are looked up, the most selective first */
export const createInterest = <S, F>(
  fields: readonly string[],
  read: (subject: S, field: string) => unknown,
): Interest<S, F> => {
  const indexes = fields.map((field) => ({ field, followers: new Map<unknown, Set<F>>() }));
  const others = new Set<F>();
  let size = 0;

  const addAt = (values: ReadonlySet<unknown>, index: Map<unknown, Set<F>>, follower: F) => {
    for (const value of values) {
      const known = index.get(value);
      if (known === undefined) index.set(value, new Set([follower]));
      else known.add(follower);
    }
    return () => {
      for (const value of values) {
        const followers = index.get(value);
        followers?.delete(follower);
        if (followers?.size === 0) index.delete(value);
      }
    };
  };
  const place = (follower: F, where: Condition): (() => void) => {
    for (const { field, followers } of indexes) {
      const values = requiredValues(where, field);
      if (values !== null && values.size <= MOST_VALUES) return addAt(values, followers, follower);
    }
    others.add(follower);
    return () => void others.delete(follower);
  };

  return {
    add: (follower, where, { sees }) => {
      const own: Condition | null = sees === 'all' ? null : { is: 'equals', field: 'userName', value: sees.userName };
      const remove = place(follower, own === null ? where : { is: 'all', of: [where, own] });
      size += 1;
      let isThere = true;
      return () => {
        if (!isThere) return;
        isThere = false;
        size -= 1;
        remove();
      };
    },
    of: function* (subject) {
      yield* others;
      for (const { field, followers } of indexes) {
        if (followers.size > 0) yield* followers.get(read(subject, field)) ?? [];
      }
    },
    get size() {
      return size;
    },
  };
};

/** A condition with more values than this is asked every time: its entries would take more space than that saves. */
const MOST_VALUES = 100;
