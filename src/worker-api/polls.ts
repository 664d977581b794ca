/** Claims that wait for a job: a long poll each, which asks the store again after every commit that may have created work. */
import { createNotifier } from '../engine/notifier.ts';
import { limitedBy, sleep } from '../sleep.ts';
import type { Store } from '../store/store.ts';

interface Asked<A> {
  /** The worker gets the answer immediately. */
  readonly isNews: boolean;
  /** When to ask again although nothing was committed, in milliseconds. */
  readonly waitMs: number | null;
  readonly answer: A;
}

/** Many waiting workers do not make the store answer each of them after each of many commits. */
const PAUSE_MS = 10;

export const createPolls = (store: Pick<Store, 'onCommit'>, longestMs: number) => {
  const wake = createNotifier();
  /** What ends the waiting claims of each session. */
  const waiting = new Map<string, Set<() => void>>();
  let isStopping = false;
  let head = -1;
  const ignoreCommits = store.onCommit((commit) => {
    if (commit.head === head) return;
    head = commit.head;
    wake.notify();
  });
  const register = (id: string, end: () => void) => {
    const ends = waiting.get(id) ?? new Set();
    waiting.set(id, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0) waiting.delete(id);
    };
  };
  /** Resolves after a commit, when the time has come to ask again, or at the end. */
  const nextCommit = async (armed: Promise<void>, waitMs: number | null, over: AbortSignal) => {
    if (waitMs === null) return armed;
    using due = limitedBy(Math.max(1, waitMs), [over]);
    await Promise.race([armed, wake.next(due.signal)]);
  };
  return {
    /** The first answer that is news, or the last one when the time is over, the slots have changed, or the worker has left. */
    wait: async <A>(id: string, left: AbortSignal, ask: () => Promise<Asked<A>>): Promise<A> => {
      using limit = limitedBy(longestMs, [left]);
      const over = limit.signal;
      const unregister = register(id, limit.abort);
      try {
        for (;;) {
          const armed = wake.next(over);
          const { isNews, waitMs, answer } = await ask();
          if (isNews || over.aborted || isStopping) return answer;
          await nextCommit(armed, waitMs, over);
          await sleep(PAUSE_MS, over).catch(() => undefined);
          // What would be claimed for a worker that has left would wait until its next claim.
          if (left.aborted || isStopping) return answer;
        }
      } finally {
        unregister();
      }
    },
    /** The slots of a session have changed: its waiting claim has the old numbers, and ends. */
    release: (id: string) => {
      for (const end of waiting.get(id) ?? []) end();
    },
    stop: () => {
      ignoreCommits();
      isStopping = true;
      for (const ends of waiting.values()) for (const end of ends) end();
    },
  };
};
