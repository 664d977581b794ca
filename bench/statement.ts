import { median, type Result, startServer } from './support/server.ts';
import { makeWaiting } from './support/waiting.ts';

const COMMANDS = 300;

const SQL = "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = 'root' AND status = 'paused')";

/** A statement over GraphQL, compared with the mutation that it stands for, in turn. Both select the same jobs. */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1' });
  await makeWaiting(server, 1);
  const statement = () => server.send('mutation ($sql: String!) { execute(sql: $sql) { tag } }', { sql: SQL });
  const where = { userName: { equals: 'root' }, status: { equals: 'PAUSED' } };
  const mutation = () =>
    server.send('mutation ($where: JobFilter!) { pauseJobs(jobs: { where: $where }) { changedCount } }', { where });
  const [ours, theirs]: [number[], number[]] = [[], []];
  await statement();
  for (let n = 0; n < COMMANDS; n += 1) {
    theirs.push(await timed(mutation));
    ours.push(await timed(statement));
  }
  const ratio = median(ours) / median(theirs);
  const text = (ms: number) => `${ms.toFixed(2)} ms`;
  return [
    {
      name: 'PAUSE JOBS (SELECT …) as a statement',
      measured: text(median(ours)),
      against: `pauseJobs: ${text(median(theirs))}`,
      ratio,
      target: '<= 1.3',
      met: ratio <= 1.3,
    },
  ];
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
