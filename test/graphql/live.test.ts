import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import type { LogQuery } from '../generated/graphql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';
import { type GraphQLReply, openEvents, openSocket } from '../support/wire.ts';

const WATCH =
  'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId from to command reason error } }';

const LOG = graphql(/* GraphQL */ `
  query Log($after: Cursor) {
    jobEvents(first: 250, after: $after) {
      nodes {
        ... on JobStatusChange {
          cursor
          jobId
          from
          to
          command
          reason
          error
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const PAUSE_ALL = graphql(/* GraphQL */ `
  mutation PauseAll($ids: [ID!]!, $reason: String) {
    pauseJobs(jobs: { ids: $ids }, reason: $reason) {
      changedCount
      cursor
    }
  }
`);
const RESUME_ALL = graphql(/* GraphQL */ `
  mutation ResumeAll($ids: [ID!]!) {
    resumeJobs(jobs: { ids: $ids }) {
      changedCount
    }
  }
`);
const CANCEL_ALL = graphql(/* GraphQL */ `
  mutation CancelAll($ids: [ID!]!) {
    cancelJobs(jobs: { ids: $ids }) {
      changedCount
    }
  }
`);
const ADD_USER = graphql(/* GraphQL */ `
  mutation AddUser($name: String!, $privileges: [Privilege!]!) {
    createUser(input: { name: $name, privileges: $privileges }) {
      user {
        name
      }
    }
  }
`);

interface Change {
  readonly cursor: string;
  readonly jobId: string;
  readonly from?: string | null;
  readonly to: string;
}

/** The whole log as a user sees it, page by page. */
const readLog = async (app: TestApp, user = 'root'): Promise<readonly Change[]> => {
  const events: Change[] = [];
  let after: string | null | undefined = null;
  for (;;) {
    const { nodes, pageInfo }: NonNullable<LogQuery['jobEvents']> = (await app.execute(LOG, { after }, user)).jobEvents;
    events.push(...(nodes as Change[]));
    if (!pageInfo.hasNextPage) return events;
    after = pageInfo.endCursor;
  }
};

/** A listener over one wire: opened after a cursor, read one change at a time, dropped without a goodbye. */
interface Listener {
  next(): Promise<Change>;
  drop(): void;
}

const changeOf = ({ data, errors }: GraphQLReply): Change => {
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.jobStatusChanged as Change;
};

const overSocket = async (app: TestApp, after: string | null, user: string): Promise<Listener> => {
  const socket = await openSocket(app.url, { params: { user } });
  await socket.next();
  socket.subscribe('s', { query: WATCH, variables: { after } });
  return {
    next: async () => changeOf((await socket.next()).payload as GraphQLReply),
    drop: () => socket.socket.terminate(),
  };
};

const overEvents = async (app: TestApp, after: string | null, user: string): Promise<Listener> => {
  const stream = await openEvents(app.url, { query: WATCH, variables: { after } }, { user });
  return {
    next: async () => changeOf((await stream.next()) ?? {}),
    drop: stream.leave,
  };
};

const WIRES = [
  ['a WebSocket', overSocket],
  ['server-sent events', overEvents],
] as const;

test.each(WIRES)(
  'over %s a listener without a cursor gets what comes from now on, and nothing from before',
  async (_, open) => {
    const { kind } = scriptedKind();
    await using app = await startApp({ kinds: [kind] });
    await using changes = changesOf(app);
    const { id: old } = await app.create('SCRIPTED', { name: 'old' }, 'root');
    await changes.reaches(old, 'RUNNING');
    const [last] = (await readLog(app)).slice(-1);

    const listener = await open(app, null, 'root');
    const first = listener.next();
    let isThere = false;
    void first.then(() => {
      isThere = true;
    });
    // Nothing reports that a subscription has begun: changes are made until one arrives.
    while (!isThere) await app.create('SCRIPTED', { name: 'new' }, 'root');
    const { cursor } = await first;
    listener.drop();

    expect(cursor > (last?.cursor ?? '')).toBe(true);
    const log = await readLog(app);
    expect(log.map((event) => event.cursor)).toContain(cursor);
  },
);

test.each(WIRES)('over %s a listener with a cursor first gets what it missed, then goes on live', async (_, open) => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  await app.execute(PAUSE_ALL, { ids: [id], reason: 'lunch' });
  await changes.reaches(id, 'PAUSED');
  const [creation] = await readLog(app);

  const listener = await open(app, creation?.cursor ?? null, 'root');
  const missed = [await listener.next(), await listener.next(), await listener.next()];
  await app.execute(RESUME_ALL, { ids: [id] });
  script('a').act('finish');
  const live = [await listener.next(), await listener.next(), await listener.next()];
  listener.drop();

  expect([...missed, ...live].map(({ from, to }) => `${from} ${to}`)).toEqual([
    'PENDING RUNNING',
    'RUNNING PAUSE_REQUESTED',
    'PAUSE_REQUESTED PAUSED',
    'PAUSED PENDING',
    'PENDING RUNNING',
    'RUNNING SUCCEEDED',
  ]);
  expect([creation, ...missed, ...live]).toEqual(await readLog(app));
});

/** Numbers from 0 to 1 that a seed determines: mulberry32. */
const createRandom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

/** Creates, pauses, resumes and cancels jobs of two owners through the API, as fast as it answers. */
const churn = async (app: TestApp, script: ReturnType<typeof scriptedKind>['script'], random: () => number) => {
  const ids: string[] = [];
  const pick = () =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () => ids[Math.floor(random() * ids.length)] ?? '');
  const act = async (n: number) => {
    const choice = random();
    if (ids.length < 5 || choice < 0.4) {
      const name = `job ${n}`;
      if (random() < 0.5) script(name).act('finish');
      ids.push((await app.create('SCRIPTED', { name }, random() < 0.5 ? 'root' : 'ann')).id);
    } else if (choice < 0.6) await app.execute(PAUSE_ALL, { ids: pick(), reason: `reason ${n}` });
    else if (choice < 0.8) await app.execute(RESUME_ALL, { ids: pick() });
    else await app.execute(CANCEL_ALL, { ids: pick() });
  };
  const lane = async (from: number) => {
    for (let n = from; n < 600; n += 6) await act(n);
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(lane));
};

/** Listens until `isDone` of its last cursor, dropping its connection after a few changes each time. */
const listenBrokenly = async (
  open: (after: string) => Promise<Listener>,
  random: () => number,
  isDone: (last: string) => boolean,
) => {
  const seen: Change[] = [];
  let drops = 0;
  const last = () => seen.at(-1)?.cursor ?? '0000000000000000';
  while (!isDone(last())) {
    const listener = await open(last());
    const patience = Math.floor(random() * 60);
    for (let n = 0; n < patience && !isDone(last()); n += 1) seen.push(await listener.next());
    listener.drop();
    drops += 1;
  }
  return { seen, drops };
};

test('listeners that lose their connection again and again get every change exactly once, each its own', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = createRandom(seed);
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '4' } });
  await app.execute(ADD_USER, { name: 'ann', privileges: ['CREATEJOB'] });
  await app.execute(ADD_USER, { name: 'vic', privileges: ['VIEWJOB'] });

  // The end is not known before the churn is over; what comes after it is not looked at.
  let ends: Readonly<Record<string, string>> = {};
  const listeners = USERS.flatMap((user) =>
    WIRES.map(async ([wire, open]) => {
      const isDone = (last: string) => last >= (ends[user] ?? '~');
      return { user, wire, ...(await listenBrokenly((after) => open(app, after, user), random, isDone)) };
    }),
  );
  await churn(app, script, random);
  const all = await readLog(app);
  const end = all.at(-1)?.cursor ?? '';
  const logs = new Map<string, readonly Change[]>();
  for (const user of USERS) logs.set(user, upTo(end, await readLog(app, user)));
  ends = Object.fromEntries([...logs].map(([user, log]) => [user, log.at(-1)?.cursor ?? '']));
  // Who waits for a next change meanwhile gets one, so that all come to their end.
  for (const user of ['root', 'ann']) await app.create('SCRIPTED', { name: 'last' }, user);

  for (const { user, wire, seen, drops } of await Promise.all(listeners)) {
    const what = `${user} over ${wire}, seed ${seed}`;
    expect(upTo(ends[user] ?? '', seen), what).toEqual(logs.get(user));
    expect(drops, what).toBeGreaterThan(3);
  }
  const owners = await ownersOf(app);
  expect(logs.get('root')).toEqual(all);
  expect(logs.get('vic')).toEqual(all);
  expect(logs.get('ann')).toEqual(all.filter(({ jobId }) => owners.get(jobId) === 'ann'));
  expect(all.length).toBeGreaterThan(400);
});

const USERS = ['root', 'ann', 'vic'] as const;
const upTo = (end: string, log: readonly Change[]) => log.filter(({ cursor }) => cursor <= end);

const OWNERS = graphql(/* GraphQL */ `
  query Owners {
    jobs(first: 1000) {
      nodes {
        id
        userName
      }
    }
  }
`);
const ownersOf = async (app: TestApp) =>
  new Map((await app.execute(OWNERS)).jobs.nodes.map(({ id, userName }) => [id, userName]));
