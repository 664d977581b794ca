import { type BenchServer, median, type Result, startServer } from './support/server.ts';
import { fillStore } from './support/store.ts';

const MANY = 1_000_000;
const FEW = 1_000;
const REQUESTS = 500;
const QUERY = `{
  jobs(where: { userName: { equals: "user3" }, status: { in: [PENDING] } }, first: 20) {
    nodes { id description status fractionCompleted }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** A filtered page of a million jobs, compared with the same page of a thousand, in turn. */
export const measure = async (): Promise<readonly Result[]> => {
  using large = await fillStore(MANY);
  using small = await fillStore(FEW);
  await using many = await startServer({ DATA_DIR: large.dataDir, WORKERS: '1' });
  await using few = await startServer({ DATA_DIR: small.dataDir, WORKERS: '1' });
  for (const server of [many, few]) await requests(server);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    theirs.push(...(await requests(few)));
    ours.push(...(await requests(many)));
  }
  const ratio = median(ours) / median(theirs);
  const text = (ms: number) => `${ms.toFixed(2)} ms`;
  return [
    {
      name: `a filtered page of ${MANY} jobs`,
      measured: text(median(ours)),
      against: `of ${FEW}: ${text(median(theirs))}`,
      ratio,
      target: '<= 1.3',
      met: ratio <= 1.3,
    },
  ];
};

const requests = async (server: BenchServer): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const began = performance.now();
    const { jobs } = await server.send<{ jobs: { nodes: unknown[] } }>(QUERY);
    times.push(performance.now() - began);
    if (jobs.nodes.length !== 20) throw new Error(`the page has ${jobs.nodes.length} jobs`);
  }
  return times;
};
