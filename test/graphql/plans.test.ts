import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';
import { startWithTokens } from '../support/tokens.ts';

const HOUR_MS = 60 * 60 * 1_000;
const WHAT = `command: __typename commandId applied dryRun selectedCount changedCount unchangedCount refusedCount cursor planId
  changed { jobId from to } refusals { jobId code }`;
const CONFIRM = `mutation ($planId: ID!, $reason: String) { confirmPlan(planId: $planId, reason: $reason) { ${WHAT} } }`;
const DRY_RUN = `mutation ($jobs: JobSelector!, $isDry: Boolean! = true) {
  pauseJobs(jobs: $jobs, dryRun: $isDry, reason: "tonight") { ${WHAT} } }`;

interface Payload {
  readonly command: string;
  readonly commandId: string | null;
  readonly applied: boolean;
  readonly dryRun: boolean;
  readonly selectedCount: number;
  readonly changedCount: number;
  readonly refusedCount: number;
  readonly changed: readonly { readonly jobId: string }[];
  readonly refusals: readonly { readonly jobId: string; readonly code: string }[];
  readonly planId: string | null;
}

/** Jobs of ann and of bob that wait, so that nothing but commands moves them, and tokens of everyone. */
const startScene = async () => {
  let now = Date.now();
  const { kind } = scriptedKind();
  const scene = await startWithTokens({ kinds: [kind], settings: { WORKERS: '1' }, now: () => now });
  await expect.poll(() => scene.ask(scene.root, '{ viewer { name } }')).toMatchObject({ data: {} });
  const tokens: Record<string, string> = { root: scene.root };
  const people = { ann: ['CREATEJOB'], bob: ['CREATEJOB'], watcher: ['VIEWJOB'], controller: ['CONTROLJOB'] };
  for (const [userName, privileges] of Object.entries(people)) {
    await scene.addUser(userName, { privileges });
    for (const scope of ['FULL', 'PREVIEW', 'READ']) {
      tokens[`${userName} ${scope}`] = (await scene.create(scene.root, { userName, scope })).token;
    }
  }
  // One runs, and keeps the only worker.
  await scene.app.create('SCRIPTED', { name: 'busy' }, 'bob');
  const ids: string[] = [];
  for (const userName of ['ann', 'ann', 'bob']) {
    ids.push((await scene.app.create('SCRIPTED', { name: `job of ${userName}` }, userName)).id);
  }
  const [first = '', second = '', bobs = ''] = ids;
  const run = (who: string, query: string, variables: object) =>
    scene.run<Payload>(tokens[who] ?? '', query, variables);
  return {
    ...scene,
    ids: { first, second, bobs },
    pass: (ms: number) => {
      now += ms;
    },
    plan: (who: string, jobs: object) => run(who, DRY_RUN, { jobs }),
    confirm: (who: string, planId: string | null, reason?: string) => run(who, CONFIRM, { planId, reason }),
    refusal: (who: string, planId: string | null) =>
      run(who, CONFIRM, { planId }).then(
        () => 'confirmed',
        ({ code }) => code,
      ),
    statuses: async () => {
      const jobs = await scene.app.store.jobsById(ids, { sees: 'all', controls: [], userName: '' });
      return ids.map((id) => jobs.find((job) => job.id === id)?.status);
    },
    audit: async () =>
      (
        await scene.run<{ nodes: object[] }>(
          scene.root,
          `{ auditEvents(where: { action: { equals: "confirmPlan" } }) { nodes { actor { name } target before after reason } } }`,
        )
      ).nodes,
  };
};
const WAITING = ['PENDING', 'PENDING', 'PENDING'];
const ANNS = { where: { and: [{ userName: { equals: 'ann' } }, { status: { equals: 'PENDING' } }] } };

