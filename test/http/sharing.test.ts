import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createSharedSubscriptions, type Progress, type Sharing } from '../../src/http/shared-subscriptions.ts';

/** Sharing alone, without a server: executions read a log of numbers that the test writes. */

const SCHEMA = buildSchema('type Query { n: Int }');
const DOCUMENT = parse('{ n }');

interface Asked {
  readonly after: number;
  readonly progress: Progress;
}

const createLog = () => {
  let head = 0;
  let failure: Error | null = null;
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const go of waiting) go();
    waiting.clear();
  };
  let open = 0;
  const written: number[] = [];
  async function* read({ after, progress }: Asked): AsyncGenerator<ExecutionResult> {
    for (let position = after; ; ) {
      if (failure !== null) throw failure;
      if (isOver) return;
      if (position < head) {
        position += 1;
        progress.position = position;
        yield { data: { n: position } };
      } else {
        progress.position = position;
        const more = new Promise<void>((resolve) => waiting.add(resolve));
        progress.idle();
        await more;
      }
    }
  }
  /** A generator that waits does not hear that it is left: as the server's streams do, this one ends its wait. */
  const execution = (asked: Asked) => {
    const source = read(asked);
    let left = false;
    open += 1;
    const leave = () => {
      if (!left) open -= 1;
      left = true;
      wake();
    };
    const iterator: AsyncIterableIterator<ExecutionResult> = {
      next: async () => {
        if (left) return { done: true, value: undefined };
        try {
          const result = await source.next();
          if (result.done === true) leave();
          return left ? { done: true, value: undefined } : result;
        } catch (error) {
          leave();
          throw error;
        }
      },
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  };
  const groups = createSharedSubscriptions((result) => {
    written.push(Number(result.data?.n));
    return String(result.data?.n);
  });
  const subscribe = async ({ contextValue }: ExecutionArgs) => execution(contextValue as Asked);
  return {
    groups,
    subscribe,
    /** What was written out, for however many. */
    written,
    /** How many executions there are. */
    open: () => open,
    add: (count = 1) => {
      head += count;
      wake();
    },
    fail: (error: Error) => {
      failure = error;
      wake();
    },
    complete: () => {
      isOver = true;
      wake();
    },
  };
};
type Log = ReturnType<typeof createLog>;

/** All that can be done without anything new has been done. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

const listen = async (log: Log, { key = 'same', after = 0 } = {}) => {
  const got: string[] = [];
  const state = { key: key as string | null, behind: false };
  /** What was handed over one at a time, and not to a group at once. */
  const alone: string[] = [];
  let take: (() => void) | null = null;
  const sharing: Sharing = {
    key: () => {
      if (state.key === null) throw new Error('the viewer is gone');
      return state.key;
    },
    from: (position) => {
      const progress: Progress = { position: 0, idle: () => undefined };
      return {
        args: { schema: SCHEMA, document: DOCUMENT, contextValue: { after: position ?? after, progress } },
        progress,
      };
    },
  };
  const reader = {
    send: async (text: string) => {
      if (state.behind) {
        await new Promise<void>((resolve) => {
          take = resolve;
        });
      }
      alone.push(text);
      got.push(text);
    },
    push: (text: string) => void got.push(text),
    isBehind: () => state.behind,
  };
  const stream = (await log.groups.serve(sharing, log.subscribe, reader)) as AsyncIterableIterator<ExecutionResult>;
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
      take?.();
    },
  };
};

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, n) => String(from + n));

test('those who ask the same get all from where each begins, and then share one execution, written once for all', async () => {
  const log = createLog();
  log.add(3);
  const first = await listen(log);
  const second = await listen(log, { after: 2 });
  expect([first.got, second.got]).toEqual([upTo(3), ['3']]);
  expect(log.open()).toBe(1);

  log.written.length = 0;
  log.add(2);
  await settled();
  expect([first.got, second.got]).toEqual([upTo(5), upTo(5, 3)]);
  expect(log.written).toEqual([4, 5]);
  expect([first.alone, second.alone]).toEqual([upTo(3), ['3']]);
});

