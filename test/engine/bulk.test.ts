import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import type { JobSelector } from '../generated/graphql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';
import { startStandings } from '../support/standings.ts';

const CONTROL = {
  PAUSE: graphql(/* GraphQL */ `
    mutation PauseSelected(
      $jobs: JobSelector!
      $onRefusal: RefusalPolicy! = SKIP
      $dryRun: Boolean! = false
      $expectedCount: Int
      $unchangedSince: Cursor
    ) {
      outcome: pauseJobs(
        jobs: $jobs
        onRefusal: $onRefusal
        dryRun: $dryRun
        expectedCount: $expectedCount
        unchangedSince: $unchangedSince
      ) {
        ...Outcome
      }
    }
  `),
  RESUME: graphql(/* GraphQL */ `
    mutation ResumeSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {
      outcome: resumeJobs(jobs: $jobs, dryRun: $dryRun) {
        ...Outcome
      }
    }
  `),
  CANCEL: graphql(/* GraphQL */ `
    mutation CancelSelected($jobs: JobSelector!, $dryRun: Boolean! = false) {
      outcome: cancelJobs(jobs: $jobs, dryRun: $dryRun) {
        ...Outcome
      }
    }
  `),
};
const LOG = graphql(/* GraphQL */ `
  query LogAndJobs {
    jobs(first: 1000) {
      cursor
      nodes {
        id
        status
        modifiedAt
        pauseReason
      }
    }
  }
`);

test.each(['PAUSE', 'RESUME', 'CANCEL'] as const)(
  '%s of all jobs, in every standing, reports in a dry run what it then does, and does the same as with ids',
  async (command) => {
    await using standings = await startStandings();
    const { app } = standings;
    const before = await app.execute(LOG);
    const ids = before.jobs.nodes.map(({ id }) => id);

    const dry = (await app.execute(CONTROL[command], { jobs: { all: true }, dryRun: true })).outcome;
    const byIds = (await app.execute(CONTROL[command], { jobs: { ids }, dryRun: true })).outcome;
    expect(dry).toMatchObject({ applied: false, dryRun: true, commandId: null });
    expect(await app.execute(LOG)).toEqual(before);

    const real = (await app.execute(CONTROL[command], { jobs: { all: true } })).outcome;
    expect(real).toMatchObject({ applied: true, dryRun: false, commandId: expect.any(String) });
    const essence = ({ changed, refusals, ...outcome }: typeof real) => ({
      counts: [outcome.selectedCount, outcome.changedCount, outcome.unchangedCount, outcome.refusedCount],
      changed,
      refusals: refusals.toSorted((a, b) => Number(a.jobId) - Number(b.jobId)),
    });
    expect(essence(dry)).toEqual(essence(real));
    expect(essence(byIds)).toEqual(essence(real));
    expect(real.selectedCount).toBe(ids.length);
    expect(real.changedCount + real.unchangedCount + real.refusedCount).toBe(real.selectedCount);
    expect(real.refusals.length).toBe(real.refusedCount);
    expect(real.changed.length).toBe(real.changedCount);
  },
);

