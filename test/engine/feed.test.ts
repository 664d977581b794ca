import { expect, test } from 'vitest';
import { startFeed } from '../../src/engine/feed.ts';
import type { Access } from '../../src/jobs/access.ts';
import type { EventCursor, JobEvent } from '../../src/jobs/job.ts';
import type { LostEvents } from '../../src/store/store.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

/** The feed alone, with readers that decide when others take their turn. */

const EVERYBODYS: Access = { sees: 'all', controls: [], userName: '' };

/** Keeps the thread for longer than one slice of handing over. */
const occupy = () => {
  const until = performance.now() + 10;
  while (performance.now() < until);
};

test('a reader that begins to follow while events are handed to others gets them too', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'keeps the worker busy' }, 'root');
  await changes.reaches(id, 'RUNNING');
  const errors: unknown[] = [];
  const feed = await startFeed(app.store, (error) => errors.push(error));
  const left = new AbortController();
  const listen = () => feed.listen(0, () => EVERYBODYS, left.signal);
  const turn = () => app.send({ query: '{ viewer { name } }' });

  const late = await listen();
  const seen: EventCursor[] = [];
  const take = (events: readonly JobEvent[]) => void seen.push(...events.map(({ cursor }) => cursor));
  const catchingUp = late.catchUp();
  const { value: first } = await catchingUp.next();
  take([first as JobEvent]);

  let handOver = () => {};
  const isHandingOver = new Promise<void>((resolve) => {
    handOver = resolve;
  });
  let following = 0;
  const follow = async () => {
    const stream = await listen();
    for await (const _ of stream.catchUp());
    following += 1;
    const reader = {
      isReady: () => true,
      take: () => {
        handOver();
        occupy();
      },
    };
    return stream.follow(reader);
  };
  const others = Array.from({ length: 30 }, follow);
  while (following < others.length) await turn();
  const catchesUp = isHandingOver.then(async () => {
    for await (const event of catchingUp) take([event]);
    while (await late.follow({ isReady: () => true, take })) for await (const event of late.catchUp()) take([event]);
  });
  for (const name of ['b', 'c']) {
    await app.create('SCRIPTED', { name }, 'root');
    await isHandingOver;
  }
  const { head } = await app.store.log();
  while (seen.at(-1) !== head) await turn();
  left.abort();

  expect(await Promise.all([...others, catchesUp])).toEqual([...others.map(() => false), undefined]);
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(errors).toEqual([]);
  await feed.stop();
});

test('a reader that begins where the store has lost events waits for the next one', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  let lost: readonly LostEvents[] = [];
  // As after a failover: the log ends earlier, and no event tells of it.
  const log = async () => {
    const real = await app.store.log();
    const [gap] = lost;
    return gap === undefined || real.head > gap.upTo ? { ...real, lost } : { ...real, head: gap.after, lost };
  };
  const feed = await startFeed({ ...app.store, log }, (error) => expect.fail(String(error)));
  const left = new AbortController();
  const first = await app.create('SCRIPTED', { name: 'first' }, 'root');
  await changes.reaches(first.id, 'RUNNING');
  const before = await feed.listen(0, () => EVERYBODYS, left.signal);
  const known: EventCursor[] = [];
  const knows = before.follow({
    isReady: () => true,
    take: (events) => void known.push(...events.map(({ cursor }) => cursor)),
  });
  if (await Promise.race([knows, Promise.resolve('follows')]))
    for await (const { cursor } of before.catchUp()) known.push(cursor);
  const { head } = await app.store.log();
  expect(known).toContain(head);
  lost = [{ after: head - 1, upTo: head }];

  const stream = await feed.listen(null, () => EVERYBODYS, left.signal);
  const seen: EventCursor[] = [];
  for await (const { cursor } of stream.catchUp()) seen.push(cursor);
  expect(seen).toEqual([]);
  const arrived = new Promise<EventCursor>((resolve) => {
    const take = ([event]: readonly JobEvent[]) => resolve(event?.cursor ?? 0);
    void stream.follow({ isReady: () => true, take });
  });
  await app.create('SCRIPTED', { name: 'second' }, 'root');
  expect(await arrived).toBe(head + 1);
  left.abort();
  await feed.stop();
});
