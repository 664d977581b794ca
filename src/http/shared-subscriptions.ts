/**
 * Shares one execution among all readers of the same subscription. A reader is first served by its own execution, from
 * its starting position and at its own pace. Once it has received everything so far, it joins the group of readers with
 * the same subscription and receives the results of the group's one execution, which are serialized once and sent to
 * all. A reader that does not keep up is detached: it gets its own execution again, starting after its last result.
 * Results have positions in one order, so that no reader misses or repeats one in the transition.
 */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';

/** A subscription that can be shared. */
export interface Sharing {
  /** Equal for readers who request the same and may see the same. */
  key(): string;
  /** The arguments to execute it after a position; null: from where the operation itself starts. */
  from(position: number | null): { readonly args: ExecutionArgs; readonly progress: Progress };
}

/** Determines which subscriptions can be shared. */
export interface SharingRules {
  of(args: ExecutionArgs): Sharing | null;
  /** Registers a listener that is called when the access of viewers has changed. */
  onAccessChange(listener: () => void): void;
}

/** The progress of an execution. */
export interface Progress {
  /** The position of the last result in the order; when idle, the position up to which everything has been read. */
  position: number;
  /** Called when no more results are available for now. */
  idle: () => void;
}

/** The destination of results. */
export interface Reader {
  /** Resolves when the text has left this process. */
  send(text: string): Promise<void>;
  /** Passes the text on without waiting. */
  push(text: string): void;
  /** Whether so much data is waiting to be accepted that no more is pushed. */
  isBehind(): boolean;
}

export type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

interface Member {
  readonly reader: Reader;
  readonly sharing: Sharing;
  /** The position of the last result that the reader received or does not need. */
  last: number;
  readonly detach: () => void;
  readonly end: (error?: unknown) => void;
}

interface Group {
  /** The sharing of the member whose execution is used. */
  readonly sharing: Sharing;
  readonly members: Set<Member>;
  position: number;
  stop: () => void;
}

export interface Groups {
  /** Returns a stream that sends its results to the reader itself, yields nothing, and ends when the results end. */
  serve(sharing: Sharing, subscribe: Subscribe, reader: Reader): ReturnType<Subscribe>;
  /** Call this when the access of readers has changed: each is served separately until it joins its group again. */
  regroup(): void;
}

export const createSharedSubscriptions = (write: (result: ExecutionResult) => string): Groups => {
  const groups = new Map<string, Group>();

  const runGroup = async (key: string, group: Group, sharing: Sharing, subscribe: Subscribe) => {
    const { args, progress } = sharing.from(group.position);
    const results = await subscribe(args);
    if (!isAsyncIterable(results)) throw new Error('a subscription that was begun cannot be shared');
    const iterator = results[Symbol.asyncIterator]();
    // All members may have left while the execution started.
    if (group.members.size === 0) return void iterator.return?.();
    group.stop = () => {
      if (groups.get(key) === group) groups.delete(key);
      void iterator.return?.();
    };
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return;
      group.position = progress.position;
      deliver(group, write(value));
    }
  };

  const join = (member: Member, subscribe: Subscribe): boolean => {
    const key = member.sharing.key();
    const known = groups.get(key);
    if (known !== undefined) {
      // This reader would miss what the group has already sent, so it continues reading until it has caught up.
      if (known.position > member.last) return false;
      known.members.add(member);
      return true;
    }
    const { sharing } = member;
    const group: Group = { sharing, members: new Set([member]), position: member.last, stop: () => groups.delete(key) };
    groups.set(key, group);
    runGroup(key, group, sharing, subscribe).then(
      () => endAll(group),
      (error) => endAll(group, error),
    );
    return true;
  };

  const leave = (member: Member) => {
    for (const group of groups.values()) {
      if (group.members.delete(member) && group.members.size === 0) group.stop();
    }
  };

  return {
    serve: async (sharing, subscribe, reader) => {
      let left = false;
      let stopOwn: () => void = () => undefined;
      const ended = createEnd();
      const results = await begin(null);
      if (!isAsyncIterable(results.stream)) return results.stream;
      const member: Member = {
        reader,
        sharing,
        last: 0,
        end: ended.end,
        detach: () => {
          begin(member.last).then((again) => follow(again), ended.end);
        },
      };
      void follow(results);
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: () => ended.promise,
        return: async () => {
          left = true;
          stopOwn();
          leave(member);
          ended.end();
          return ended.promise;
        },
      } as AsyncIterableIterator<ExecutionResult>;

      async function begin(position: number | null) {
        const { args, progress } = sharing.from(position);
        return { stream: await subscribe(args), progress };
      }
      async function follow({ stream, progress }: Awaited<ReturnType<typeof begin>>) {
        if (!isAsyncIterable(stream)) return ended.end(stream.errors?.[0]);
        const iterator = stream[Symbol.asyncIterator]();
        if (left) return void iterator.return?.();
        let joined = false;
        stopOwn = () => void iterator.return?.();
        progress.idle = () => {
          member.last = Math.max(member.last, progress.position);
          if (joined || left || !join(member, subscribe)) return;
          joined = true;
          stopOwn();
        };
        try {
          for (;;) {
            const { done, value } = await iterator.next();
            if (done === true) break;
            await reader.send(write(value));
            member.last = progress.position;
          }
          if (!joined) ended.end();
        } catch (error) {
          ended.end(error);
        }
      }
    },
    regroup: () => {
      for (const [key, group] of [...groups]) {
        // The member whose execution is shared determines what all of them see.
        const dissolved = !isStill(key, group.sharing);
        const leaving = [...group.members].filter(({ sharing }) => dissolved || !isStill(key, sharing));
        for (const member of leaving) group.members.delete(member);
        if (group.members.size === 0) group.stop();
        for (const member of leaving) member.detach();
      }
    },
  };
};

const deliver = (group: Group, text: string) => {
  for (const member of group.members) {
    if (member.last >= group.position) continue;
    if (member.reader.isBehind()) {
      group.members.delete(member);
      member.detach();
    } else {
      member.reader.push(text);
      member.last = group.position;
    }
  }
  if (group.members.size === 0) group.stop();
};

const endAll = (group: Group, error?: unknown) => {
  for (const member of group.members) member.end(error);
  group.members.clear();
};

/** A viewer who was removed no longer has a key. */
const isStill = (key: string, sharing: Sharing): boolean => {
  try {
    return sharing.key() === key;
  } catch {
    return false;
  }
};

/** The end of a stream that yields nothing. */
const createEnd = () => {
  let end: (error?: unknown) => void = () => undefined;
  const promise = new Promise<IteratorResult<never>>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve({ done: true, value: undefined }) : reject(error));
  });
  // A reader that has left does not observe how its stream ended.
  promise.catch(() => undefined);
  return { promise, end };
};
