import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { SignalboxError } from '../../src/errors.ts';
import { Fenced, PauseAsked, Transient } from '../../src/jobs/kind.ts';
import { inPieces, type Port, threadPort } from '../../src/rpc/port.ts';
import { type Answer, connect, PortClosed, serve } from '../../src/rpc/rpc.ts';

interface Methods {
  echo(value: unknown): unknown;
  wait(): string;
  fail(kind: string): never;
}

const open = (answer: Answer, wrap: (port: Port) => Port = (port) => port) => {
  const { port1, port2 } = new MessageChannel();
  serve(wrap(threadPort(port2, 'the other side')), answer);
  const client = connect<Methods>(wrap(threadPort(port1, 'the other side')));
  return { client, endOther: () => port2.close(), [Symbol.dispose]: () => port1.close() };
};

test('calls are answered each by its own result, in whatever order they end', async () => {
  const release: (() => void)[] = [];
  using side = open((_, [value]) => new Promise((resolve) => release.push(() => resolve(value))));
  const [first, second] = [side.client.call('echo', [1]), side.client.call('echo', [{ two: 2n }])];
  while (release.length < 2) await new Promise(setImmediate);
  release[1]?.();
  expect(await second).toEqual({ two: 2n });
  release[0]?.();
  expect(await first).toBe(1);
});

test.each([
  ['Transient', new Transient('later'), Transient],
  ['Fenced', new Fenced('not the newest'), Fenced],
  ['PauseAsked', new PauseAsked('look here'), PauseAsked],
  ['SignalboxError', new SignalboxError('BAD_USER_INPUT', 'wrong', { field: 'input.x' }), SignalboxError],
  ['an error of the system', Object.assign(new Error('no such file'), { code: 'ENOENT' }), Error],
])('%s crosses with its class, message, code and extensions', async (_, thrown, type) => {
  using side = open(() => {
    throw thrown;
  });
  const error = await side.client.call('fail', ['x']).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(type);
  expect({ ...(error as Error) }).toEqual({ ...thrown });
  expect((error as Error).message).toBe(thrown.message);
});

test('an abort crosses, and the call settles with what the other side answers to it', async () => {
  using side = open(
    (_, __, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped'))),
  );
  const stop = new AbortController();
  const answer = side.client.call('wait', [], stop.signal);
  stop.abort();
  expect(await answer).toBe('stopped');
  expect(await side.client.call('wait', [], AbortSignal.abort())).toBe('stopped');
});

test('what waits is rejected when the other side ends, and so is every later call', async () => {
  using side = open(() => new Promise(() => undefined));
  const waiting = side.client.call('wait', []);
  side.endOther();
  await expect(waiting).rejects.toThrow(PortClosed);
  await expect(side.client.call('wait', [])).rejects.toThrow('the other side has ended');
});

test('what one side works on is aborted when the caller ends', async () => {
  const { port1, port2 } = new MessageChannel();
  const aborted = new Promise<unknown>((resolve) => {
    serve(threadPort(port2, 'the caller'), (_, __, signal) => {
      signal.addEventListener('abort', () => resolve(signal.reason));
      return new Promise(() => undefined);
    });
  });
  connect<Methods>(threadPort(port1, 'this side'))
    .call('wait', [])
    .catch(() => undefined);
  await new Promise(setImmediate);
  port1.close();
  expect(await aborted).toBeInstanceOf(PortClosed);
});

test('both sides call through one port', async () => {
  const { port1, port2 } = new MessageChannel();
  const left = connect<Methods>(threadPort(port1, 'right'), (_, [value]) => `left ${value}`);
  const right: ReturnType<typeof connect<Methods>> = connect<Methods>(
    threadPort(port2, 'left'),
    async (_, [value]) => `right, ${await right.call('echo', [value])}`,
  );
  expect(await left.call('echo', ['asked'])).toBe('right, left asked');
  port1.close();
});

test('what cannot be cloned is an error of the call, in both directions', async () => {
  using side = open((method) => (method === 'wait' ? () => undefined : 'fine'));
  await expect(side.client.call('echo', [() => undefined])).rejects.toThrow('could not be cloned');
  await expect(side.client.call('wait', [])).rejects.toThrow('could not be cloned');
  expect(await side.client.call('echo', [1])).toBe('fine');
});

test('a notification is carried out and not answered', async () => {
  let received: readonly unknown[] = [];
  using side = open((_, args) => {
    received = args;
  });
  side.client.notify('echo', ['hear this']);
  while (received.length === 0) await new Promise(setImmediate);
  expect(received).toEqual(['hear this']);
});

test.each([0, 1, 262_000, 262_144, 262_145, 3_000_000])('a message of %i bytes crosses whole in pieces', async (n) => {
  const sizes: number[] = [];
  using side = open(
    (_, [value]) => value,
    (port) =>
      inPieces({
        ...port,
        post: (message) => {
          sizes.push((message as { piece?: Uint8Array }).piece?.length ?? 0);
          port.post(message);
        },
      }),
  );
  const sent = { text: 'ä'.repeat(n / 2), bytes: Buffer.alloc(n, 7) };
  type Sent = typeof sent;
  const [large, small] = await Promise.all([side.client.call('echo', [sent]), side.client.call('echo', ['small'])]);
  expect((large as Sent).text === sent.text && sent.bytes.equals((large as Sent).bytes)).toBe(true);
  expect(small).toBe('small');
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
});
