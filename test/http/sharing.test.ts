import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createSharedSubscriptions, type Message, type Sharing } from '../../src/http/shared-subscriptions.ts';
import type { LiveReader, LiveStream } from '../../src/live-stream.ts';

/** Sharing alone, without a server: the streams read a log of numbers that the test writes. */

interface Item {
  readonly n: number;
}

const createLog = () => {
  const items: Item[] = [];
  const followers = new Map<object, { reader: LiveReader<Item>; resolve: (again: boolean) => void; at: number }>();
  const open = new Set<object>();
  let computed: number[] = [];
  let accessChanged: () => void = () => undefined;
  let computing: Promise<void> | null = null;

  const streamAfter = (after: number, failure: Error | null): AsyncIterableIterator<Item> & LiveStream<Item> => {
    const stream = {};
    let at = after;
    open.add(stream);
    return {
      catchUp: async function* () {
        if (failure !== null) throw failure;
        for (; at < items.length; at += 1) yield items[at] as Item;
      },
      follow: (reader: LiveReader<Item>) =>
        new Promise((resolve) => {
          if (!open.has(stream)) return resolve(false);
          if (at < items.length) return resolve(true);
          followers.set(stream, {
            reader,
            at,
            resolve: (again) => {
              at = followers.get(stream)?.at ?? at;
              followers.delete(stream);
              resolve(again);
            },
          });
        }),
      mayRead: () => true,
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        open.delete(stream);
        followers.get(stream)?.resolve(false);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };

  const schema = buildSchema('type Query { n: Int } type Subscription { n: Int }');
  const field = schema.getSubscriptionType()?.getFields().n;
  if (field === undefined) throw new Error('the schema has no subscription');
  field.subscribe = (_source, _args, { after, failure }) => {
    if (after < 0) throw new Error('after is negative');
    return streamAfter(after, failure);
  };
  field.resolve = ({ n }: Item) => {
    computed.push(n);
    if (n === 13) throw new Error('bad luck');
    return computing === null ? n : computing.then(() => n);
  };
  return {
    schema,
    shared: createSharedSubscriptions(
      {
        of: () => null,
        onAccessChange: (listener) => {
          accessChanged = listener;
        },
      },
      (error) => Object.assign(error as never, { message: `masked: ${(error as Error).message}` }),
    ),
    /** The numbers whose results have been computed since the last call. */
    computed: () => {
      const since = computed;
      computed = [];
      return since;
    },
    open: () => open.size,
    add: (count = 1) => {
      const added = Array.from({ length: count }, (_, n) => ({ n: items.length + n + 1 }));
      items.push(...added);
      for (const follower of [...followers.values()]) {
        if (!follower.reader.isReady()) {
          follower.resolve(true);
          continue;
        }
        const taken = follower.reader.take(added);
        follower.at = items.length;
        if (taken !== undefined) taken.then(() => follower.resolve(true));
      }
    },
    /** As the server's streams do, lets all readers catch up. */
    changeAccess: () => {
      for (const { resolve } of [...followers.values()]) resolve(true);
      accessChanged();
    },
    /** From now on, a result takes until the returned function is called. */
    holdResults: () => {
      let release: () => void = () => undefined;
      computing = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        computing = null;
        release();
      };
    },
  };
};
type Log = ReturnType<typeof createLog>;

/** All that can be done without anything new has been done. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

const listen = async (log: Log, { key = 'same', after = 0, isFixed = true, failure = null as Error | null } = {}) => {
  const got: string[] = [];
  const state = { key: key as string | null, behind: false };
  /** What was sent one at a time, and not pushed. */
  const alone: string[] = [];
  let accept: (() => void) | null = null;
  const sharing: Sharing = {
    key: () => {
      if (state.key === null) throw new Error('the viewer is gone');
      return state.key;
    },
    isFixed,
  };
  const numberOf = ({ bytes }: Message) => {
    const { data, errors } = JSON.parse(String(bytes)) as { data: Item; errors?: readonly Error[] };
    return errors === undefined ? String(data.n) : String(errors[0]?.message);
  };
  const reader = {
    send: async (message: Message) => {
      if (state.behind) {
        await new Promise<void>((resolve) => {
          accept = resolve;
        });
      }
      alone.push(numberOf(message));
      got.push(numberOf(message));
    },
    push: (messages: readonly Message[]) => void got.push(...messages.map(numberOf)),
    isBehind: () => state.behind,
  };
  const args = { schema: log.schema, document: parse('subscription { n }'), contextValue: { after, failure } };
  const stream = await log.shared.serve(sharing, args, reader);
  if (!('next' in stream)) throw new Error(stream.errors?.[0]?.message);
  const end = stream.next().then(({ done }) => (done ? 'done' : 'a result'), String);
  await settled();
  return {
    got,
    alone,
    state,
    end,
    leave: () => stream.return?.(),
    catchUp: () => {
      state.behind = false;
      accept?.();
    },
  };
};

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, n) => String(from + n));

