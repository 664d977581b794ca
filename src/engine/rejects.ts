import { unavailable } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { Reject, RejectPage } from '../jobs/reject.ts';
import type { KnownDatabase, PageOf, Store } from '../store/store.ts';
import type { Threads } from './threads.ts';

export interface Rejects {
  /** A page of the rows that an import set aside. @throws unavailable when its database cannot be read now */
  read(job: Job, page: PageOf): Promise<{ readonly nodes: readonly Reject[]; readonly more: boolean }>;
}

interface RejectsOptions {
  readonly store: Store;
  readonly threads: Threads;
  readonly fileOf: (database: KnownDatabase) => string;
}

export const createRejects = ({ store, threads, fileOf }: RejectsOptions): Rejects => ({
  read: async ({ id, database: name }, page) => {
    const database = (await store.databases()).find((known) => known.name === name);
    if (database === undefined) throw unavailable(`database ${name} is not known any more`);
    const read = (asked: RejectPage) =>
      threads.ask<readonly Reject[]>('rejects', fileOf(database), database.name, id, asked);
    const found = await read({ direction: page.direction, from: firstOf(page), limit: page.limit });
    return { nodes: found.slice(0, page.limit), more: found.length > page.limit };
  },
});

const firstOf = ({ direction, after, inclusive }: PageOf): number => {
  if (after === null) return direction === 'ascending' ? 0 : Number.MAX_SAFE_INTEGER;
  const step = direction === 'ascending' ? 1 : -1;
  return after[0] + (inclusive === true ? 0 : step);
};
