/**
 * Saves and reports of the jobs of a session, several in one request. A request is repeated until the server has answered
 * it or the claims of the session are lost: the server gives the same answer to a repeated request.
 */
import { limitedBy } from '../sleep.ts';
import { type Call, isPassing, pauseAfter, WorkerError } from './calls.ts';

interface Entry<A> {
  readonly body: object;
  readonly bytes: number;
  readonly resolve: (answer: A | null) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ENTRIES = 100;
const MAX_BYTES = 3_000_000;

/**
 * @param lost aborted when the claims of the session are lost
 * @returns a function that sends one entry; it resolves with null once the claims are lost
 */
export const createBatches = <A>(name: string, session: string, call: Call, timeoutMs: number, lost: AbortSignal) => {
  let pending: Entry<A>[] = [];
  let isSending = false;

  const take = (): readonly Entry<A>[] => {
    let bytes = 0;
    const count = pending.findIndex((entry, at) => {
      bytes += entry.bytes;
      return at === MAX_ENTRIES || (at > 0 && bytes > MAX_BYTES);
    });
    const taken = pending.slice(0, count === -1 ? undefined : count);
    pending = pending.slice(taken.length);
    return taken;
  };

  const send = async (entries: readonly Entry<A>[]): Promise<void> => {
    while (!lost.aborted) {
      try {
        using limit = limitedBy(timeoutMs, [lost]);
        const { jobs } = await call<{ readonly jobs: readonly A[] }>(
          name,
          { session, jobs: entries.map(({ body }) => body) },
          limit.signal,
        );
        for (const [at, entry] of entries.entries()) entry.resolve(jobs[at] ?? null);
        return;
      } catch (error) {
        if (error instanceof WorkerError && error.code === 'NOT_FOUND') break;
        if (!isPassing(error)) return refuse(entries, error);
        await pauseAfter(error, lost);
      }
    }
    for (const entry of entries) entry.resolve(null);
  };

  /** One entry is wrong: the others are sent again, each by itself. */
  const refuse = async (entries: readonly Entry<A>[], error: unknown): Promise<void> => {
    const [first, ...others] = entries;
    if (others.length === 0) return first?.reject(error);
    for (const entry of entries) await send([entry]);
  };

  const sendAll = async () => {
    if (isSending) return;
    isSending = true;
    // The entries of jobs that step at the same time travel together.
    await new Promise(setImmediate);
    while (pending.length > 0) await send(take());
    isSending = false;
  };

  return (body: object): Promise<A | null> =>
    new Promise((resolve, reject) => {
      if (lost.aborted) return resolve(null);
      pending.push({ body, bytes: Buffer.byteLength(JSON.stringify(body)), resolve, reject });
      void sendAll();
    });
};