test('a token of scope PREVIEW plans, and a person who may control the jobs confirms', async () => {
  await using scene = await startScene();
  const { first, second } = scene.ids;
  const plan = await scene.plan('watcher PREVIEW', ANNS);
  expect(plan).toMatchObject({ applied: false, dryRun: true, selectedCount: 2, refusedCount: 2, commandId: null });
  const { planId } = plan;
  for (const who of ['watcher PREVIEW', 'watcher READ', 'controller PREVIEW']) {
    expect([who, await scene.refusal(who, planId)]).toEqual([who, 'FORBIDDEN']);
  }
  const powerless = await scene.confirm('watcher FULL', planId);
  expect(powerless).toMatchObject({ changedCount: 0, refusedCount: 2 });
  expect(powerless.refusals.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  expect(await scene.statuses()).toEqual(WAITING);

  const done = await scene.confirm('controller FULL', planId, 'approved');
  expect(done).toMatchObject({
    command: 'PauseJobsPayload',
    applied: true,
    dryRun: false,
    changedCount: 2,
    planId: null,
  });
  expect(done.changed.map(({ jobId }) => jobId)).toEqual([first, second]);
  expect(await scene.statuses()).toEqual(['PAUSED', 'PAUSED', 'PENDING']);
  const { events } = await scene.app.store.events(
    { direction: 'descending', after: null, before: null, limit: 2 },
    { sees: 'all', controls: [], userName: '' },
  );
  for (const event of events) {
    expect(event).toMatchObject({ actor: { name: 'controller' }, command: 'PAUSE', reason: 'approved' });
    expect(event).toMatchObject({ commandId: done.commandId });
  }
  expect((await scene.audit()).at(-1)).toEqual({
    actor: { name: 'controller' },
    target: done.commandId,
    before: null,
    after: { command: 'PAUSE', plannedBy: 'watcher', selectedCount: 2, changedCount: 2 },
    reason: 'approved',
  });
  expect(await scene.confirm('controller FULL', planId)).toEqual(done);
  expect(await scene.refusal('root', planId)).toBe('CHANGED_SINCE');
});

test('the reason of the dry run is kept, and a real call has no plan', async () => {
  await using scene = await startScene();
  const { planId } = await scene.plan('root', ANNS);
  await scene.confirm('root', planId);
  expect(await scene.audit()).toMatchObject([{ reason: 'tonight', actor: { name: 'root' } }]);
  const real = await scene.run<Payload>(scene.root, DRY_RUN, { jobs: { ids: [scene.ids.bobs] }, isDry: false });
  expect(real).toMatchObject({ applied: true, changedCount: 1, planId: null });
  expect(await scene.audit()).toHaveLength(1);
});

test('a plan ends after an hour, and no other text is one', async () => {
  await using scene = await startScene();
  const { planId } = await scene.plan('root', ANNS);
  const { kind } = scriptedKind();
  await using other = await startApp({ kinds: [kind] });
  const foreign = (await other.send({
    query: `mutation { pauseJobs(jobs: { all: true }, dryRun: true) { planId } }`,
  })) as {
    data: { pauseJobs: { planId: string } };
  };
  const texts = ['', 'plan', `${planId?.slice(0, -4)}AAAA`, planId?.slice(1) ?? '', foreign.data.pauseJobs.planId];
  for (const text of texts) expect([text, await scene.refusal('root', text)]).toEqual([text, 'NOT_FOUND']);
  scene.pass(HOUR_MS);
  expect(await scene.refusal('root', planId)).toBe('NOT_FOUND');
  expect(await scene.statuses()).toEqual(WAITING);
  expect(await scene.audit()).toEqual([]);
});

test('once the selected jobs are not as they were, nothing changes', async () => {
  await using scene = await startScene();
  const all = { where: { userName: { equals: 'ann' } } };
  const before = [await scene.plan('root', all), await scene.plan('root', { ids: [scene.ids.first] })];
  await scene.app.create('SCRIPTED', { name: 'one more' }, 'ann');
  expect(await scene.refusal('root', before[0]?.planId ?? '')).toBe('CHANGED_SINCE');
  await scene.run(scene.root, DRY_RUN, { jobs: { ids: [scene.ids.first] }, isDry: false });
  expect(await scene.refusal('root', before[1]?.planId ?? '')).toBe('CHANGED_SINCE');
  expect(await scene.statuses()).toEqual(['PAUSED', 'PENDING', 'PENDING']);
  expect(await scene.audit()).toEqual([]);
});

test('a plan reaches no job that its planner did not see, whoever confirms it', async () => {
  await using scene = await startScene();
  const { first, bobs } = scene.ids;
  const byId = await scene.plan('ann PREVIEW', { ids: [first, bobs] });
  expect(byId.refusals).toMatchObject([
    { jobId: first, code: 'FORBIDDEN' },
    { jobId: bobs, code: 'NOT_FOUND' },
  ]);
  const all = await scene.plan('ann PREVIEW', { all: true });
  expect(all.selectedCount).toBe(2);
  expect(await scene.refusal('bob FULL', all.planId)).toBe('NOT_FOUND');
  const done = await scene.confirm('root', byId.planId);
  expect(done).toMatchObject({ changed: [{ jobId: first }], refusals: [{ jobId: bobs, code: 'NOT_FOUND' }] });
  expect(await scene.statuses()).toEqual(['PAUSED', 'PENDING', 'PENDING']);
});

test('a filter of what no event records is planned as the jobs that matched', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'job' }, 'root');
  await changes.reaches(id, 'RUNNING');
  const query = `mutation { pauseJobs(jobs: { where: { fractionCompleted: { lt: 0.5 } } }, dryRun: true) { planId selectedCount } }`;
  const { data } = (await app.send({ query })) as { data: { pauseJobs: { planId: string; selectedCount: number } } };
  expect(data.pauseJobs.selectedCount).toBe(1);
  script('job').act({ checkpoint: 1, fractionCompleted: 0.9 });
  await expect.poll(async () => (await jobNow(app, id)).fractionCompleted).toBe(0.9);
  const done = await app.send({ query: CONFIRM, variables: { planId: data.pauseJobs.planId } });
  expect(done).toMatchObject({
    data: { confirmPlan: { applied: true, changed: [{ jobId: id, to: 'PAUSE_REQUESTED' }] } },
  });
  await changes.reaches(id, 'PAUSED');
  await order(app, 'CANCEL', [id]);
});
