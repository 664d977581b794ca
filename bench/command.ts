import { WebSocket } from 'ws';
import { type BenchServer, median, type Result, startServer } from './support/server.ts';
import { makeWaiting } from './support/waiting.ts';

const COMMANDS = 300;

/** From `pauseJobs` of one job until a subscriber has the event, compared with one HTTP round trip, in turn. */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1' });
  const [id = ''] = await makeWaiting(server, 1);
  const events = await listen(server);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let n = 0; n < COMMANDS; n += 1) {
    theirs.push(await timed(() => server.send('{ __typename }')));
    const event = events.next();
    const mutation = `mutation ($id: ID!) { ${n % 2 === 0 ? 'pause' : 'resume'}Jobs(jobs: { ids: [$id] }) { changedCount } }`;
    const began = performance.now();
    const [at] = await Promise.all([event, server.send(mutation, { id })]);
    if (n % 2 === 0) ours.push(at - began);
  }
  events.close();
  const ratio = median(ours) / median(theirs);
  const text = (ms: number) => `${ms.toFixed(2)} ms`;
  return [
    {
      name: 'pauseJobs of one job until a subscriber has it',
      measured: text(median(ours)),
      against: `round trip of { __typename }: ${text(median(theirs))}`,
      ratio,
      target: '<= 3',
      met: ratio <= 3,
    },
  ];
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const listen = async (server: BenchServer) => {
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { user: 'root' } }));
  await new Promise((resolve) => socket.once('message', resolve));
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs(first: 0) { cursor } }');
  const query = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId from to } }';
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after: jobs.cursor } } }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    /** The time at which the next event arrived. */
    next: () => new Promise<number>((resolve) => socket.once('message', () => resolve(performance.now()))),
    close: () => socket.terminate(),
  };
};
