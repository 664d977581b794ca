import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { framesOf } from '../../src/http/frames.ts';

/** What a client reads when these frames are written to its connection. */
const received = async (frames: Buffer, count: number): Promise<string[]> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket, request) => {
    request.socket.write(frames);
    // After the frames: ws writes to the same connection.
    socket.send('the end');
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const texts: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data, isBinary) => {
      if (isBinary) reject(new Error('a message is not text'));
      texts.push(String(data));
      if (texts.length > count) resolve();
    });
  });
  client.terminate();
  server.close();
  await once(server, 'close');
  return texts;
};

test('a client reads each message between its head and its tail, whatever its length', async () => {
  const lengths = [0, 1, 122, 123, 124, 125, 126, 127, 65_531, 65_532, 65_533, 65_535, 65_536, 200_000];
  const texts = lengths.map((length) => 'x'.repeat(length));
  const messages = texts.map((text) => Buffer.from(text));
  const frames = framesOf(Buffer.from('<'), messages, Buffer.from('>'));
  expect(await received(frames, texts.length)).toEqual([...texts.map((text) => `<${text}>`), 'the end']);
});

test('a client reads any text', async () => {
  const given = fc.sample(fc.string({ unit: 'binary', maxLength: 100 }), 100);
  // A lone surrogate cannot be written in UTF-8.
  const texts = given.map((text) => text.toWellFormed());
  const messages = texts.map((text) => Buffer.from(text));
  const frames = framesOf(Buffer.from('{"id":"é"'), messages, Buffer.from('}'));
  expect(await received(frames, texts.length)).toEqual([...texts.map((text) => `{"id":"é"${text}}`), 'the end']);
});
