import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve('src');

/** What each room may import, besides itself. Imports only go right: from the first of these to the last. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['app.ts', 'config.ts', 'errors.ts'],
  'app.ts': ['server.ts', 'sample.ts', 'graphql', 'engine', 'store', 'kinds', 'jobs', 'auth', 'config.ts', 'errors.ts'],
  'work-thread.ts': ['engine', 'kinds', 'databases', 'jobs', 'errors.ts'],
  'groups.ts': [],
  'server.ts': ['groups.ts', 'sockets.ts', 'gate.ts', 'playground.ts', 'pages.ts', 'errors.ts'],
  'sockets.ts': ['groups.ts', 'gate.ts', 'server.ts', 'errors.ts'],
  'gate.ts': ['errors.ts'],
  'playground.ts': ['playground-examples.ts', 'playground-kinds.ts'],
  'playground-kinds.ts': ['playground-examples.ts'],
  'playground-examples.ts': [],
  'pages.ts': [],
  'sample.ts': [],
  'threads.ts': [],
  'config.ts': [],
  'errors.ts': [],
  graphql: ['engine', 'store', 'databases/database.ts', 'jobs', 'auth', 'errors.ts'],
  engine: ['store/store.ts', 'databases/database.ts', 'threads.ts', 'jobs', 'auth', 'errors.ts'],
  store: ['threads.ts', 'jobs', 'auth', 'errors.ts'],
  kinds: ['storage', 'databases', 'jobs', 'errors.ts'],
  storage: ['jobs/kind.ts', 'errors.ts'],
  databases: ['jobs/kind.ts', 'threads.ts', 'errors.ts'],
  jobs: ['auth', 'errors.ts'],
  auth: ['errors.ts'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('store/sqlite/client/'))
  .map((file) => file.replaceAll('\\', '/'));
const roomOf = (file: string) => file.split('/')[0] ?? file;
const importsOf = (file: string) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
const ownImports = (file: string) =>
  importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(SRC, resolve(SRC, dirname(file), name)));

test('imports go one way', () => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    const allowed = MAY_IMPORT[room] ?? [];
    return ownImports(file)
      .filter(
        (target) =>
          roomOf(target) !== room && !allowed.some((name) => target === name || target.startsWith(`${name}/`)),
      )
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('kinds never import one another', () => {
  const kindOf = (file: string) => file.split('/')[1]?.replace(/\.ts$/, '');
  const wrong = files
    .filter((file) => file.startsWith('kinds/') && file !== 'kinds/index.ts')
    .flatMap((file) =>
      ownImports(file)
        .filter((target) => target.startsWith('kinds/') && kindOf(target) !== kindOf(file))
        .map((target) => `${file} imports ${target}`),
    );
  expect(wrong).toEqual([]);
});

test.each([
  ['the Prisma client', /@prisma\/|sqlite\/client/, /^store\//],
  ['the SQLite driver', /^better-sqlite3$/, /^(store|databases|kinds)\//],
  ['yoga and Pothos', /^(graphql-yoga|@pothos\/core)$/, /^(graphql\/|server\.ts|sockets\.ts|groups\.ts)/],
])('only its own room imports %s', (_, name, room) => {
  expect(files.filter((file) => !room.test(file) && importsOf(file).some((imported) => name.test(imported)))).toEqual(
    [],
  );
});

test('only config.ts reads the environment', () => {
  const readers = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('process.env'));
  expect(readers).toEqual(['main.ts']);
});

test('the rules of jobs know no clock, no database and no environment', () => {
  const text = files.filter((file) => file.startsWith('jobs/')).map((file) => readFileSync(join(SRC, file), 'utf8'));
  expect(text.filter((code) => /Date\.now|new Date\(|process\.|Math\.random|node:/.test(code))).toEqual([]);
});
