import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import type { FilteredQuery, JobEventFilter, JobFilter, JobOrder } from '../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';
import { inStore } from '../support/store.ts';

const LIST = graphql(/* GraphQL */ `
  query Filtered($where: JobFilter, $orderBy: JobOrder, $first: Int, $after: String, $last: Int, $before: String) {
    jobs(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes {
        id
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);
const COUNTS = graphql(/* GraphQL */ `
  query Counts($where: JobFilter) {
    jobCounts(where: $where) {
      type
      status
      count
    }
  }
`);
const EVENTS = graphql(/* GraphQL */ `
  query FilteredEvents($where: JobEventFilter) {
    jobEvents(where: $where, first: 1000) {
      nodes {
        cursor
      }
    }
  }
`);
const STREAM = graphql(/* GraphQL */ `
  subscription FilteredChanges($where: JobEventFilter, $after: Cursor) {
    jobStatusChanged(where: $where, after: $after) {
      cursor
      to
    }
  }
`);

/** Jobs of two users: one has succeeded, one runs, and the others wait. */
const startJobs = async ({ storeThreads = false } = {}) => {
  const { kind, script } = scriptedKind();
  const app = await startApp({ kinds: [kind], settings: { WORKERS: '1' }, storeThreads });
  await app.send({
    query: 'mutation { createUser(input: { name: "max", privileges: [CREATEJOB] }) { user { name } } }',
  });
  await using changes = changesOf(app);
  const ids: string[] = [];
  for (const [name, user] of [
    ['Alpha', 'root'],
    ['beta_1', 'max'],
    ['ALPHABET', 'max'],
    ['100%', 'root'],
  ] as const) {
    ids.push((await app.create('SCRIPTED', { name }, user)).id);
    if (name !== 'Alpha') continue;
    script('Alpha').act('finish');
    await changes.reaches(ids[0] ?? '', 'SUCCEEDED');
  }
  await changes.reaches(ids[1] ?? '', 'RUNNING');
  return { app, script, ids };
};

const listed = async (app: TestApp, where: JobFilter, orderBy?: JobOrder) =>
  (await app.execute(LIST, { where, ...(orderBy === undefined ? {} : { orderBy }) })).jobs;

test('a filter selects by every sort of field, and counts what it selects', async () => {
  const { app, ids } = await startJobs();
  await using _ = app;
  const cases: [JobFilter, number[]][] = [
    [{}, [3, 2, 1, 0]],
    [{ userName: { equals: 'max' } }, [2, 1]],
    [{ description: { contains: 'alpha' } }, [2, 0]],
    [{ description: { contains: '%' } }, [3]],
    [{ description: { contains: 'a_1' } }, [1]],
    [{ description: { startsWith: 'scripted A' } }, [2, 0]],
    [{ description: { like: '%Alpha' } }, [0]],
    [{ description: { ilike: '%alpha%' } }, [2, 0]],
    [{ description: { like: '%100\\%' } }, [3]],
    [{ id: { gt: ids[1] ?? '', lte: ids[2] ?? '' } }, [2]],
    [{ status: { in: ['SUCCEEDED', 'RUNNING'] } }, [1, 0]],
    [{ status: { not: 'PENDING' }, userName: { equals: 'root' } }, [0]],
    [{ finishedAt: { isNull: true } }, [3, 2, 1]],
    [{ fractionCompleted: { gte: 1 } }, [0]],
    [{ database: { equals: 'x' } }, []],
    [{ not: { database: { equals: 'x' } } }, [3, 2, 1, 0]],
    [{ or: [{ id: { equals: ids[3] ?? '' } }, { status: { equals: 'RUNNING' } }] }, [3, 1]],
    [{ id: { in: [] } }, []],
    [
      { and: [{ createdAt: { gt: '2020-01-01T00:00:00.000Z' } }, { createdAt: { lt: '2021-01-01T00:00:00.000Z' } }] },
      [],
    ],
  ];
  for (const [where, wanted] of cases) {
    const { nodes, totalCount } = await listed(app, where);
    expect([where, nodes.map(({ id }) => ids.indexOf(id))]).toEqual([where, wanted]);
    expect(totalCount).toBe(wanted.length);
  }
  expect((await app.execute(COUNTS, { where: { userName: { equals: 'max' } } })).jobCounts).toEqual([
    { type: 'CUSTOM', status: 'PENDING', count: 1 },
    { type: 'CUSTOM', status: 'RUNNING', count: 1 },
  ]);
  expect((await app.execute(COUNTS, {}, 'max')).jobCounts.map(({ count }) => count)).toEqual([1, 1]);
});

test.each(['CREATED_AT', 'MODIFIED_AT', 'FINISHED_AT'] as const)(
  'pages by %s, forwards and backwards, give the whole list in order',
  async (field) => {
    const { app, ids } = await startJobs();
    await using _ = app;
    for (const direction of ['ASC', 'DESC'] as const) {
      const orderBy = { field, direction };
      const whole = (await listed(app, {}, orderBy)).nodes.map(({ id }) => id);
      expect(whole.toSorted()).toEqual(ids.toSorted());
      if (field === 'FINISHED_AT') expect(whole.indexOf(ids[0] ?? '')).toBe(direction === 'ASC' ? 0 : 3);
      const forwards: string[] = [];
      for (let after: string | null | undefined = null; ; ) {
        const { jobs }: FilteredQuery = await app.execute(LIST, {
          orderBy,
          first: 1,
          ...(after === null ? {} : { after }),
        });
        forwards.push(...jobs.nodes.map(({ id }) => id));
        after = jobs.pageInfo.endCursor ?? null;
        if (!jobs.pageInfo.hasNextPage) break;
      }
      const backwards: string[] = [];
      for (let before: string | null | undefined = null; ; ) {
        const { jobs }: FilteredQuery = await app.execute(LIST, {
          orderBy,
          last: 1,
          ...(before === null ? {} : { before }),
        });
        backwards.unshift(...jobs.nodes.map(({ id }) => id));
        before = jobs.pageInfo.startCursor ?? null;
        if (!jobs.pageInfo.hasPreviousPage) break;
      }
      expect(forwards).toEqual(whole);
      expect(backwards).toEqual(whole);
    }
  },
);

test('a cursor of one order is none of another', async () => {
  const { app } = await startJobs();
  await using _ = app;
  const { jobs } = await app.execute(LIST, { first: 1 });
  const after = jobs.pageInfo.endCursor ?? '';
  const failure = await app.refuse(LIST, { after, orderBy: { field: 'MODIFIED_AT', direction: 'ASC' } });
  expect(failure.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
});

test('what a listener with a filter saw live is what a replay with it gives, and what the log with it lists', async () => {
  const { app, script, ids } = await startJobs();
  await using _ = app;
  const where: JobEventFilter = {
    or: [
      { userName: { equals: 'max' }, to: { not: 'PENDING' } },
      { actor: { equals: 'root' }, command: { equals: 'CANCEL' } },
    ],
  };
  const { jobs } = (await app.send({ query: '{ jobs { cursor } }' })).data as { jobs: { cursor: string } };
  await using live = app.subscribe(STREAM, { where, after: jobs.cursor });
  script('beta_1').act('finish');
  const query = `mutation ($ids: [ID!]!) { cancelJobs(jobs: { ids: $ids }) { changedCount } }`;
  await app.send({ query, variables: { ids: ids.slice(2) } });
  const canceled = (change: { to: string }) => change.to === 'CANCELED' || change.to === 'CANCEL_REQUESTED';
  let ends = 0;
  const seen = await live.until(({ jobStatusChanged }) => canceled(jobStatusChanged) && ++ends === 2);
  const cursors = seen.map(({ jobStatusChanged }) => jobStatusChanged.cursor);

  await using replay = app.subscribe(STREAM, { where, after: jobs.cursor });
  const again = await replay.until(({ jobStatusChanged }) => jobStatusChanged.cursor === cursors.at(-1));
  expect(again).toEqual(seen);
  const log = (await app.execute(EVENTS, { where })).jobEvents.nodes.map(({ cursor }) => cursor);
  expect(log.filter((cursor) => cursor > jobs.cursor).slice(0, cursors.length)).toEqual(cursors);
});

test('a filter that has to read too much ends in time, and keeps nobody else waiting', async () => {
  const { app } = await startJobs({ storeThreads: true });
  await using _ = app;
  await inStore(
    app.dataDir,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO Job (id, type, typeName, description, userName, status, createdAt, modifiedAt, finishedAt, finishOrder, revision)
    SELECT i, 'CUSTOM', 'SCRIPTED', '${'x'.repeat(500)}', 'root', 'CANCELED', 0, 0, 0, 0, 0 FROM n`,
  );
  await inStore(app.dataDir, "INSERT INTO JobWork (jobId, details) SELECT id, '{}' FROM Job WHERE id <= 200000");
  const where: JobFilter = {
    and: Array.from({ length: 60 }, (_, n) => ({ not: { description: { contains: `y${n}` } } })),
    id: { notIn: ['1'] },
    error: { isNull: false },
  };
  let broadEnded = false;
  const broad = app.refuse(LIST, { where }).then((failure) => {
    broadEnded = true;
    return failure;
  });
  expect((await app.send({ query: '{ jobs(first: 20) { nodes { id } } }' })).errors).toBeUndefined();
  expect(broadEnded).toBe(false);
  expect((await broad).extensions.code).toBe('FILTER_TOO_BROAD');
});
