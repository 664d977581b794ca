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
  /** The newest revision of which anyone knows: what was read before is older. */
  let newest = 0;
  const ignore = store.onCommit(({ revision }) => {
    newest = Math.max(newest, revision);
    forget();
  });
  // An answer may know of a commit before it is announced. What is read next must not be older than that.
  const forgetOlder = async <T extends { readonly revision: number }>(answer: Promise<T>): Promise<T> => {
    const read = await answer;
    if (read.revision > newest) {
      newest = read.revision;
      forget();
    }
    return read;
  };
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
    const log = shared('log');
    const jobsChangedSince = shared('jobsChangedSince');
    return {
      jobs: shared('jobs'),
      jobsById: shared('jobsById'),
      jobsChangedSince: (...args) => forgetOlder(jobsChangedSince(...args)),
      statusesOf: shared('statusesOf'),
      log: () => forgetOlder(log()),
    };
  };
  return { sharedFor, stop: () => void ignore() };
};
