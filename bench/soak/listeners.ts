// `npm run soak -- listeners`: many listeners, some of which never read, while one caller changes jobs as fast as it
// can. MINUTES is the duration (10), LISTENERS the number of listeners (2000), a tenth of them stuck.
import { readFileSync } from 'node:fs';
import pRetry from 'p-retry';
import { WebSocket } from 'ws';
import { type BenchServer, median, type Result, startServer } from '../support/server.ts';
import { makeWaiting } from '../support/waiting.ts';

const MINUTES = Number(process.env.MINUTES ?? 10);
const LISTENERS = Number(process.env.LISTENERS ?? 2_000);
const STUCK = LISTENERS / 10;
const JOBS = 20;

const QUERY = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId from to } }';

export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1' });
  const ids = await makeWaiting(server, JOBS);
  await server.send('mutation ($ids: [ID!]!) { pauseJobs(jobs: { ids: $ids }) { changedCount } }', { ids });
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs { cursor } }');
  const readers = await Promise.all(Array.from({ length: LISTENERS - STUCK }, () => listen(server, jobs.cursor)));
  const alone = await change(server, ids, readers, MINUTES * 6_000);
  const stuck = await Promise.all(Array.from({ length: STUCK }, () => listenNever(server, jobs.cursor)));
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(residentMb(server.pid)), MINUTES * 1_500);
  const withMany = await change(server, ids, readers, MINUTES * 54_000);
  clearInterval(sampling);
  const last = await lastCursor(server);
  await Promise.all(readers.map((reader) => reader.until(last)));
  const missed = readers.filter((reader) => reader.broken() || reader.count() !== Number(last) - Number(jobs.cursor));
  for (const socket of stuck) socket.terminate();
  for (const reader of readers) reader.close();
  const ratio = withMany.delayMs / alone.delayMs;
  // The first fifth of the time lets the heap reach its size.
  const settled = memory.slice(Math.ceil(memory.length / 5));
  const half = Math.ceil(settled.length / 2);
  const growth = median(settled.slice(half)) / median(settled.slice(0, half));
  return [
    {
      name: `${LISTENERS} listeners, ${STUCK} of them stuck, ${MINUTES} minutes, ${withMany.events} events`,
      measured: `delay ${withMany.delayMs.toFixed(0)} ms; memory ${memory.map((mb) => mb.toFixed(0)).join(' ')} MB; ${missed.length} missed an event`,
      against: `none stuck: delay ${alone.delayMs.toFixed(0)} ms`,
      ratio,
      target: '<= 1.5, nobody misses',
      met: ratio <= 1.5 && missed.length === 0,
    },
    {
      name: 'memory of the same run, later half',
      measured: `${median(settled.slice(half)).toFixed(0)} MB`,
      against: `earlier half: ${median(settled.slice(0, half)).toFixed(0)} MB`,
      ratio: growth,
      target: '<= 1.1',
      met: growth <= 1.1,
    },
  ];
};

/**
 * Pauses and resumes, one job per command, as fast as answers arrive. The delay is until the slowest reader has a
 * change.
 */
const change = async (server: BenchServer, ids: readonly string[], readers: readonly Reader[], ms: number) => {
  const until = performance.now() + ms;
  const delays: number[] = [];
  let events = 0;
  for (let n = 0; performance.now() < until; n += 1) {
    const id = ids[n % ids.length];
    const verb = Math.floor(n / ids.length) % 2 === 0 ? 'resume' : 'pause';
    await server.send(`mutation ($id: ID!) { ${verb}Jobs(jobs: { ids: [$id] }) { changedCount } }`, { id });
    events += 1;
    if (n % 50 !== 0) continue;
    const began = performance.now();
    const last = await lastCursor(server);
    await Promise.all(readers.map((reader) => reader.until(last)));
    delays.push(performance.now() - began);
  }
  return { events, delayMs: median(delays) };
};

const lastCursor = async (server: BenchServer): Promise<string> => {
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs(first: 0) { cursor } }');
  return jobs.cursor;
};

/** Some of so many connections are reset before they are accepted: those are opened again. */
const open = (server: BenchServer, after: string): Promise<WebSocket> =>
  pRetry(() => openOnce(server, after), { retries: 20, factor: 1, minTimeout: 500 });

const openOnce = async (server: BenchServer, after: string): Promise<WebSocket> => {
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { user: 'root' } }));
  await new Promise((resolve, reject) => {
    socket.once('message', resolve).on('error', reject);
    socket.once('close', (code) => reject(new Error(`a socket was closed with ${code}`)));
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY, variables: { after } } }));
  return socket;
};

interface Reader {
  until(cursor: string): Promise<void>;
  count(): number;
  /** A message was not the next event. */
  broken(): boolean;
  close(): void;
}

const CURSOR = '"cursor":"';

const listen = async (server: BenchServer, after: string): Promise<Reader> => {
  const socket = await open(server, after);
  let last = after;
  let seen = 0;
  let wrong = false;
  let waiting: { cursor: string; resolve: () => void } | undefined;
  socket.on('message', (data) => {
    const text = String(data);
    const at = text.indexOf(CURSOR) + CURSOR.length;
    if (at < CURSOR.length) return;
    const cursor = text.slice(at, at + 16);
    if (Number(cursor) !== Number(last) + 1) wrong = true;
    last = cursor;
    seen += 1;
    if (waiting !== undefined && cursor >= waiting.cursor) waiting.resolve();
  });
  return {
    until: (cursor) =>
      new Promise((resolve) => {
        if (last >= cursor) resolve();
        else waiting = { cursor, resolve };
      }),
    count: () => seen,
    broken: () => wrong,
    close: () => socket.terminate(),
  };
};

/**
 * Subscribes and never reads. The server closes the socket after half a minute; it reconnects, as a stuck program
 * would.
 */
const listenNever = async (server: BenchServer, after: string): Promise<{ terminate(): void }> => {
  let socket = await open(server, after);
  socket.pause();
  const again = setInterval(async () => {
    socket.terminate();
    socket = await open(server, after);
    socket.pause();
  }, 45_000);
  return {
    terminate: () => {
      clearInterval(again);
      socket.terminate();
    },
  };
};

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
