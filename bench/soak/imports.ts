// `npm run soak -- imports`: imports of all formats and conflict policies that are paused, canceled and killed at random
// moments, alone and with their server. ROUNDS is the number of rounds (50) of six jobs, SEED the first seed.

import { runRound } from '../../test/kinds/import/soak/round.ts';
import { openServer } from '../../test/kinds/import/soak/server.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 50);
const SEED = Number(process.env.SEED ?? Date.now() % 100_000);
const JOBS = 6;
/** Each server gets a fresh data folder after so many. */
const ROUNDS_OF_A_SERVER = 5;

export const soakImports = async (): Promise<boolean> => {
  const totals = { jobs: 0, succeeded: 0, canceled: 0, wrong: 0, kills: 0, pauses: 0 };
  for (let first = 0; first < ROUNDS; first += ROUNDS_OF_A_SERVER) {
    await using server = await openServer();
    for (let round = first; round < Math.min(ROUNDS, first + ROUNDS_OF_A_SERVER); round += 1) {
      const { jobs, kills, pauses } = await runRound(server, round, SEED, JOBS);
      totals.jobs += jobs.length;
      totals.kills += kills;
      totals.pauses += pauses;
      for (const { title, status, problem } of jobs) {
        if (status === 'SUCCEEDED') totals.succeeded += 1;
        if (status === 'CANCELED') totals.canceled += 1;
        if (problem === null) continue;
        totals.wrong += 1;
        console.error(`SEED=${SEED} round ${round}: ${title}: ${problem}`);
      }
      console.log(`SEED=${SEED} round ${round}: ${JSON.stringify(totals)}`);
    }
  }
  return totals.wrong === 0;
};