test('those who ask something else, or may see something else, do not share', async () => {
  const log = createLog();
  const readers = [await listen(log), await listen(log, { key: 'another' })];
  expect(log.open()).toBe(2);
  log.add();
  await settled();
  expect(readers.map(({ got }) => got)).toEqual([['1'], ['1']]);
  expect(log.written).toEqual([1, 1]);
});

test('one that does not keep up is served alone from the last that it got, and holds up nobody', async () => {
  const log = createLog();
  const [quick, slow] = [await listen(log), await listen(log)];
  log.add();
  await settled();
  slow.state.behind = true;
  log.add(3);
  await settled();
  expect([quick.got, slow.got]).toEqual([upTo(4), ['1']]);
  expect(log.open()).toBe(2);

  slow.catchUp();
  await settled();
  expect(slow.got).toEqual(upTo(4));
  expect(slow.alone).toEqual(upTo(4, 2));
  expect(log.open()).toBe(1);
  log.add();
  await settled();
  expect([quick.got, slow.got]).toEqual([upTo(5), upTo(5)]);
});

test('an execution ends with the last of those who share it, and not before', async () => {
  const log = createLog();
  const [first, second] = [await listen(log), await listen(log)];
  await first.leave();
  expect(await first.end).toBe('done');
  log.add();
  await settled();
  expect([first.got, second.got, log.open()]).toEqual([[], ['1'], 1]);
  await second.leave();
  await settled();
  expect(log.open()).toBe(0);
  // The next reader begins a group of its own.
  const third = await listen(log);
  expect([third.got, log.open()]).toEqual([['1'], 1]);
});

test('one that leaves while it is served alone, and stuck, leaves no execution behind', async () => {
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

test('when what is seen has changed for one, it goes to those who see the same, and the others stay', async () => {
  const log = createLog();
  const [stays, goes] = [await listen(log), await listen(log)];
  goes.state.key = 'another';
  log.groups.regroup();
  await settled();
  expect(log.open()).toBe(2);
  log.add();
  await settled();
  expect([stays.got, goes.got]).toEqual([['1'], ['1']]);
  expect(log.written).toEqual([1, 1]);
});

test('when it has changed for the one whose execution it is, all are regrouped, and none misses or repeats anything', async () => {
  const log = createLog();
  log.add(2);
  const readers = [await listen(log), await listen(log), await listen(log, { after: 1 })];
  const [owner, other, third] = readers;
  if (owner !== undefined) owner.state.key = 'another';
  log.groups.regroup();
  log.add(2);
  await settled();
  expect(readers.map(({ got }) => got)).toEqual([upTo(4), upTo(4), upTo(4, 2)]);
  expect(log.open()).toBe(2);
  await Promise.all([other?.leave(), third?.leave()]);
  await settled();
  expect(log.open()).toBe(1);
});

test('a deleted viewer gets an error, and the others stay', async () => {
  const log = createLog();
  const [stays, gone] = [await listen(log), await listen(log)];
  gone.state.key = null;
  log.groups.regroup();
  expect(await gone.end).toBe('Error: the viewer is gone');
  log.add();
  await settled();
  expect([stays.got, gone.got]).toEqual([['1'], []]);
  await stays.leave();
  await settled();
  expect(log.open()).toBe(0);
});

test('an execution that fails or comes to its end does so for all who share it', async () => {
  const failing = createLog();
  const failed = [await listen(failing), await listen(failing)];
  failing.fail(new Error('the disk is slow today'));
  for (const { end } of failed) expect(await end).toBe('Error: the disk is slow today');

  const log = createLog();
  const ended = [await listen(log), await listen(log)];
  log.complete();
  for (const { end } of ended) expect(await end).toBe('done');
  expect(log.open()).toBe(0);
});

test('a subscription that is refused is answered as it is', async () => {
  const { groups } = createLog();
  const refusal: ExecutionResult = { errors: [] };
  const sharing: Sharing = {
    key: () => 'x',
    from: () => ({ args: { schema: SCHEMA, document: DOCUMENT }, progress: { position: 0, idle: () => undefined } }),
  };
  const reader = { send: async () => undefined, push: () => undefined, isBehind: () => false };
  expect(await groups.serve(sharing, async () => refusal, reader)).toBe(refusal);
});
