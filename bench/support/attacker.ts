/**
 * A client that means harm, in a process and at an address of its own: `attacker.ts <attack> <url> <rate>`. It attacks
 * until it is killed, and prints what it has done each second as a line of JSON.
 */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

const ADDRESS = '127.0.0.2';
const [attack = '', address = '', rate = '500'] = process.argv.slice(2);
const url = new URL(address);
const done: Record<string, number> = {};
const count = (what: string | number) => {
  done[what] = (done[what] ?? 0) + 1;
};

/** Opens a connection, gets partway, and drops it. */
const openAndDrop = (n: number) => {
  if (n % 2 === 0) {
    const socket = connect({ host: url.hostname, port: Number(url.port), localAddress: ADDRESS });
    socket.on('error', () => count('error'));
    socket.once('connect', () => {
      socket.write(`POST /graphql HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n`);
      socket.destroy();
      count('dropped');
    });
    return;
  }
  const socket = openSocket();
  socket.once('open', () => {
    socket.send('{"type":"connection_init","payload":{"user":"root"}}');
    socket.terminate();
    count('dropped');
  });
};

const openSocket = () => {
  const options = { localAddress: ADDRESS, perMessageDeflate: false };
  const socket = new WebSocket(url.href.replace('http', 'ws'), 'graphql-transport-ws', options);
  socket.on('error', () => count('error'));
  return socket;
};

const WATCH = 'subscription { jobUpdated { job { id description status fractionCompleted } } }';

/** Subscribes, and reads nothing from then on. A socket that the server closes is opened again. */
const subscribeAndStop = () => {
  const socket = openSocket();
  socket.once('open', () => {
    socket.send('{"type":"connection_init","payload":{"user":"root"}}');
    socket.once('message', () => {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH } }));
      socket.pause();
      count('opened');
      setTimeout(
        () => {
          socket.terminate();
          subscribeAndStop();
        },
        30_000 + Math.random() * 90_000,
      ).unref();
    });
  });
};

const EVENTS = 'jobEvents(first: 1000) { nodes { job { events(first: 1000) { nodes { cursor } } } } }';
const REFUSED: readonly string[] = [
  `{ ${EVENTS} }`,
  '{'.repeat(10_000),
  `{ ${'viewer { name } '.repeat(40_000)} }`,
  `{ ${Array.from({ length: 1_000 }, (_, n) => `a${n}: jobs(first: 1) { nodes { id } }`).join(' ')} }`,
  `{ jobs { ${'nodes { blockedBy { id } } '.repeat(2_000)} } }`,
  '{ nothing }',
];
const BODIES = REFUSED.map((query) => JSON.stringify({ query }));
const agent = new Agent({ keepAlive: true, maxSockets: 50, localAddress: ADDRESS });

const sendRefused = (n: number) => {
  const body = BODIES[n % BODIES.length] ?? '';
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    count(response.statusCode ?? 0);
    response.resume();
  });
  sent.on('error', () => count('error'));
  sent.end(body);
};

const attacks: Readonly<Record<string, (n: number) => void>> = { connections: openAndDrop, refused: sendRefused };
const STEP_MS = 20;
if (attack === 'unread') for (let n = 0; n < Number(rate); n += 1) setTimeout(subscribeAndStop, n * 5);
else {
  let n = 0;
  let due = 0;
  setInterval(() => {
    due += (Number(rate) * STEP_MS) / 1_000;
    for (; due >= 1; due -= 1) attacks[attack]?.(n++);
  }, STEP_MS);
}
setInterval(() => console.log(JSON.stringify(done)), 1_000);
