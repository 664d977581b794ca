// `npm run soak servers`: servers on one job store on PostgreSQL, one of which is killed every ten seconds, while jobs
// are created and listeners hop between the servers. SECONDS is the duration (300), JOBS the number of jobs (10000).

import { createJob, createServers, listen, type Server, START } from '../../test/chaos/servers.ts';
import { endCluster, prepareCluster } from '../../test/support/postgres.ts';

const SECONDS = Number(process.env.SECONDS ?? 300);
const JOBS = Number(process.env.JOBS ?? 10_000);
const NODES = ['a', 'b', 'c'];
const KILL_EVERY_MS = 10_000;
const HOP_EVERY_MS = 3_000;
const LISTENERS = 3;
const CREATORS = 8;
const SETTINGS = { WORKERS: '8', LEASE_SECONDS: '3' };

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export const soakServers = async (): Promise<boolean> => {
  prepareCluster();
  try {
    return await run();
  } finally {
    endCluster();
  }
};

const run = async (): Promise<boolean> => {
  await using servers = await createServers();
  const running = new Map<string, Server>();
  for (const node of NODES) running.set(node, await servers.start(node, SETTINGS));
  const any = (): Server => {
    const all = [...running.values()];
    return all[Math.floor(Math.random() * all.length)] as Server;
  };
  let isOver = false;
  let kills = 0;
  const killing = (async () => {
    while (!isOver) {
      await pause(KILL_EVERY_MS);
      if (isOver) break;
      const victim = any();
      running.delete(victim.node);
      await victim.kill();
      kills += 1;
      running.set(victim.node, await servers.start(victim.node, SETTINGS));
    }
  })();
  const logs = Array.from({ length: LISTENERS }, () => hop(any, () => isOver));
  const created: string[] = [];
  const begunAt = performance.now();
  const create = async (first: number) => {
    for (let n = first; n < JOBS; n += CREATORS) {
      created.push(await persist(() => createJob(any(), 'EMPTY', {}, `job ${n}`)));
      const aheadMs = (n / JOBS) * SECONDS * 1_000 - (performance.now() - begunAt);
      if (aheadMs > 0) await pause(aheadMs);
    }
  };
  await Promise.all(Array.from({ length: CREATORS }, (_, first) => create(first)));
  await pause(Math.max(0, SECONDS * 1_000 - (performance.now() - begunAt)));
  const left = () =>
    persist(async () => {
      const { jobs } = (await any().send(
        '{ jobs(first: 1, where: { finishedAt: { isNull: true } }) { totalCount } }',
      )) as unknown as { jobs: { totalCount: number } };
      return jobs.totalCount;
    });
  while ((await left()) > 0) await pause(500);
  const seconds = (performance.now() - begunAt) / 1_000;
  const { jobs } = (await persist(() => any().send('{ jobs(first: 0) { cursor } }'))) as unknown as {
    jobs: { cursor: string };
  };
  isOver = true;
  await killing;
  const seen = await Promise.all(logs.map((log) => log.until(jobs.cursor)));
  const problems = seen.flatMap((log, n) => problemsOf(log, created).map((problem) => `listener ${n}: ${problem}`));
  for (const problem of problems.slice(0, 20)) console.log(problem);
  const hops = logs.reduce((sum, log) => sum + log.hops(), 0);
  console.log(
    `${NODES.length} servers, ${SETTINGS.WORKERS} workers each: ${created.length} jobs in ${seconds.toFixed(0)} s, ${kills} servers killed, ` +
      `${LISTENERS} listeners with ${hops} hops and ${seen[0]?.length} events each, ${problems.length} problems`,
  );
  return problems.length === 0;
};

/** While a server is gone, another one is asked. */
const persist = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await ask();
    } catch {
      await pause(20);
    }
  }
};

type Change = Awaited<ReturnType<typeof listen>>['seen'][number];

/** A listener that moves to another server every few seconds, and continues after the last event that it has. */
const hop = (any: () => Server, isOver: () => boolean) => {
  const log: Change[] = [];
  let hops = 0;
  const last = () => log.at(-1)?.cursor ?? START;
  const listenOnce = async (ms: number) => {
    const listener = listen(any(), last());
    await pause(ms);
    await listener[Symbol.asyncDispose]();
    log.push(...listener.seen);
    hops += 1;
  };
  const hopping = (async () => {
    while (!isOver()) await listenOnce(HOP_EVERY_MS * (0.5 + Math.random()));
  })();
  return {
    hops: () => hops,
    until: async (cursor: string): Promise<readonly Change[]> => {
      await hopping;
      while (Number(last()) < Number(cursor)) await listenOnce(HOP_EVERY_MS);
      return log;
    },
  };
};

/** Every event once and in order, and every job ended once. */
const problemsOf = (log: readonly Change[], created: readonly string[]): string[] => {
  const problems: string[] = [];
  log.forEach(({ cursor }, n) => {
    if (n > 0 && Number(cursor) <= Number(log[n - 1]?.cursor)) problems.push(`cursor ${cursor} is not in order`);
  });
  const ends = new Map<string, number>();
  for (const { jobId, to } of log) if (to === 'SUCCEEDED') ends.set(jobId, (ends.get(jobId) ?? 0) + 1);
  if (new Set(created).size !== created.length) problems.push('a job was created twice');
  for (const id of created) if (ends.get(id) !== 1) problems.push(`job ${id} ended ${ends.get(id) ?? 0} times`);
  if (ends.size !== created.length) problems.push(`${ends.size} jobs ended, and ${created.length} were created`);
  return problems;
};
