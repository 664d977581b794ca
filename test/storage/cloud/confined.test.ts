import { connect, createServer, type Socket } from 'node:net';
import type { Operator } from 'opendal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confined, OtherHost, type Reach } from '../../../src/storage/cloud/confined.ts';
import { loadOpenDal } from '../../../src/storage/cloud/opendal.ts';

/** TLS is not read on its way: to this side of it, any bytes will do. */
const received: string[] = [];
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('data', (chunk) => {
    received.push(`${chunk}`);
    socket.end(`echo ${chunk}`);
  });
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const open = async (reach: Partial<Reach> = {}) => {
  let proxy = '';
  const create = () => {
    proxy = process.env.HTTPS_PROXY ?? '';
    return {} as Operator;
  };
  const endpoint = new URL(`https://localhost:${port}`);
  const opened = await confined(loadOpenDal(''), { endpoint, alsoHosts: [], allowed: [], ...reach }, create);
  return { ...opened, proxy: new URL(proxy) };
};

/** What a tunnel to a host answers, with what came through it. */
const through = ({ hostname, port: proxyPort, username, password }: URL, target: string) =>
  new Promise<string>((resolve, reject) => {
    let text = '';
    const pair = Buffer.from(`${username}:${password}`).toString('base64');
    const socket = connect(Number(proxyPort), hostname, () => {
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${pair}\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.endsWith('established\r\n\r\n')) socket.write('hello');
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });

test('a tunnel leads to the endpoint and to no other host', async () => {
  const { proxy, takeRefusal } = await open({ allowed: ['localhost', '127.0.0.1'] });
  expect(await through(proxy, `localhost:${port}`)).toMatch(/^HTTP\/1.1 200 .*echo hello$/s);
  expect(received).toEqual(['hello']);
  expect(takeRefusal()).toBeNull();
  for (const target of [`127.0.0.1:${port}`, 'localhost:1', 'example.com:443', '']) {
    expect(await through(proxy, target)).toMatch(/^HTTP\/1.1 403 /);
  }
  expect(takeRefusal()).toBeInstanceOf(OtherHost);
  expect(takeRefusal()).toBeNull();
  expect(received).toEqual(['hello']);
});

test('a name that has a private address is refused at the connection itself', async () => {
  const { proxy, takeRefusal } = await open();
  const before = received.length;
  expect(await through(proxy, `localhost:${port}`)).toBe('');
  expect(takeRefusal()).toMatchObject({ name: 'PrivateAddress' });
  expect(received).toHaveLength(before);
});

test('nobody without the secret of an operator comes through, and the secret is in no environment', async () => {
  const { proxy } = await open({ allowed: ['localhost'] });
  const before = received.length;
  const stranger = new URL(proxy);
  stranger.password = 'guessed';
  expect(await through(stranger, `localhost:${port}`)).toMatch(/^HTTP\/1.1 403 /);
  expect(received).toHaveLength(before);
  expect(Object.values(process.env).filter((value) => value?.includes(proxy.password))).toEqual([]);
});
