import { expect, test } from 'vitest';
import type { HoldMode } from '../../src/jobs/holds.ts';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

const WAITING = graphql(/* GraphQL */ `
  query Waiting($id: ID!) {
    job(id: $id) {
      status
      statusMessage
      blockedBy {
        id
      }
    }
  }
`);
const PAUSE_FIRST = graphql(/* GraphQL */ `
  mutation PauseFirst($id: ID!) {
    pauseJobs(jobs: { ids: [$id] }) {
      changedCount
    }
  }
`);
const CANCEL_FIRST = graphql(/* GraphQL */ `
  mutation CancelFirst($id: ID!) {
    cancelJobs(jobs: { ids: [$id] }) {
      changedCount
    }
  }
`);

/** A server with a kind whose jobs hold the table that their name begins with, in the mode that follows it. */
const startHolding = async () => {
  const { kind, script } = scriptedKind('HOLDING');
  const holding = {
    ...kind,
    create: async (input: unknown, environment: Parameters<typeof kind.create>[1]) => {
      const [table = '', mode] = (input as { name: string }).name.split(' ');
      return {
        ...(await kind.create(input, environment)),
        database: 'demo',
        holds: [{ table, mode: mode as HoldMode }],
      };
    },
  };
  const app = await startApp({ kinds: [holding], settings: { WORKERS: '8' } });
  const changes = changesOf(app);
  const create = async (name: string) => (await app.create('HOLDING', { name }, 'root')).id;
  return {
    app,
    script,
    changes,
    create,
    waiting: async (id: string) => (await app.execute(WAITING, { id })).job,
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

test('two that write into one table run together, and so do any two on different tables', async () => {
  await using stage = await startHolding();
  const ids = [];
  for (const name of ['t write 1', 't write 2', 'u alter', 'v make']) ids.push(await stage.create(name));
  for (const id of ids) await stage.changes.reaches(id, 'RUNNING');
});

test.each([
  ['write', 'alter'],
  ['write', 'make'],
  ['make', 'write'],
  ['make', 'alter'],
  ['alter', 'write'],
  ['alter', 'make'],
  ['alter', 'alter'],
])(
  'next to a job that holds a table to %s it, one that would %s it waits, names that job, and starts when it has ended',
  async (first, second) => {
    await using stage = await startHolding();
    const holder = await stage.create(`t ${first} 1`);
    await stage.changes.reaches(holder, 'RUNNING');
    const waiter = await stage.create(`t ${second} 2`);
    const free = await stage.create('other write');
    await stage.changes.reaches(free, 'RUNNING');
    const waits = { status: 'PENDING', statusMessage: `waiting for job ${holder}`, blockedBy: [{ id: holder }] };
    expect(await stage.waiting(waiter)).toEqual(waits);

    // Paused, it holds the table all the same.
    await stage.app.execute(PAUSE_FIRST, { id: holder });
    await stage.changes.reaches(holder, 'PAUSED');
    expect(await stage.waiting(waiter)).toEqual(waits);

    await stage.app.execute(CANCEL_FIRST, { id: holder });
    await stage.changes.reaches(holder, 'REVERTING');
    expect(await stage.waiting(waiter)).toEqual(waits);
    stage.script(`t ${first} 1`).act('finish');
    await stage.changes.reaches(waiter, 'RUNNING');
    expect((await stage.waiting(waiter))?.blockedBy).toEqual([]);
    const order = stage.changes.seen.map(({ jobId, to }) => `${jobId} ${to}`);
    expect(order.indexOf(`${waiter} RUNNING`)).toBeGreaterThan(order.indexOf(`${holder} CANCELED`));
  },
);

test('of two that would make the same table the second is refused, naming the first, until that has ended', async () => {
  await using stage = await startHolding();
  const first = await stage.create('t make 1');
  await stage.changes.reaches(first, 'RUNNING');
  await expect(stage.create('t make 2')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: `job ${first} already makes table demo.t`,
  });
  stage.script('t make 1').act('finish');
  await stage.changes.reaches(first, 'SUCCEEDED');
  await stage.changes.reaches(await stage.create('t make 3'), 'RUNNING');
});

test('those that wait for a table get it in the order of their creation, also past some that could go at once', async () => {
  await using stage = await startHolding();
  const writer = await stage.create('t write 1');
  await stage.changes.reaches(writer, 'RUNNING');
  const alter = await stage.create('t alter 2');
  const late = await stage.create('t write 3');
  const other = await stage.create('u write 4');
  await stage.changes.reaches(other, 'RUNNING');
  expect((await stage.waiting(late))?.blockedBy).toEqual([{ id: alter }]);
  stage.script('t write 1').act('finish');
  await stage.changes.reaches(alter, 'RUNNING');
  expect(stage.changes.statusesOf(late)).toEqual(['PENDING']);
  stage.script('t alter 2').act('finish');
  await stage.changes.reaches(late, 'RUNNING');
});
