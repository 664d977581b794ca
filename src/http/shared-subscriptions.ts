/**
 * One execution for all who ask the same. A reader is first served alone, from where it wants to begin, at its own
 * pace; once it has all that there is, it joins the group of those who ask the same, and gets what the group's one
 * execution brings, written once and sent to all. A reader that does not keep up leaves the group and is served alone
 * again, from the last that it got. Results have places in one order, so that nobody misses or repeats one on the way.
 */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';

/** A subscription that can be shared. */
export interface Sharing {
  /** The same for all who ask the same, and may see the same. */
  key(): string;
  /** Its execution behind a place; null: from where the operation itself says. */
  from(place: number | null): { readonly args: ExecutionArgs; readonly progress: Progress };
}

/** Which subscriptions are the same for many. */
export interface SharingRules {
  of(args: ExecutionArgs): Sharing | null;
  /** Called with what is to happen when what viewers may see has changed. */
  onAccessChange(listener: () => void): void;
}

/** What an execution tells on its way. */
export interface Progress {
  /** Where the last result stands in the order; when idle, up to where everything has been looked at. */
  place: number;
  /** Called when there is nothing more for now. */
  idle: () => void;
}

/** Where results go. */
export interface Reader {
  /** Resolves when the text has left this process. */
  send(text: string): Promise<void>;
  /** Hands the text over without waiting. */
  push(text: string): void;
  /** So much waits to be taken that no more is pushed. */
  isBehind(): boolean;
}

export type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

interface Member {
  readonly reader: Reader;
  readonly sharing: Sharing;
  /** The place of the last result that it got, or needs not get. */
  last: number;
  readonly serveAlone: () => void;
  readonly end: (error?: unknown) => void;
}

interface Group {
  /** Whose execution it is. */
  readonly sharing: Sharing;
  readonly members: Set<Member>;
  place: number;
  stop: () => void;
}

export interface Groups {
  /** A stream that brings its results to the reader itself, yields nothing, and ends when they end. */
  serve(sharing: Sharing, subscribe: Subscribe, reader: Reader): ReturnType<Subscribe>;
  /** What readers may see has changed: each is served alone until it finds its group again. */
  regroup(): void;
}

export const createSharedSubscriptions = (write: (result: ExecutionResult) => string): Groups => {
  const groups = new Map<string, Group>();

  const runGroup = async (key: string, group: Group, sharing: Sharing, subscribe: Subscribe) => {
    const { args, progress } = sharing.from(group.place);
    const results = await subscribe(args);
    if (!isAsyncIterable(results)) throw new Error('a subscription that was begun cannot be shared');
    const iterator = results[Symbol.asyncIterator]();
    // All may have left while it began.
    if (group.members.size === 0) return void iterator.return?.();
    group.stop = () => {
      if (groups.get(key) === group) groups.delete(key);
      void iterator.return?.();
    };
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return;
      group.place = progress.place;
      deliver(group, write(value));
    }
  };

  const join = (member: Member, subscribe: Subscribe): boolean => {
    const key = member.sharing.key();
    const known = groups.get(key);
    if (known !== undefined) {
      // What the group has told already, this one would miss: it reads on until it is level.
      if (known.place > member.last) return false;
      known.members.add(member);
      return true;
    }
    const { sharing } = member;
    const group: Group = { sharing, members: new Set([member]), place: member.last, stop: () => groups.delete(key) };
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
      let stopAlone: () => void = () => undefined;
      const ended = createEnd();
      const results = await begin(null);
      if (!isAsyncIterable(results.stream)) return results.stream;
      const member: Member = {
        reader,
        sharing,
        last: 0,
        end: ended.end,
        serveAlone: () => {
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
          stopAlone();
          leave(member);
          ended.end();
          return ended.promise;
        },
      } as AsyncIterableIterator<ExecutionResult>;

      async function begin(place: number | null) {
        const { args, progress } = sharing.from(place);
        return { stream: await subscribe(args), progress };
      }
      async function follow({ stream, progress }: Awaited<ReturnType<typeof begin>>) {
        if (!isAsyncIterable(stream)) return ended.end(stream.errors?.[0]);
        const iterator = stream[Symbol.asyncIterator]();
        if (left) return void iterator.return?.();
        let joined = false;
        stopAlone = () => void iterator.return?.();
        progress.idle = () => {
          member.last = Math.max(member.last, progress.place);
          if (joined || left || !join(member, subscribe)) return;
          joined = true;
          stopAlone();
        };
        try {
          for (;;) {
            const { done, value } = await iterator.next();
            if (done === true) break;
            await reader.send(write(value));
            member.last = progress.place;
          }
          if (!joined) ended.end();
        } catch (error) {
          ended.end(error);
        }
      }
    },
    regroup: () => {
      for (const [key, group] of [...groups]) {
        // The one whose execution it is decides for all what is seen.
        const dissolved = !isStill(key, group.sharing);
        const leaving = [...group.members].filter(({ sharing }) => dissolved || !isStill(key, sharing));
        for (const member of leaving) group.members.delete(member);
        if (group.members.size === 0) group.stop();
        for (const member of leaving) member.serveAlone();
      }
    },
  };
};

const deliver = (group: Group, text: string) => {
  for (const member of group.members) {
    if (member.last >= group.place) continue;
    if (member.reader.isBehind()) {
      group.members.delete(member);
      member.serveAlone();
    } else {
      member.reader.push(text);
      member.last = group.place;
    }
  }
  if (group.members.size === 0) group.stop();
};

const endAll = (group: Group, error?: unknown) => {
  for (const member of group.members) member.end(error);
  group.members.clear();
};

/** A viewer who is gone has no key any more. */
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
  // Whoever left does not look at how it ended.
  promise.catch(() => undefined);
  return { promise, end };
};
