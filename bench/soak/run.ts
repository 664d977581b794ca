// `npm run soak`: long runs that compare nothing: listeners that never read (`listeners`), 100,000 random steps of
// people, workers and crashes (`torture`), 100,000 statements next to a feed (`feed`, reproducible with SEED), imports
// that are interrupted (`imports`), servers on one job store of which one is killed every ten seconds (`servers`), 100,000
// hostile requests (`fuzz`), 100,000 statements and as many messages of the SQL port (`sql`), and an attacker next to
// other users (`attacks`).
// With DATABASES, a folder of SQLite files, `databases` puts each of them through every kind of job. `large` measures how
// long a writer waits next to jobs on a table of 5,000,000 rows, and runs only when it is named. Runs all others, or the one that is named.
import { spawnSync } from 'node:child_process';
import '../../scripts/build.mjs';

const STEPS = process.env.STEPS ?? '100000';

const soaks: Readonly<Record<string, () => Promise<boolean>>> = {
  listeners: async () => {
    const { measure } = await import('./listeners.ts');
    const results = await measure();
    console.table(results.map(({ ratio, ...row }) => ({ ...row, ratio: ratio.toFixed(2) })));
    return results.every(({ met }) => met);
  },
  attacks: async () => {
    const { measure } = await import('./attacks.ts');
    const results = await measure();
    for (const { name, measured, against, target, ratio, met } of results) {
      console.log(`${met ? 'met' : 'MISSED'}: ${name}: ${measured}; ${against}; ratio ${ratio.toFixed(2)}, ${target}`);
    }
    return results.every(({ met }) => met);
  },
  torture: async () => {
    const args = ['--import', 'tsx', 'test/torture/run.ts', '--steps', STEPS];
    return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
  },
  imports: async () => {
    const { soakImports } = await import('./imports.ts');
    return soakImports();
  },
  feed: async () => {
    const { replay } = await import('../../test/kinds/changefeed/replay.ts');
    const seed = Number(process.env.SEED ?? Date.now() % 1e6);
    const compared = await replay({ seed, steps: Number(STEPS), most: 300 });
    console.log(`feed: ${STEPS} steps, seed ${seed}: ${compared} comparisons`);
    return compared > 0;
  },
  databases: async () => {
    if (process.env.DATABASES === undefined) return true;
    return spawnSync('npx', ['vitest', 'run', 'test/kinds/database-files.test.ts'], { stdio: 'inherit' }).status === 0;
  },
  large: async () => {
    const { soakLarge } = await import('./large.ts');
    return soakLarge();
  },
  servers: async () => {
    const { soakServers } = await import('./servers.ts');
    return soakServers();
  },
  fuzz: async () => {
    const env = { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? '100000' };
    return spawnSync('npx', ['vitest', 'run', 'test/graphql/fuzz.test.ts'], { stdio: 'inherit', env }).status === 0;
  },
  sql: async () => {
    const env = { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? '100000' };
    return spawnSync('npx', ['vitest', 'run', 'test/sql/fuzz'], { stdio: 'inherit', env }).status === 0;
  },
};

const named = process.argv.slice(2);
// It takes as long as all others together, and needs a machine to itself.
const all = Object.keys(soaks).filter((name) => name !== 'large');
for (const name of named.length > 0 ? named : all) {
  const soak = soaks[name];
  if (soak === undefined) {
    console.error(`there is no soak ${name}: there are ${Object.keys(soaks).join(', ')}`);
    process.exit(1);
  }
  if (!(await soak())) process.exitCode = 1;
}