test('each gets everything from where it begins, and a result is computed once for all', async () => {
  const log = createLog();
  log.add(3);
  const first = await listen(log);
  const second = await listen(log, { after: 2 });
  expect([first.got, second.got]).toEqual([upTo(3), ['3']]);
  expect(log.computed()).toEqual([1, 2, 3]);

  log.add(2);
  expect([first.got, second.got]).toEqual([upTo(5), upTo(5, 3)]);
  expect(log.computed()).toEqual([4, 5]);
  expect([first.alone, second.alone]).toEqual([upTo(3), ['3']]);
});

test('those who ask something else, or may see something else, do not share', async () => {
  const log = createLog();
  const readers = [await listen(log), await listen(log, { key: 'another' })];
  log.add();
  expect(readers.map(({ got }) => got)).toEqual([['1'], ['1']]);
  expect(log.computed()).toEqual([1, 1]);
});

test('one that does not keep up is served alone from the last that it got, and delays nobody', async () => {
  const log = createLog();
  const [quick, slow] = [await listen(log), await listen(log)];
  log.add();
  slow.state.behind = true;
  log.add(3);
  await settled();
  expect([quick.got, slow.got]).toEqual([upTo(4), ['1']]);

  slow.catchUp();
  await settled();
  expect(slow.alone).toEqual(upTo(4, 2));
  expect(log.computed()).toEqual([1, 2, 3, 4]);
  log.add();
  expect([quick.got, slow.got]).toEqual([upTo(5), upTo(5)]);
});

test('a result that may differ later is shared only by those who need it now', async () => {
  const log = createLog();
  const [first, second] = [await listen(log, { isFixed: false }), await listen(log, { isFixed: false })];
  log.add();
  await settled();
  expect(log.computed()).toEqual([1]);
  const third = await listen(log, { isFixed: false });
  expect(log.computed()).toEqual([1]);
  expect([first.got, second.got, third.got]).toEqual([['1'], ['1'], ['1']]);
});

test('results that take time keep their order, and are computed once for all who wait for them', async () => {
  const log = createLog();
  const readers = [await listen(log, { isFixed: false }), await listen(log, { isFixed: false })];
  const release = log.holdResults();
  log.add(2);
  await settled();
  log.add(2);
  await settled();
  expect(readers.map(({ got }) => got)).toEqual([[], []]);
  release();
  await settled();
  expect(readers.map(({ got }) => got)).toEqual([upTo(4), upTo(4)]);
  expect(log.computed()).toEqual([1, 2, 3, 4]);
});

test('a result that was computed for what a reader could see before is not sent to it', async () => {
  const log = createLog();
  const [stays, changes] = [await listen(log), await listen(log)];
  const release = log.holdResults();
  log.add();
  changes.state.key = 'another';
  log.changeAccess();
  release();
  await settled();
  expect([stays.got, changes.got]).toEqual([['1'], ['1']]);
  // Once before the change; then once for each of what they see now.
  expect(log.computed()).toEqual([1, 1, 1]);
});

test('a stream ends with its reader, and the others stay', async () => {
  const log = createLog();
  const [first, second] = [await listen(log), await listen(log)];
  await first.leave();
  expect(await first.end).toBe('done');
  log.add();
  expect([first.got, second.got, log.open()]).toEqual([[], ['1'], 1]);
  await second.leave();
  await settled();
  expect(log.open()).toBe(0);
});

test('one that leaves while it is served alone, and stuck, leaves no stream behind', async () => {
  const log = createLog();
  const slow = await listen(log);
  slow.state.behind = true;
  log.add(2);
  await settled();
  await slow.leave();
  slow.catchUp();
  await settled();
  expect(log.open()).toBe(0);
  expect(await slow.end).toBe('done');
});

test('a deleted viewer gets an error, and the others stay', async () => {
  const log = createLog();
  const [stays, gone] = [await listen(log), await listen(log)];
  gone.state.key = null;
  log.changeAccess();
  log.add();
  await settled();
  expect(await gone.end).toContain('the viewer is gone');
  expect([stays.got, gone.got]).toEqual([['1'], []]);
  expect(log.open()).toBe(1);
});

test('an error in a result is sent masked; one of a stream ends it; one at the start is the answer', async () => {
  const log = createLog();
  log.add(13);
  const unlucky = await listen(log, { after: 12 });
  expect(unlucky.got).toEqual(['masked: bad luck']);
  const failed = await listen(log, { failure: new Error('the disk is slow today') });
  expect(await failed.end).toBe('Error: masked: the disk is slow today');
  await expect(listen(log, { after: -1 })).rejects.toThrow('masked: after is negative');
  expect(log.open()).toBe(1);
});
