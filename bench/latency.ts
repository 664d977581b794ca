import { join } from 'node:path';
import { startImport, writeRows } from './support/rows.ts';
import { type BenchServer, type Result, startServer } from './support/server.ts';

const REQUESTS = 2_000;
const WARM_UP = 300;
const ROWS = 3_000_000;

/** The 99th percentile of `jobs(first: 20)` while two imports run, compared with an idle server, in one run. */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '2' });
  writeRows(join(server.dataDir, 'files', 'rows.csv'), ROWS);
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  await requests(server, WARM_UP);
  const idle = await requests(server, REQUESTS);
  const running = [await startImport(server, 'one'), await startImport(server, 'two')];
  await requests(server, WARM_UP);
  const busy = await requests(server, REQUESTS);
  const { jobs } = await server.send<{ jobs: { nodes: { status: string }[] } }>('{ jobs { nodes { status } } }');
  if (jobs.nodes.filter(({ status }) => status === 'RUNNING').length < running.length) {
    throw new Error('the imports ended before the requests: nothing was measured');
  }
  const ratio = p99(busy) / p99(idle);
  const text = (times: readonly number[]) => `p99 ${p99(times).toFixed(2)} ms`;
  return [
    {
      name: 'jobs(first: 20) while 2 imports run',
      measured: text(busy),
      against: `idle: ${text(idle)}`,
      ratio,
      target: '<= 2',
      met: ratio <= 2,
    },
  ];
};

const requests = async ({ send }: BenchServer, count: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let request = 0; request < count; request += 1) {
    const began = performance.now();
    await send('{ jobs(first: 20) { nodes { id status fractionCompleted } } }');
    times.push(performance.now() - began);
  }
  return times;
};

const p99 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
