import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { endCluster, prepareCluster } from './support/postgres.ts';

const BUILT = 'dist-test';
/** What runs as a process of its own next to the tests: TypeScript that is compiled at each start costs a second each. */
const PROGRAMS = { 'crash-server': 'test/support/crash-server.ts', 'feed-writer': 'test/support/feed-writer.ts' };

/** Threads and child processes run what was built: it is built once, before any test. */
export const setup = async () => {
  prepareCluster();
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  mkdirSync(BUILT, { recursive: true });
  // A server starts the files of its threads and processes from its own folder.
  for (const file of readdirSync('dist')) {
    if (!existsSync(join(BUILT, file))) symlinkSync(join('..', 'dist', file), join(BUILT, file));
  }
  await build({
    entryPoints: PROGRAMS,
    outdir: BUILT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['better-sqlite3', 'zstd-napi', 'opendal', 'pino', '@graphql-yoga/render-graphiql', 'esbuild'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
};

export const teardown = () => endCluster();
