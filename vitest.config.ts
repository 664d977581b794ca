import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One graphql for the server, the plugins and the tests: two copies refuse each other's objects.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/setup.ts'],
    pool: 'forks',
    // Tests wait more than they compute.
    maxWorkers: 2,
    // Long enough that a machine which is busy with other things is no failure.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    server: { deps: { inline: [/graphql/] } },
  },
});
