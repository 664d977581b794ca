import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';
import { openSocket } from '../support/wire.ts';

const ADD = graphql(/* GraphQL */ `
  mutation AddPerson($input: CreateUserInput!) {
    createUser(input: $input) {
      user {
        name
      }
    }
  }
`);
const SEEN = graphql(/* GraphQL */ `
  query Seen($id: ID!) {
    jobs {
      totalCount
      nodes {
        id
      }
    }
    job(id: $id) {
      id
      availableCommands
    }
    node(id: $id) {
      id
    }
    jobEvents {
      nodes {
        jobId
        job {
          id
        }
      }
    }
  }
`);
const PAUSE = graphql(/* GraphQL */ `
  mutation PauseAsUser($ids: [ID!]!) {
    pauseJobs(jobs: { ids: $ids }) {
      changedCount
      selectedCount
      changed {
        jobId
      }
      refusals {
        jobId
        code
        message
        job {
          id
        }
      }
    }
  }
`);

const PEOPLE = [
  { name: 'ann', privileges: ['CREATEJOB'] },
  { name: 'bob', privileges: ['CREATEJOB'] },
  { name: 'non', privileges: [] },
  { name: 'vic', privileges: ['VIEWJOB'] },
  { name: 'con', privileges: ['CONTROLJOB'] },
  { name: 'adm', admin: true, privileges: [] },
] as const;

/** Ann, Bob and root each have a job; nothing runs but one of them. */
const startWithPeople = async () => {
  const { kind } = scriptedKind();
  const app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  for (const { name, privileges, ...rest } of PEOPLE) {
    await app.execute(ADD, { input: { name, privileges: [...privileges], ...rest } });
  }
  const make = async (owner: string) => (await app.create('SCRIPTED', { name: owner }, owner)).id;
  const jobs = { ann: await make('ann'), bob: await make('bob'), root: await make('root') };
  return { app, jobs };
};

const seenBy = async (app: TestApp, user: string, id: string) => {
  const { jobs, job, node, jobEvents } = await app.execute(SEEN, { id }, user);
  const listed = jobs.nodes.map((one) => one.id).sort();
  expect(jobs.totalCount).toBe(listed.length);
  expect([...new Set(jobEvents.nodes.map(({ jobId }) => jobId))].sort()).toEqual(listed);
  expect(jobEvents.nodes.map((event) => event.job?.id)).toEqual(jobEvents.nodes.map(({ jobId }) => jobId));
  expect(node?.id).toBe(job?.id);
  return { listed, job };
};

const ALL = { sees: 'all', controls: [], userName: '' } as const;

test('each sees what they may in every query: their own jobs, or all', async () => {
  const { app, jobs } = await startWithPeople();
  await using _ = app;
  const all = Object.values(jobs).sort();
  const VIEWS: readonly (readonly [string, readonly string[]])[] = [
    ['root', all],
    ['adm', all],
    ['vic', all],
    ['con', all],
    ['ann', [jobs.ann]],
    ['bob', [jobs.bob]],
    ['non', []],
  ];
  for (const [user, visible] of VIEWS) {
    for (const id of all) {
      const { listed, job } = await seenBy(app, user, id);
      expect(listed, user).toEqual(visible);
      expect(job?.id, user).toBe(visible.includes(id) ? id : undefined);
    }
  }
});

test('each controls what they may: what they do not see does not exist, and what they see may be forbidden', async () => {
  const { app, jobs } = await startWithPeople();
  await using _ = app;
  const ids = [jobs.ann, jobs.bob, jobs.root];
  const codes = async (user: string) => {
    const { changed, refusals } = (await app.execute(PAUSE, { ids }, user)).pauseJobs;
    const refused = new Map(refusals.map(({ jobId, code }) => [jobId, code]));
    const did = new Set(changed.map(({ jobId }) => jobId));
    for (const { jobId, code, job, message } of refusals) {
      expect(job?.id).toBe(code === 'NOT_FOUND' ? undefined : jobId);
      if (code === 'NOT_FOUND') expect(message).toBe(`job with ID ${jobId} does not exist`);
    }
    return ids.map((id) => refused.get(id) ?? did.has(id));
  };
  expect(await codes('non')).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  expect(await codes('ann')).toEqual(['FORBIDDEN', 'NOT_FOUND', 'NOT_FOUND']);
  expect(await codes('vic')).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  const nothing = (await app.store.events({ direction: 'ascending', after: null, before: null, limit: 100 }, ALL))
    .events;
  expect(nothing.filter(({ command }) => command !== null)).toEqual([]);
  expect((await seenBy(app, 'con', jobs.root)).job?.availableCommands).toEqual([]);
  expect(await codes('con')).toEqual([true, true, 'FORBIDDEN']);
  expect(await codes('adm')).toEqual([false, false, true]);
});

test('owners control their own jobs where the settings let them', async () => {
  await using app = await startApp({ kinds: [scriptedKind().kind], settings: { OWNERS_CONTROL_JOBS: 'true' } });
  for (const name of ['ann', 'bob']) await app.execute(ADD, { input: { name, privileges: ['CREATEJOB'] } });
  const { id: own } = await app.create('SCRIPTED', { name: 'a' }, 'ann');
  const { id: other } = await app.create('SCRIPTED', { name: 'b' }, 'bob');
  const { pauseJobs } = await app.execute(PAUSE, { ids: [own, other] }, 'ann');
  expect(pauseJobs).toMatchObject({ selectedCount: 2, changedCount: 1, changed: [{ jobId: own }] });
  expect(pauseJobs.refusals).toMatchObject([{ jobId: other, code: 'NOT_FOUND' }]);
});

test('each hears live what they may see, and nothing else', async () => {
  const { app, jobs } = await startWithPeople();
  await using _ = app;
  const all = Object.values(jobs).sort();
  const ids = [jobs.ann, jobs.bob, jobs.root];
  await app.execute(PAUSE, { ids });
  await using everything = changesOf(app);
  for (const id of ids) await everything.reaches(id, 'PAUSED');

  // Ann's own last change is the end of what she hears; a job made after it shows that nothing came between.
  for (const [user, mine] of [
    ['ann', [jobs.ann]],
    ['vic', all],
    ['con', all],
    ['adm', all],
  ] as const) {
    await using heard = changesOf(app, user);
    for (const id of mine) await heard.reaches(id, 'PAUSED');
    expect([...new Set(heard.seen.map(({ jobId }) => jobId))].sort(), user).toEqual(mine);
    expect(heard.seen, user).toEqual(everything.seen.filter(({ jobId }) => mine.includes(jobId)));
  }
  await using silent = await openSocket(app.url, { params: { user: 'ann' } });
  await silent.next();
  silent.subscribe('s', { query: 'subscription { jobStatusChanged(after: "0000000000000000") { jobId to } }' });
  const { id: next } = await app.create('SCRIPTED', { name: 'next' }, 'ann');
  const received: unknown[] = [];
  while (!JSON.stringify(received.at(-1) ?? '').includes(next)) received.push((await silent.next()).payload);
  expect(JSON.stringify(received)).not.toMatch(new RegExp(`${jobs.bob}|${jobs.root}`));
});
