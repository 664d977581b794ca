/** Reads of live queries. Those that ask the same of the same state of the store share one. */
import type { Reads, Store } from '../store/store.ts';

export type SharedReads = Pick<Reads, 'jobs' | 'jobsById' | 'jobsChangedSince' | 'statusesOf' | 'log'>;

/** More answers than this are not kept. They are forgotten with the next commit in any case. */
const MOST = 100;

/** The reads of each user take turns with those of others. */
export const createSharedReads = (store: Store) => {
  let answers = new Map<string, Promise<unknown>>();
  const forget = () => {
    if (answers.size > 0) answers = new Map();
  };
  const ignore = store.onCommit(forget);
  const sharedFor = (userName: string): SharedReads => {
    const caller = { userName, signal: () => undefined };
    const shared =
      <K extends keyof SharedReads>(name: K) =>
      (...args: Parameters<SharedReads[K]>): ReturnType<SharedReads[K]> => {
        const key = JSON.stringify([name, args]);
        const known = answers.get(key);
        if (known !== undefined) return known as ReturnType<SharedReads[K]>;
        if (answers.size >= MOST) forget();
        const answer = (store.readsFor(caller)[name] as (...given: unknown[]) => Promise<unknown>)(...args);
        const kept = answers;
        kept.set(key, answer);
        answer.catch(() => kept.delete(key));
        return answer as ReturnType<SharedReads[K]>;
      };
    return {
      jobs: shared('jobs'),
      jobsById: shared('jobsById'),
      jobsChangedSince: shared('jobsChangedSince'),
      statusesOf: shared('statusesOf'),
      log: shared('log'),
    };
  };
  return { sharedFor, stop: () => void ignore() };
};
