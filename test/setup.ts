import { execFileSync } from 'node:child_process';

/** Threads and child processes run what was built: it is built once, before any test. */
export const setup = () => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
};
