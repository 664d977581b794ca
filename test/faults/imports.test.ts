import { expect, test } from 'vitest';
import { runRound } from '../kinds/import/soak/round.ts';
import { openServer } from '../kinds/import/soak/server.ts';

test('imports of all formats and policies end right, wherever they are paused, canceled and killed', async () => {
  await using server = await openServer();
  // One of each format.
  const { jobs } = await runRound(server, 0, 13, 15);
  expect(jobs.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(jobs).toHaveLength(15);
});
