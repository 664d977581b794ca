import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/jobs/status.ts';
import { graphql } from '../generated/gql.ts';
import { addUser, jobNow, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

const OWNERS = ['root', 'boss', 'max', 'ann'] as const;

/**
 * Who may do what with whose job, by hand: `c` controls it, `s` sees it only, `-` does not know of it. Everybody here
 * may create jobs but `nobody`; `max` has nothing else.
 */
const RIGHTS: Readonly<Record<string, readonly [root: string, boss: string, max: string, ann: string]>> = {
  root: ['c', 'c', 'c', 'c'],
  boss: ['c', 'c', 'c', 'c'],
  controller: ['s', 's', 'c', 'c'],
  watcher: ['s', 's', 's', 's'],
  max: ['-', '-', 's', '-'],
  nobody: ['-', '-', '-', '-'],
};
/** The same, with OWNERS_CONTROL_JOBS=true. */
const WITH_OWNERS = { ...RIGHTS, max: ['-', '-', 'c', '-'] };

const JOBS = graphql(/* GraphQL */ `
  query Jobs {
    jobs {
      totalCount
      nodes {
        id
        userName
      }
    }
    jobEvents {
      nodes {
        jobId
      }
    }
  }
`);

const MISSING = '9007199254740991';

/** A running job of each owner, and everybody who may look at it. */
const startOwned = async (settings: Readonly<Record<string, string>> = {}) => {
  const scene = await startScripted({ settings: { WORKERS: '4', ...settings } });
  const { app } = scene;
  await addUser(app, 'boss', { admin: true });
  await addUser(app, 'controller', { privileges: ['CREATEJOB', 'CONTROLJOB'] });
  await addUser(app, 'watcher', { privileges: ['CREATEJOB', 'VIEWJOB'] });
  for (const name of ['max', 'ann']) await addUser(app, name, { privileges: ['CREATEJOB'] });
  await addUser(app, 'nobody');
  const ids: string[] = [];
  for (const owner of OWNERS) {
    const { id } = await app.create('SCRIPTED', { name: owner }, owner);
    await scene.changes.reaches(id, 'RUNNING');
    ids.push(id);
  }
  return { ...scene, ids, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
};

const refusalOf = (user: string, right: string, owner: string, id: string) => {
  if (right === '-') return { jobId: id, code: 'NOT_FOUND', message: `job with ID ${id} does not exist` };
  const ofAdmin = user === 'controller' && ['root', 'boss'].includes(owner);
  const message = ofAdmin
    ? 'only admins can control jobs owned by other admins'
    : `user ${user} does not have privileges for job ${id}`;
  return { jobId: id, code: 'FORBIDDEN', message };
};

test.each([
  ['false', RIGHTS],
  ['true', WITH_OWNERS],
])(
  'with OWNERS_CONTROL_JOBS=%s every user controls the jobs in the table, and learns of no others',
  async (setting, rights) => {
    await using scene = await startOwned({ OWNERS_CONTROL_JOBS: setting });
    const { app, ids } = scene;
    const before = await Promise.all(ids.map((id) => jobNow(app, id)));

    for (const [user, row] of Object.entries(rights)) {
      for (const command of COMMANDS) {
        // One that nobody has: so that nothing is applied for any user.
        const outcome = await order(app, command, [...ids, MISSING], { user, onRefusal: 'ABORT' });
        const wanted = ids.flatMap((id, at) =>
          row[at] === 'c' ? [] : [refusalOf(user, row[at] ?? '', OWNERS[at] ?? '', id)],
        );
        expect([user, command, outcome.refusals.slice(0, -1)]).toEqual([user, command, wanted]);
        expect(outcome.refusals.at(-1)).toEqual(refusalOf(user, '-', '', MISSING));
        expect(outcome).toMatchObject({ applied: false, selectedCount: 5, refusedCount: wanted.length + 1 });
      }
    }
    expect(await Promise.all(ids.map((id) => jobNow(app, id)))).toEqual(before);
  },
);

test('each viewer is offered the commands that they may send, and sees what they may see', async () => {
  await using scene = await startOwned();
  const { app, ids } = scene;

  for (const [user, row] of Object.entries(RIGHTS)) {
    const visible = ids.filter((_, at) => row[at] !== '-');
    const { jobs, jobEvents } = await app.execute(JOBS, {}, user);
    expect([user, jobs.totalCount, jobs.nodes.map(({ id }) => id)]).toEqual([
      user,
      visible.length,
      [...visible].reverse(),
    ]);
    expect([user, [...new Set(jobEvents.nodes.map(({ jobId }) => jobId))]]).toEqual([user, visible]);
    for (const [at, id] of ids.entries()) {
      if (row[at] === '-') {
        await expect(jobNow(app, id, user)).rejects.toThrow('is not there');
        continue;
      }
      const { availableCommands } = await jobNow(app, id, user);
      expect([user, OWNERS[at], availableCommands]).toEqual([
        user,
        OWNERS[at],
        row[at] === 'c' ? ['PAUSE', 'CANCEL'] : [],
      ]);
    }
  }
});

test('permission is checked before the standing: a job that has ended gives the same refusal to users who may not control it', async () => {
  await using scene = await startOwned();
  const { app, script, changes, ids } = scene;
  const id = ids[2] ?? '';
  script('max').act('finish');
  await changes.reaches(id, 'SUCCEEDED');

  expect((await order(app, 'PAUSE', [id], { user: 'watcher' })).refusals).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect((await order(app, 'PAUSE', [id], { user: 'ann' })).refusals).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await order(app, 'PAUSE', [id], { user: 'controller' })).refusals).toMatchObject([
    { code: 'INVALID_STATUS' },
  ]);
});

test('the actor of a command is who sent it', async () => {
  await using scene = await startOwned();
  const { app, changes, ids } = scene;
  const id = ids[2] ?? '';

  await order(app, 'PAUSE', [id], { user: 'controller', reason: 'lunch' });
  await changes.reaches(id, 'PAUSED');

  const { events } = await jobNow(app, id, 'max');
  expect(events.nodes.map((event) => ('to' in event ? [event.to, event.actor.kind, event.actor.name] : []))).toEqual([
    ['PENDING', 'USER', 'max'],
    ['RUNNING', 'WORKER', expect.any(String)],
    ['PAUSE_REQUESTED', 'USER', 'controller'],
    ['PAUSED', 'WORKER', expect.any(String)],
  ]);
});