/** One job runs, so that the others, of two users, stay pending. */
const startQueue = async () => {
  const { kind } = scriptedKind();
  const app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  await app.send({
    query: 'mutation { createUser(input: { name: "maxroach", privileges: [CREATEJOB] }) { user { name } } }',
  });
  const { id: running } = await app.create('SCRIPTED', { name: 'running' }, 'root');
  await changes.reaches(running, 'RUNNING');
  const his = [];
  for (const name of ['m1', 'm2', 'm3']) his.push((await app.create('SCRIPTED', { name }, 'maxroach')).id);
  const { id: other } = await app.create('SCRIPTED', { name: 'other' }, 'root');
  return { app, running, his, other, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
};

test('a filter pauses the jobs that it matches and no other', async () => {
  await using queue = await startQueue();
  const { outcome } = await queue.app.execute(CONTROL.PAUSE, { jobs: { where: { userName: { equals: 'maxroach' } } } });
  expect(outcome).toMatchObject({ selectedCount: 3, changedCount: 3, refusedCount: 0 });
  expect(outcome.changed).toEqual(queue.his.map((jobId) => ({ jobId, from: 'PENDING', to: 'PAUSED' })));
  const { jobs } = await queue.app.execute(LOG);
  expect(jobs.nodes.filter(({ status }) => status === 'PAUSED').map(({ id }) => id)).toEqual(queue.his.toReversed());
});

test('a filter selects, for a command as for a list, only what its viewer sees', async () => {
  await using queue = await startQueue();
  const { outcome } = await queue.app.execute(CONTROL.PAUSE, { jobs: { all: true } }, 'maxroach');
  expect(outcome).toMatchObject({ selectedCount: 3, changedCount: 0, refusedCount: 3 });
  expect(outcome.refusals.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
});

test('with ABORT one refusal leaves every job unchanged, and the answer reports what would have happened', async () => {
  await using queue = await startQueue();
  const { app, running, other } = queue;
  await app.execute(CONTROL.CANCEL, { jobs: { ids: [other] } });
  const before = await app.execute(LOG);
  const { outcome } = await app.execute(CONTROL.PAUSE, { jobs: { all: true }, onRefusal: 'ABORT' });
  expect(outcome).toMatchObject({
    applied: false,
    commandId: null,
    selectedCount: 5,
    changedCount: 4,
    refusedCount: 1,
  });
  expect(outcome.changed).toContainEqual({ jobId: running, from: 'RUNNING', to: 'PAUSE_REQUESTED' });
  expect(outcome.refusals).toMatchObject([{ jobId: other, code: 'INVALID_STATUS' }]);
  expect(await app.execute(LOG)).toEqual(before);
});

test('another number selected than expected changes nothing', async () => {
  await using queue = await startQueue();
  const before = await queue.app.execute(LOG);
  const jobs = { where: { userName: { equals: 'maxroach' } } };
  const failure = await queue.app.refuse(CONTROL.PAUSE, { jobs, expectedCount: 2 });
  expect(failure).toMatchObject({ message: expect.stringContaining('3 jobs'), extensions: { code: 'COUNT_MISMATCH' } });
  expect(await queue.app.execute(LOG)).toEqual(before);
  const { outcome } = await queue.app.execute(CONTROL.PAUSE, { jobs, expectedCount: 3 });
  expect(outcome.changedCount).toBe(3);
});

test('a job that changed since the preview changes nothing, and one that was not selected does not matter', async () => {
  await using queue = await startQueue();
  const { app, his, other } = queue;
  const { jobs } = await app.execute(LOG);
  await app.execute(CONTROL.PAUSE, { jobs: { ids: [other] } });
  await app.execute(CONTROL.PAUSE, { jobs: { ids: his.slice(0, 1) }, unchangedSince: jobs.cursor });

  const before = await app.execute(LOG);
  const where = { userName: { equals: 'maxroach' } };
  const failure = await app.refuse(CONTROL.PAUSE, { jobs: { where }, unchangedSince: jobs.cursor });
  expect(failure).toMatchObject({
    message: expect.stringContaining(his[0] ?? ''),
    extensions: { code: 'CHANGED_SINCE' },
  });
  expect(await app.execute(LOG)).toEqual(before);
  const now = before.jobs.cursor;
  expect((await app.execute(CONTROL.PAUSE, { jobs: { where }, unchangedSince: now })).outcome.changedCount).toBe(2);
  const beyond = await app.refuse(CONTROL.PAUSE, { jobs: { where }, unchangedSince: '9000000000000000' });
  expect(beyond.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'unchangedSince' });
});

test.each<[unknown, string]>([
  [{ all: false }, 'jobs.all'],
  [{ ids: [] }, 'jobs.ids'],
  [{ where: {} }, 'jobs.where'],
  [{ where: { userName: {} } }, 'jobs.where.userName'],
  [{ where: { status: null } }, 'jobs.where.status'],
  [{ where: { not: {} } }, 'jobs.where.not'],
  [{ where: { and: [] } }, 'jobs.where.and'],
  [{ where: { description: { contains: '' } } }, 'jobs.where.description.contains'],
  [{ where: { type: { in: [] } } }, 'jobs.where.type.in'],
  [{ where: { or: [{ userName: { equals: 'root' } }, { id: { notIn: [] } }] } }, 'jobs.where.or.1.id.notIn'],
])('the empty selector %j is refused by its path, and no job changes', async (jobs, field) => {
  await using queue = await startQueue();
  const before = await queue.app.execute(LOG);
  const failure = await queue.app.refuse(CONTROL.CANCEL, { jobs: jobs as JobSelector });
  expect(failure.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  expect(await queue.app.execute(LOG)).toEqual(before);
});

test('an unset variable inside a filter selects nothing', async () => {
  await using queue = await startQueue();
  const query = `mutation ($name: String) { cancelJobs(jobs: { where: { userName: { equals: $name } } }) { changedCount } }`;
  const { errors } = await queue.app.send({ query, variables: {} });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'jobs.where.userName' });
});
