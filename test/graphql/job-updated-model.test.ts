import { expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser, order } from '../support/control.ts';
import {
  createList,
  FIELDS,
  type Shown,
  setPrivileges,
  viewOverEvents,
  viewOverSocket,
} from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';

/** Numbers from 0 to 1 that a seed determines: mulberry32. */
const createRandom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

const COMMANDS = ['PAUSE', 'RESUME', 'CANCEL'] as const;

/** Makes jobs of two owners, lets them go on, end and fail, orders them about, removes some: as fast as it answers. */
const churn = async (app: TestApp, script: ReturnType<typeof scriptedKind>['script'], random: () => number) => {
  const jobs: { id: string; name: string }[] = [];
  const pick = () => jobs[Math.floor(random() * jobs.length)] ?? { id: '1', name: '' };
  const several = () => Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick().id);
  const act = async (n: number) => {
    const choice = random();
    if (jobs.length < 5 || choice < 0.25) {
      const name = `job ${n}`;
      const { id } = await app.create('SCRIPTED', { name }, random() < 0.5 ? 'root' : 'ann');
      jobs.push({ id, name });
    } else if (choice < 0.5) {
      script(pick().name).act({ checkpoint: n, fractionCompleted: random(), message: `step ${n}` });
    } else if (choice < 0.6) {
      script(pick().name).act(random() < 0.7 ? 'finish' : new Error(`failure ${n}`));
    } else if (choice < 0.95) {
      await order(app, COMMANDS[Math.floor(random() * 3)] ?? 'PAUSE', several());
    } else if (choice < 0.98) {
      await app.store.removeJobs(several(), Date.now() + 1);
    } else await setPrivileges(app, 'vic', random() < 0.5 ? ['CREATEJOB', 'VIEWJOB'] : ['CREATEJOB']);
  };
  const lane = async (from: number) => {
    for (let n = from; n < 300; n += 5) await act(n);
  };
  await Promise.all([0, 1, 2, 3, 4].map(lane));
};

/** Pauses all that can be, until nothing can happen any more but what a test does. */
const calm = async (app: TestApp) => {
  const query = `mutation { pauseJobs(jobs: { all: true }) { changedCount } }`;
  const busy = '{ jobs(where: { status: { notIn: [PAUSED, SUCCEEDED, FAILED, CANCELED] } }) { totalCount } }';
  for (;;) {
    await app.send({ query });
    const { data } = await app.send({ query: busy });
    if ((data as { jobs: { totalCount: number } }).jobs.totalCount === 0) return;
  }
};

const LAST = 'the last of ';
const WHERE = [
  {},
  { status: { in: ['RUNNING', 'PAUSED', 'PENDING'] } },
  { or: [{ fractionCompleted: { gte: 0.5 } }, { error: { isNull: false } }] },
  { not: { status: { equals: 'PAUSED' } } },
  { userName: { equals: 'ann' }, fractionCompleted: { lt: 0.9 } },
] as const;
const wherever = (where: object) => ({ or: [{ description: { startsWith: `SCRIPTED ${LAST}` } }, where] });

const listOf = async (app: TestApp, where: object, user: string): Promise<readonly Shown[]> => {
  const query = `query ($where: JobFilter) { jobs(first: 1000, where: $where) { nodes { ${FIELDS} } } }`;
  const { data } = await app.send({ query, variables: { where } }, user);
  return (data as { jobs: { nodes: Shown[] } }).jobs.nodes;
};

/** Keeps a list, losing its connection again and again, until it has received the last job. */
const follow = async (
  open: () => ReturnType<typeof viewOverSocket>,
  random: () => number,
  last: () => string | undefined,
) => {
  for (let drops = 0; ; drops += 1) {
    using reader = await open();
    const list = createList();
    const patience = Math.floor(random() * 120);
    for (let n = 0; n < patience || last() !== undefined; n += 1) {
      list.take(await reader.next());
      if (list.isCaughtUp && list.jobs.has(last() ?? '')) return { jobs: list.jobs, drops };
    }
  }
};

const USERS = ['root', 'ann', 'vic'] as const;

test('lists that are kept by updates end as the query has them, whatever happened and was lost meanwhile', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = createRandom(seed);
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '4' } });
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  await addUser(app, 'vic', { privileges: ['CREATEJOB', 'VIEWJOB'] });

  const last = new Map<string, string>();
  const readers = USERS.flatMap((user) =>
    WHERE.map(async (where, n) => {
      const wire = n % 2 === 0 ? viewOverSocket : viewOverEvents;
      const open = () => wire(app, { where: wherever(where), first: 1_000 }, user);
      const what = `${user}, ${JSON.stringify(where)}, ${wire.name}, seed ${seed}`;
      return { user, where, what, ...(await follow(open, random, () => last.get(user))) };
    }),
  );
  await churn(app, script, random);
  await calm(app);
  await setPrivileges(app, 'vic', random() < 0.5 ? ['CREATEJOB', 'VIEWJOB'] : ['CREATEJOB']);
  // One that each of them sees: earlier changes are emitted by then. Readers that wait for an update get one.
  for (const user of USERS) last.set(user, (await app.create('SCRIPTED', { name: LAST + user }, user)).id);

  const lasts = [...last.values()];
  let dropped = 0;
  for (const { user, where, what, jobs, drops } of await Promise.all(readers)) {
    const wanted = (await listOf(app, where, user)).filter(({ id }) => !lasts.includes(id));
    const kept = [...jobs.values()].filter(({ id }) => !lasts.includes(id));
    expect(
      kept.sort((one, other) => Number(other.id) - Number(one.id)),
      what,
    ).toEqual(wanted);
    dropped += drops;
  }
  expect(dropped).toBeGreaterThan(0);
  expect((await listOf(app, {}, 'root')).length).toBeGreaterThan(40);
});
