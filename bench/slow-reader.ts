import { openSocket } from '../test/support/wire.ts';
import { type BenchServer, median, type Result, startServer } from './support/server.ts';
import { makeWaiting } from './support/waiting.ts';

const JOBS = 200;
const ROUNDS = 7;
const QUERY = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor } }';
const ALIASES = Array.from({ length: 200 }, (_, n) => `cursor_of_this_event_${n}: cursor`).join(' ');
const QUERY_LARGE = QUERY.replace('{ cursor', `{ ${ALIASES} cursor`);

/** How long a listener waits for changes while others read nothing, compared with how long it waits alone. */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1', MAX_QUERY_ALIASES: '200' });
  const ids = await makeWaiting(server, JOBS);
  const quick = await listen(server, QUERY);
  await rounds(server, ids, quick);
  const alone = await rounds(server, ids, quick);
  const stuck = [];
  for (let n = 0; n < 10; n += 1) {
    const socket = await listen(server, QUERY_LARGE);
    socket.socket.pause();
    stuck.push(socket);
  }
  // At first the server writes to them until the system's buffers are full.
  await rounds(server, ids, quick);
  const withSlow = await rounds(server, ids, quick);
  for (const { socket } of [quick, ...stuck]) socket.terminate();
  const ratio = withSlow / alone;
  return [
    {
      name: `${2 * JOBS} changes to one listener next to ${stuck.length} that read nothing`,
      measured: `${withSlow.toFixed(0)} ms`,
      against: `alone: ${alone.toFixed(0)} ms`,
      ratio,
      target: '<= 3',
      met: ratio <= 3,
    },
  ];
};

type Socket = Awaited<ReturnType<typeof openSocket>>;

const listen = async (server: BenchServer, query: string): Promise<Socket> => {
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs(first: 0) { cursor } }');
  const socket = await openSocket(server.url, { params: { user: 'root' } });
  await socket.next();
  socket.subscribe('s', { query, variables: { after: jobs.cursor } });
  return socket;
};

/** The median time to pause and resume all jobs and to receive the events, in milliseconds. */
const rounds = async (server: BenchServer, ids: readonly string[], quick: Socket): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    for (const command of ['pause', 'resume']) {
      await server.send(`mutation ($ids: [ID!]!) { ${command}Jobs(jobs: { ids: $ids }) { changedCount } }`, { ids });
      for (let received = 0; received < ids.length; received += 1) await quick.next();
    }
    times.push(performance.now() - began);
  }
  return median(times);
};
