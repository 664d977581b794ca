/** What clients see of several servers: the same events, in the same order, whichever server they ask. */
import { expect, test } from 'vitest';
import { execute } from '../support/postgres.ts';
import { control, createJob, createServers, listen, type Server, START } from './servers.ts';

const percentile = (times: readonly number[], of: number) =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length * of)] ?? Number.NaN;

const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

test('three servers that start at once on an empty database share one log, which clients follow from any of them', async () => {
  await using servers = await createServers();
  const started = await Promise.all(['n1', 'n2', 'n3'].map((node) => servers.start(node, { WORKERS: '4' })));
  const [n1, n2, n3] = started as [Server, Server, Server];
  const applied = await execute(
    servers.storeUrl,
    'SELECT count(*)::int AS n, count(DISTINCT migration_name)::int AS names FROM _prisma_migrations',
  );
  expect(applied[0]?.n).toBe(applied[0]?.names);

  // A command on one server is an event on another.
  await using first = listen(n1);
  await first.connected;
  const target = await createJob(n2, 'EMPTY', {});
  await first.reaches(target, 'SUCCEEDED');
  const waiting = await createLater(n2);
  await first.reaches(waiting, 'PENDING');
  const trips: number[] = [];
  const delays: number[] = [];
  for (let n = 0; n < 60; n += 1) {
    const command = n % 2 === 0 ? 'pause' : 'resume';
    const seen = first.seen.length;
    trips.push(await timed(() => n2.send('{ server { name } }')));
    const arrived = first.until((change) => first.seen.indexOf(change) >= seen && change.jobId === waiting);
    delays.push(await timed(() => Promise.all([control(n2, command, [waiting]), arrived])));
  }
  const text = (times: readonly number[]) =>
    `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`;
  console.info(`command to event on another server: ${text(delays)}; an HTTP round trip: ${text(trips)}`);

  // Each job runs once, wherever it was created, and all servers show each event once, in one order.
  const ids = await Promise.all(Array.from({ length: 90 }, (_, n) => createJob(started[n % 3] as Server, 'EMPTY', {})));
  for (const id of ids) await first.reaches(id, 'SUCCEEDED');
  const claims = await execute(
    servers.storeUrl,
    'SELECT DISTINCT epoch, attempts FROM job WHERE finished_at IS NOT NULL',
  );
  expect(claims).toEqual([{ epoch: 1, attempts: 0 }]);

  // A client leaves one server in the middle of the events, and continues on another.
  const middle = first.seen[Math.floor(first.seen.length / 2)];
  await n1.kill();
  await using second = listen(n3, middle?.cursor ?? null);
  const last = await createJob(n2, 'EMPTY', {});
  await second.reaches(last, 'SUCCEEDED');
  const rest = first.seen.slice(first.seen.findIndex(({ cursor }) => cursor === middle?.cursor) + 1);
  expect(second.seen.slice(0, rest.length)).toEqual(rest);
  await using whole = listen(n2, START);
  await whole.reaches(last, 'SUCCEEDED');
  const cursors = whole.seen.map(({ cursor }) => Number(cursor));
  expect(cursors).toEqual([...new Set(cursors)].sort((one, other) => one - other));
  for (const id of ids) expect(whole.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);

  // All servers refuse the same cursors, with the same error.
  for (const cursor of ['9007199254740000']) {
    const answers = await Promise.all(
      [n2, n3].map((server) =>
        server.send(`{ jobEvents(after: "${cursor}") { nodes { jobId } } }`).then(
          () => 'no error',
          (error: Error) => error.message,
        ),
      ),
    );
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).not.toBe('no error');
  }
});

/** A job that waits for its time. */
const createLater = async (server: Server): Promise<string> => {
  const made = await server.send(
    'mutation { createJob(input: { typeName: "EMPTY", input: {}, runAt: "2999-01-01T00:00:00Z" }) { job { id } } }',
  );
  return (made as unknown as { createJob: { job: { id: string } } }).createJob.job.id;
};
