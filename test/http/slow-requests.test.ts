import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limitIdleTime, limitTime } from '../../src/http/slow-requests.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A request whose body begins and does not end. */
const slowRequest = async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = send({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 1_000 } });
  const ended = new Promise<string>((resolve) => client.once('error', ({ message }) => resolve(message)));
  client.write('a');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  return {
    client,
    request,
    ended,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

test('a request that does not arrive in time is cut off, and one that has arrived is not', async () => {
  await using slow = await slowRequest();
  await using quick = await slowRequest();
  limitTime(slow.request, 1_000);
  limitTime(quick.request, 1_000);
  quick.client.end('a'.repeat(999));
  quick.request.resume();
  await once(quick.request, 'end');
  vi.advanceTimersByTime(1_001);
  expect(await slow.ended).toBe('socket hang up');
  expect(quick.request.socket.destroyed).toBe(false);
});

test('an upload is cut off when nothing arrives any more', async () => {
  await using slow = await slowRequest();
  limitIdleTime(slow.request, 20);
  expect(await slow.ended).toBe('socket hang up');
});
