import { once } from 'node:events';
import { buildSchema } from 'graphql';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createMaskError } from '../../src/graphql/errors.ts';
import { type ServerOptions, startServer } from '../../src/http/server.ts';
import { openEvents, openSocket, postJson } from '../support/wire.ts';

/** This server has no folder to put anything into. */
const NOTHING = () => {
  throw new Error('nothing can be uploaded here');
};

/** A server without jobs: a stream of numbers that the test feeds, and a count of those who read it. */
const startNumbers = async (limits: Pick<ServerOptions, 'stuckMs' | 'initMs' | 'graceMs'> = {}) => {
  const readers = new Set<{ give(n: string): void; end(): void }>();
  let changed = () => {};
  const numbers = () => {
    const waiting: string[] = [];
    let wake = () => {};
    let ended = false;
    const reader = {
      give: (n: string) => {
        waiting.push(n);
        wake();
      },
      end: () => {
        ended = true;
        readers.delete(reader);
        changed();
        wake();
      },
    };
    readers.add(reader);
    changed();
    const stream: AsyncIterableIterator<{ numbers: string }> = {
      next: async () => {
        while (waiting.length === 0 && !ended) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const value = waiting.shift();
        return value === undefined || ended
          ? { done: true, value: undefined }
          : { done: false, value: { numbers: value } };
      },
      return: async () => {
        reader.end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  };
  const schema = buildSchema('type Query { one: Int } type Subscription { numbers: String! }');
  const field = schema.getSubscriptionType()?.getFields().numbers;
  if (field !== undefined) field.subscribe = numbers;
  const log = pino({ level: 'silent' });
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    version: '1.2.3',
    schema,
    signIn: async () => ({
      userName: 'root',
      context: () => ({}),
      onEnd: () => () => undefined,
      uploader: NOTHING,
      download: NOTHING,
      worker: NOTHING,
    }),
    refusedCode: 4403,
    maskError: createMaskError(log),
    allowedOrigins: [],
    checksHost: true,
    publicUrl: null,
    trustProxy: null,
    readPage: () => null,
    playground: () => Promise.reject(new Error('no playground here')),
    notReady: async () => null,
    log,
    ...limits,
  });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= server.stop();
    return stopping;
  };
  return {
    url: server.url,
    stop,
    give: (n: string) => {
      for (const reader of readers) reader.give(n);
    },
    readers,
    /** Waits until so many read. */
    untilRead: async (count: number) => {
      while (readers.size !== count) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: stop,
  };
};

const NUMBERS = { query: 'subscription { numbers }' };
const next = (n: string) => ({ data: { numbers: n } });

test('who leaves a socket, an event stream, or one subscription of several, ends what was read for them', async () => {
  await using server = await startNumbers();
  await using stays = await openSocket(server.url);
  await stays.next();
  stays.subscribe('kept', NUMBERS);
  await server.untilRead(1);

  stays.subscribe('given up', NUMBERS);
  await server.untilRead(2);
  stays.send({ id: 'given up', type: 'complete' });
  await server.untilRead(1);

  const drops = await openSocket(server.url);
  await drops.next();
  drops.subscribe('a', NUMBERS);
  drops.subscribe('b', NUMBERS);
  await server.untilRead(3);
  drops.socket.terminate();
  await server.untilRead(1);

  const events = await openEvents(server.url, NUMBERS);
  await server.untilRead(2);
  events.leave();
  await server.untilRead(1);

  server.give('7');
  expect(await stays.next()).toEqual({ id: 'kept', type: 'next', payload: next('7') });
});

