import { defineConfig } from 'vitest/config';

/** These replace a module of the server, or measure the memory of their process: they have one of their own. */
const ALONE = [
  'test/graphql/slow-reader.test.ts',
  'test/graphql/jobs-completed.test.ts',
  'test/graphql/job-updated-readers.test.ts',
  'test/kinds/import/rows.test.ts',
];

export default defineConfig({
  // One graphql for the server, the plugins and the tests: two copies refuse each other's objects.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    globalSetup: ['test/setup.ts'],
    pool: 'forks',
    // Tests wait more than they compute.
    maxWorkers: 2,
    // Long enough that a machine which is busy with other things is no failure.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    server: { deps: { inline: [/graphql/] } },
    projects: [
      {
        extends: true,
        // The server is loaded once for many files: a quarter of their time.
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/proxy/**', 'test/chaos/**', ...ALONE],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      // Servers that are killed, frozen and cut off: `npm run test:chaos`.
      { extends: true, test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'] } },
      // These need programs that npm does not install: `npm run test:proxy`.
      { extends: true, test: { name: 'proxy', include: ['test/proxy/**/*.test.ts'] } },
    ],
  },
});
