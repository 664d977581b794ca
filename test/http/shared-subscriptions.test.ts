import { randomInt } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

const QUERY = 'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId to } }';
interface Change {
  readonly cursor: string;
}

/** One reader over a socket of its own; `stop` answers what it got. */
const listen = (app: TestApp, after: string | null, seen: string[] = []) => {
  const client = createClient({
    url: app.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { user: 'root' },
    retryAttempts: 0,
  });
  const waiting = new Map<string, () => void>();
  const leave = client.subscribe<{ jobStatusChanged: Change }>(
    { query: QUERY, variables: { after } },
    {
      next: ({ data }) => {
        const cursor = data?.jobStatusChanged.cursor ?? '';
        seen.push(cursor);
        waiting.get(cursor)?.();
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return {
    seen,
    has: (cursor: string) =>
      new Promise<void>((resolve) => {
        if (seen.includes(cursor)) resolve();
        else waiting.set(cursor, resolve);
      }),
    stop: async () => {
      leave();
      await client.dispose();
    },
  };
};

const logOf = async (app: TestApp): Promise<string[]> => {
  const cursors: string[] = [];
  for (let after: string | null = null; ; after = cursors.at(-1) ?? null) {
    const { data } = await app.send({
      query: 'query ($after: Cursor) { jobEvents(first: 1000, after: $after) { nodes { cursor } } }',
      variables: { after },
    });
    const { nodes } = (data as { jobEvents: { nodes: Change[] } }).jobEvents;
    if (nodes.length === 0) return cursors;
    cursors.push(...nodes.map(({ cursor }) => cursor));
  }
};

test('many who ask the same, each from where it was, all get exactly the log, however they come, lag and go', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  const make = async (count: number) => {
    for (let n = 0; n < count; n += 1) await app.create('SCRIPTED', { name: `job ${n}` }, 'root');
  };
  await make(50);
  const readers = Array.from({ length: 30 }, () => listen(app, '0000000000000000'));
  for (let round = 0; round < 10; round += 1) {
    await make(20);
    // Some leave in the middle and come back with their last cursor, while the others share one execution.
    const at = randomInt(readers.length);
    const gone = readers[at];
    await gone?.stop();
    await make(5);
    const seen = gone?.seen ?? [];
    readers[at] = listen(app, seen.at(-1) ?? '0000000000000000', seen);
  }
  const log = await logOf(app);
  await Promise.all(readers.map((reader) => reader.has(log.at(-1) ?? '')));
  for (const reader of readers) expect(reader.seen).toEqual(log);
  await Promise.all(readers.map((reader) => reader.stop()));
});

test('one that asks from now on gets nothing from before it came', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  const early = listen(app, '0000000000000000');
  await app.create('SCRIPTED', { name: 'before' }, 'root');
  await early.has('0000000000000002');
  const late = listen(app, null);
  // Its subscription is open once a later one of the same kind, sent after it, has an answer.
  const { data } = await app.send({ query: '{ jobs { cursor } }' });
  const head = (data as { jobs: { cursor: string } }).jobs.cursor;
  const probe = listen(app, head);
  await app.create('SCRIPTED', { name: 'between' }, 'root');
  await probe.has('0000000000000003');
  const cursors: string[] = [];
  while (cursors.length < 20) {
    await app.create('SCRIPTED', { name: `after ${cursors.length}` }, 'root');
    cursors.push(String(4 + cursors.length).padStart(16, '0'));
  }
  await late.has(cursors.at(-1) ?? '');
  expect(late.seen[0]).toSatisfy((cursor: string) => cursor > head);
  expect(late.seen).toEqual((await logOf(app)).filter((cursor) => cursor >= (late.seen[0] ?? '')));
  await Promise.all([early, late, probe].map((reader) => reader.stop()));
});
