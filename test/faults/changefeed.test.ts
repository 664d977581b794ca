import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTable, startReceiver, startWriter, wrongWith } from '../support/feed-storm.ts';
import { type Launched, launch, temporaryFolder, watchJob } from '../support/process.ts';

const CREATE = `mutation ($input: CreateChangefeedInput!) { createChangefeed(input: $input) { job { id } } }`;
const FIELDS = 'status statusMessage error ... on ChangefeedJob { messagesEmitted highWater }';
const CHANGES = Number(process.env.FEED_CHANGES ?? 2_000);

interface Seen {
  readonly status: string;
  readonly statusMessage: string | null;
  readonly error: string | null;
  readonly messagesEmitted: number;
  readonly highWater: string | null;
}

test('two processes write, the receiver dies twice, the feed is paused and killed twice: every change arrives', {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  const receiver = await startReceiver();
  const settings = { ALLOW_PRIVATE_HOSTS: receiver.host };
  const start = () => launch(folder.path, undefined, settings);
  let server = await start();
  await server.send('mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  const file = join(folder.path, 'databases', 'demo.db');
  makeTable(file);
  const input = { database: 'demo', tables: ['t'], sink: receiver.url, updated: true, resolvedEveryMs: 100 };
  const { createChangefeed: made } = await server.send(CREATE, { input });
  const { id } = (made as unknown as { job: { id: string } }).job;
  const until = async (isWanted: (job: Seen) => boolean) => {
    const job = await watchJob<Seen>(server, id, FIELDS, (seen) => seen.status === 'FAILED' || isWanted(seen));
    if (job.status === 'FAILED') throw new Error(String(job.error));
    return job;
  };
  const control = (command: string) =>
    server.send(`mutation { ${command}Jobs(jobs: { ids: ["${id}"] }) { changedCount } }`);
  await until(({ statusMessage }) => statusMessage === 'following the changes');

  const writers = [0, 1].map((writer) => startWriter(file, writer));
  /** Both write at the same time, this share of all changes together. */
  const write = (share: number) => Promise.all(writers.map((writer) => writer.write((CHANGES * share) / 2)));
  const kill = async (killed: Launched) => {
    await killed.kill();
    server = await start();
  };
  const first = write(0.2);
  await receiver.atLeast(CHANGES * 0.1);
  await receiver.kill();
  await first;
  await write(0.05);
  await receiver.start();
  await receiver.atLeast(CHANGES * 0.2);
  await Promise.all([kill(server), write(0.2)]);
  await receiver.atLeast(CHANGES * 0.3);
  await control('pause');
  await until(({ status }) => status === 'PAUSED');
  const silent = receiver.received.length;
  await write(0.05);
  expect(receiver.received.length).toBe(silent);
  await control('resume');
  await receiver.atLeast(silent + CHANGES * 0.05);
  const third = write(0.3);
  await receiver.kill();
  await kill(server);
  await receiver.start();
  await third;
  await write(0.2);
  const last = await Promise.all(writers.map((writer) => writer.end()));

  const writtenAt = Date.now();
  const end = await until(({ highWater }) => Date.parse(highWater ?? '1970-01-01T00:00:00Z') > writtenAt);
  expect(end.status).toBe('RUNNING');
  expect(last).toEqual([expect.any(Number), expect.any(Number)]);
  expect(wrongWith(file, receiver.received, last)).toEqual([]);
  await control('cancel');
  await until(({ status }) => status === 'CANCELED');
  await server.kill();
  await receiver.kill();
});
