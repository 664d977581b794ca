import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pageOf, sendPage } from '../../src/http/page.ts';
import { sendRaw } from '../support/wire.ts';

const TEXT = '<p>Signalbox</p>'.repeat(1_000);
const page = pageOf(Buffer.from(TEXT), 'text/html', "default-src 'none'");

const start = async () => {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const end = response.end.bind(response);
    response.end = ((body?: Buffer) => {
      if (body instanceof Buffer) bodies.push(body);
      return end(body);
    }) as typeof response.end;
    void sendPage(request, response, page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bodies,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', 'deflate,gzip'])(
  'a browser that accepts %s gets the page compressed',
  async (accepted) => {
    await using server = await start();
    const { status, headers } = await sendRaw(server.url, { headers: { 'accept-encoding': accepted } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding', 'content-type': 'text/html' });
    const [body] = server.bodies;
    expect(String(gunzipSync(body ?? Buffer.alloc(0)))).toBe(TEXT);
    expect(Number(headers['content-length'])).toBe(body?.length);
    expect(body?.length).toBeLessThan(TEXT.length / 10);
  },
);

test.each(['', 'br', 'identity', 'gzip;q=0', 'gzip; q=0.0, br'])(
  'one that accepts "%s" gets it as it is',
  async (accepted) => {
    await using server = await start();
    const { headers, text } = await sendRaw(server.url, { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers.vary).toBe('accept-encoding');
    expect(text).toBe(TEXT);
  },
);

test('each form of the page is revalidated with its own tag', async () => {
  await using server = await start();
  const gzip = { 'accept-encoding': 'gzip' };
  const plain = (await sendRaw(server.url)).headers.etag ?? '';
  const small = (await sendRaw(server.url, { headers: gzip })).headers.etag ?? '';
  expect(plain).not.toBe(small);
  expect((await sendRaw(server.url, { headers: { 'if-none-match': plain } })).status).toBe(304);
  expect((await sendRaw(server.url, { headers: { ...gzip, 'if-none-match': small } })).status).toBe(304);
  expect((await sendRaw(server.url, { headers: { ...gzip, 'if-none-match': plain } })).status).toBe(200);
});
