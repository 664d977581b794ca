import { expect, test } from 'vitest';
import { startFeed } from '../../src/engine/feed.ts';
import type { Access } from '../../src/jobs/access.ts';
import type { EventCursor, JobEvent } from '../../src/jobs/job.ts';
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
