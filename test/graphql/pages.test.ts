import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';
import { inStore } from '../support/store.ts';

const PAGE = graphql(/* GraphQL */ `
  query Page($first: Int, $after: String, $last: Int, $before: String) {
    jobs(first: $first, after: $after, last: $last, before: $before) {
      edges {
        cursor
        node {
          id
        }
      }
      nodes {
        id
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      cursor
    }
  }
`);
const COUNT = graphql(/* GraphQL */ `
  query Count {
    jobs(first: 0) {
      totalCount
      nodes {
        id
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
      }
    }
  }
`);
const EVENTS = graphql(/* GraphQL */ `
  query Events($first: Int, $after: Cursor, $last: Int, $before: Cursor) {
    jobEvents(first: $first, after: $after, last: $last, before: $before) {
      edges {
        cursor
        node {
          cursor
          jobId
        }
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
const EVENTS_OF = graphql(/* GraphQL */ `
  query EventsOf($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
    job(id: $id) {
      events(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          cursor
          jobId
          at
          actor {
            kind
            name
          }
          job {
            id
          }
          ... on JobStatusChange {
            from
            to
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
        }
      }
    }
  }
`);

/** Jobs that never begin, oldest first. */
const startWithJobs = async (count: number) => {
  const app = await startApp({ kinds: [scriptedKind().kind] });
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push((await app.create('SCRIPTED', { name: `job ${n}` }, 'root')).id);
  return { app, ids };
};

test('jobs are paged forward, newest first, and each page knows what lies on both sides', async () => {
  const { app, ids } = await startWithJobs(5);
  await using _ = app;
  const [e, d, c, b, a] = ids;
  const first = (await app.execute(PAGE, { first: 2 })).jobs;
  expect(first.nodes.map(({ id }) => id)).toEqual([a, b]);
  expect(first.edges.map(({ node }) => node.id)).toEqual([a, b]);
  expect(first.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: first.edges[0]?.cursor,
    endCursor: first.edges[1]?.cursor,
  });
  const second = (await app.execute(PAGE, { first: 2, after: first.pageInfo.endCursor ?? '' })).jobs;
  expect(second.nodes.map(({ id }) => id)).toEqual([c, d]);
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const third = (await app.execute(PAGE, { first: 2, after: second.pageInfo.endCursor ?? '' })).jobs;
  expect(third.nodes.map(({ id }) => id)).toEqual([e]);
  expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const beyond = (await app.execute(PAGE, { first: 2, after: third.pageInfo.endCursor ?? '' })).jobs;
  expect(beyond.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null });
  const between = { after: first.edges[0]?.cursor ?? '', before: third.edges[0]?.cursor ?? '' };
  const inner = (await app.execute(PAGE, { first: 9, ...between })).jobs;
  expect(inner.nodes.map(({ id }) => id)).toEqual([b, c, d]);
  expect(inner.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
});

test('jobs are paged backward in the same order, and each page knows what lies on both sides', async () => {
  const { app, ids } = await startWithJobs(5);
  await using _ = app;
  const [e, d, c, b, a] = ids;
  const last = (await app.execute(PAGE, { last: 2 })).jobs;
  expect(last.nodes.map(({ id }) => id)).toEqual([d, e]);
  expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const middle = (await app.execute(PAGE, { last: 2, before: last.pageInfo.startCursor ?? '' })).jobs;
  expect(middle.nodes.map(({ id }) => id)).toEqual([b, c]);
  expect(middle.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const start = (await app.execute(PAGE, { last: 2, before: middle.pageInfo.startCursor ?? '' })).jobs;
  expect(start.nodes.map(({ id }) => id)).toEqual([a]);
  expect(start.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  const bounded = (await app.execute(PAGE, { last: 1, after: start.edges[0]?.cursor ?? '' })).jobs;
  expect(bounded.nodes.map(({ id }) => id)).toEqual([e]);
  const none = (await app.execute(PAGE, { last: 0 })).jobs;
  expect(none).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
});

test('a list that has nothing says so at both ends', async () => {
  await using app = await startApp();
  const nothing = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
  for (const page of [{}, { first: 5 }, { last: 5 }, { first: 0 }, { last: 0 }]) {
    expect((await app.execute(PAGE, page)).jobs.pageInfo, JSON.stringify(page)).toEqual(nothing);
    expect((await app.execute(EVENTS, page)).jobEvents.pageInfo, JSON.stringify(page)).toEqual(nothing);
  }
});

test('jobs are counted when that is asked, whatever the page', async () => {
  const { app } = await startWithJobs(3);
  await using _ = app;
  expect((await app.execute(COUNT)).jobs).toEqual({
    totalCount: 3,
    nodes: [],
    pageInfo: { hasNextPage: true, hasPreviousPage: false },
  });
});

const badPages = (ownCursor: string, otherCursor: string) =>
  [
    [{ first: 1, last: 1 }, 'last'],
    [{ first: -1 }, 'first'],
    [{ last: -1 }, 'last'],
    [{ first: 1_001 }, 'first'],
    [{ last: 1_001 }, 'last'],
    [{ after: 'nonsense' }, 'after'],
    [{ before: '' }, 'before'],
    [{ after: otherCursor }, 'after'],
    [{ last: 1, before: `${ownCursor}x` }, 'before'],
  ] as const;

test('a page that cannot be is refused with the argument that is wrong', async () => {
  const { app } = await startWithJobs(1);
  await using _ = app;
  const job = (await app.execute(PAGE, {})).jobs.edges[0]?.cursor ?? '';
  const event = (await app.execute(EVENTS, {})).jobEvents.edges[0]?.cursor ?? '';
  const list = Buffer.from('job:9999999999999999').toString('base64url');
  for (const [page, field] of [
    ...badPages(Buffer.from('job:x').toString('base64url'), event),
    [{ after: list }, 'after'] as const,
  ]) {
    const { extensions } = await app.refuse(PAGE, page);
    expect(extensions, JSON.stringify(page)).toEqual({ code: 'BAD_USER_INPUT', field });
  }
  for (const [page, field] of badPages(event, job)) {
    const { extensions } = await app.refuse(EVENTS, page);
    expect(extensions, JSON.stringify(page)).toEqual({ code: 'BAD_USER_INPUT', field });
  }
  expect((await app.execute(PAGE, { first: 1_000 })).jobs.nodes.length).toBe(1);
  expect((await app.execute(PAGE, { first: null, last: null })).jobs.nodes.length).toBe(1);
});

test('the log is paged both ways, oldest first, from any place in it', async () => {
  await using app = await startApp({ kinds: [scriptedKind().kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const { id: a } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(a, 'RUNNING');
  const { id: b } = await app.create('SCRIPTED', { name: 'b' }, 'root');
  const { id: c } = await app.create('SCRIPTED', { name: 'c' }, 'root');
  const [c1, c2, c3, c4] = ['0000000000000001', '0000000000000002', '0000000000000003', '0000000000000004'];

  const read = async (page: Parameters<typeof app.execute<unknown, object>>[1] & object) => {
    const { edges, pageInfo } = (await app.execute(EVENTS, page)).jobEvents;
    expect(edges.map(({ cursor }) => cursor)).toEqual(edges.map(({ node }) => node.cursor));
    return [edges.map(({ cursor }) => cursor), pageInfo.hasPreviousPage, pageInfo.hasNextPage];
  };
  expect(await read({})).toEqual([[c1, c2, c3, c4], false, false]);
  expect(await read({ first: 2 })).toEqual([[c1, c2], false, true]);
  expect(await read({ first: 2, after: c2 })).toEqual([[c3, c4], true, false]);
  expect(await read({ first: 2, after: '0000000000000000' })).toEqual([[c1, c2], false, true]);
  expect(await read({ first: 2, after: c4 })).toEqual([[], true, false]);
  expect(await read({ last: 2 })).toEqual([[c3, c4], true, false]);
  expect(await read({ last: 2, before: c3 })).toEqual([[c1, c2], false, true]);
  expect(await read({ first: 5, after: c1, before: c4 })).toEqual([[c2, c3], true, true]);
  expect(await read({ last: 1, after: c1, before: c4 })).toEqual([[c3], true, true]);
  const { jobEvents } = await app.execute(EVENTS, {});
  expect(jobEvents.edges.map(({ node }) => node.jobId)).toEqual([a, a, b, c]);

  const own = async (page: object) => {
    const events = (await app.execute(EVENTS_OF, { id: a, ...page })).job?.events;
    return [events?.nodes.map(({ cursor }) => cursor), events?.pageInfo.hasPreviousPage, events?.pageInfo.hasNextPage];
  };
  expect(await own({})).toEqual([[c1, c2], false, false]);
  expect(await own({ first: 1 })).toEqual([[c1], false, true]);
  expect(await own({ last: 1 })).toEqual([[c2], true, false]);
  expect(await own({ after: c1 })).toEqual([[c2], true, false]);
  // The cursor of another job's event is a place in the log like any other.
  expect(await own({ after: c3 })).toEqual([[], true, false]);
  expect(await own({ last: 5, before: c3 })).toEqual([[c1, c2], false, false]);
});

test('a place beyond the log is refused, and so is one that retention has passed, in lists and in streams', async () => {
  const { app, ids } = await startWithJobs(4);
  await using _ = app;
  const beyond = '0000000000000999';
  const id = ids[0] ?? '';
  const tooFar = { code: 'BAD_USER_INPUT', field: 'after' };
  expect((await app.refuse(EVENTS, { after: beyond })).extensions).toEqual(tooFar);
  expect((await app.refuse(EVENTS, { before: beyond })).extensions).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'before',
  });
  expect((await app.refuse(EVENTS_OF, { id, after: beyond })).extensions).toEqual(tooFar);

  await inStore(app.dataDir, 'UPDATE Counters SET horizon = 3');
  await inStore(app.dataDir, 'DELETE FROM Event WHERE cursor <= 3');
  const below = '0000000000000002';
  const gone = { code: 'CURSOR_EXPIRED' };
  expect((await app.refuse(EVENTS, { after: below })).extensions).toEqual(gone);
  expect((await app.refuse(EVENTS, { before: below })).extensions).toEqual(gone);
  expect((await app.refuse(EVENTS_OF, { id, after: below })).extensions).toEqual(gone);
  await expect(changesOf(app, 'root', below).reaches(id, 'PENDING')).rejects.toThrow('has been removed by retention');
  const [left] = (await app.execute(EVENTS, { after: '0000000000000003' })).jobEvents.edges;
  expect(left?.cursor).toBe('0000000000000004');
  expect((await app.execute(EVENTS, {})).jobEvents.pageInfo).toMatchObject({ hasPreviousPage: false });
});