test('a server that stops closes sockets with 1001, ends event streams, and answers earlier requests', async () => {
  // Nothing is cut off: a connection that did not end by itself would keep the server until the test's own limit.
  await using server = await startNumbers({ graceMs: 3_600_000 });
  await using socket = await openSocket(server.url);
  await socket.next();
  socket.subscribe('s', NUMBERS);
  const events = await openEvents(server.url, NUMBERS);
  await server.untilRead(2);
  server.give('1');
  expect(await socket.next()).toMatchObject({ payload: next('1') });
  expect(await events.next()).toEqual(next('1'));

  const stopped = server.stop();
  expect(await socket.closed).toEqual({ code: 1001, reason: 'the server is stopping' });
  expect(await events.next()).toEqual({
    errors: [{ message: 'the server is stopping', extensions: { code: 'UNAVAILABLE' } }],
  });
  await expect(events.next()).rejects.toThrow(/terminated|connection ended/);
  await stopped;
  expect(server.readers.size).toBe(0);
  await expect(postJson(server.url, { query: '{ one }' })).rejects.toThrow('ECONNREFUSED');
});

test('a server that stops does not wait for a socket that never answers', async () => {
  await using server = await startNumbers();
  const socket = await openSocket(server.url);
  await socket.next();
  socket.subscribe('s', NUMBERS);
  await server.untilRead(1);
  socket.socket.pause();
  await server.stop();
  expect(server.readers.size).toBe(0);
  socket.socket.terminate();
});

test('a socket that takes nothing is closed with 1013, and one that only has nothing to take is not', async () => {
  await using server = await startNumbers({ stuckMs: 2_000 });
  await using idle = await openSocket(server.url);
  await idle.next();
  idle.subscribe('s', NUMBERS);
  await using stuck = await openSocket(server.url);
  await stuck.next();
  stuck.subscribe('s', NUMBERS);
  await server.untilRead(2);

  stuck.socket.pause();
  const large = 'x'.repeat(1_000_000);
  for (let n = 0; n < 40; n += 1) server.give(`${n} ${large}`);
  // What it subscribed to ends at once, not when it is gone.
  await server.untilRead(1);
  stuck.socket.resume();
  expect(await stuck.closed).toEqual({ code: 1013, reason: 'nothing was read for 2 seconds' });

  for (let n = 0; n < 40; n += 1) {
    const { payload } = await idle.next();
    expect((payload as ReturnType<typeof next>).data.numbers.split(' ')[0]).toBe(String(n));
  }
  server.give('last');
  expect(await idle.next()).toMatchObject({ payload: next('last') });
});

test('a socket whose other end is gone without a word is noticed', async () => {
  await using server = await startNumbers({ stuckMs: 150 });
  await using socket = await openSocket(server.url);
  await socket.next();
  socket.subscribe('s', NUMBERS);
  await server.untilRead(1);
  // It reads no more, so it answers no ping either; there is nothing that waits for it.
  socket.socket.pause();
  await server.untilRead(0);
});

test('a socket that does not introduce itself is closed with 4408, and one that did stays open', async () => {
  await using server = await startNumbers({ initMs: 100 });
  await using open = await openSocket(server.url);
  expect(await open.next()).toMatchObject({ type: 'connection_ack' });
  const silent = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
  const [code, reason] = await once(silent, 'close');
  expect([code, String(reason)]).toEqual([4408, 'Connection initialisation timeout']);
  open.subscribe('s', NUMBERS);
  await server.untilRead(1);
  server.give('7');
  expect(await open.next()).toEqual({ id: 's', type: 'next', payload: next('7') });
});

test('a socket that breaks the protocol is closed with its code', async () => {
  await using server = await startNumbers();
  await using twice = await openSocket(server.url);
  twice.send({ type: 'connection_init' });
  expect((await twice.closed).code).toBe(4429);
  await using nonsense = await openSocket(server.url);
  nonsense.socket.send('{');
  expect((await nonsense.closed).code).toBe(4400);
  await using huge = await openSocket(server.url);
  huge.socket.send('x'.repeat(1_048_577));
  expect((await huge.closed).code).toBe(1009);
  await using again = await openSocket(server.url);
  await again.next();
  again.subscribe('s', NUMBERS);
  again.subscribe('s', NUMBERS);
  expect((await again.closed).code).toBe(4409);
  expect((await postJson(server.url, { query: '{ one }' })).json).toEqual({ data: { one: null } });
});
