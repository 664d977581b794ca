import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve('src');

/** What each room may import, besides itself. Imports only go right: from the first of these to the last. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['terminal.ts', 'app', 'settings.ts', 'config.ts', 'errors.ts'],
  'index.ts': ['app', 'remote-worker', 'positions.ts', 'jobs', 'settings.ts', 'errors.ts'],
  client: [],
  react: ['client'],
  testing: ['jobs', 'errors.ts'],
  'positions.ts': ['jobs'],
  'remote-worker': ['engine', 'store/store.ts', 'jobs', 'errors.ts'],
  'worker-api': ['engine', 'store/store.ts', 'jobs', 'auth', 'errors.ts'],
  cli: [
    'main.ts',
    'index.ts',
    'client',
    'testing',
    'remote-worker',
    'terminal.ts',
    'app',
    'engine',
    'store',
    'jobs',
    'auth',
    'settings.ts',
    'config.ts',
    'errors.ts',
  ],
  app: [
    'http',
    'worker-api',
    'web',
    'graphql',
    'sql',
    'engine',
    'store',
    'kinds',
    'databases',
    'storage',
    'jobs',
    'rpc',
    'auth',
    'config.ts',
    'errors.ts',
    'terminal.ts',
  ],
  web: ['http/page.ts'],
  http: ['errors.ts'],
  graphql: ['sql', 'engine', 'store/store.ts', 'databases/database.ts', 'jobs', 'auth', 'errors.ts'],
  sql: ['engine', 'store/store.ts', 'databases/database.ts', 'jobs', 'auth', 'errors.ts'],
  engine: ['store/store.ts', 'databases/database.ts', 'rpc', 'jobs', 'auth', 'errors.ts'],
  store: ['rpc', 'jobs', 'auth', 'errors.ts'],
  kinds: ['backup-format', 'databases', 'storage', 'net', 'jobs', 'errors.ts'],
  'backup-format': ['storage', 'jobs/kind.ts', 'errors.ts'],
  databases: ['rpc', 'jobs/kind.ts', 'errors.ts'],
  storage: ['net', 'jobs/kind.ts', 'errors.ts'],
  net: ['storage/url.ts', 'jobs/kind.ts', 'errors.ts'],
  jobs: ['auth', 'errors.ts'],
  rpc: ['jobs/kind.ts', 'errors.ts'],
  auth: ['errors.ts'],
  'settings.ts': ['config.ts', 'config-variables.ts'],
  'config.ts': ['config-variables.ts'],
  'config-variables.ts': [],
  'errors.ts': [],
  'terminal.ts': [],
};

/** What every room may import. */
const EVERYWHERE = ['live-stream.ts', 'sleep.ts'];

/** Of a kind, what runs in the server: its API, and what that keeps there. */
const API_SIDE = /^kinds\/(api|[^/]+\/(api|listen|download))\.ts$/;
const API_MAY_IMPORT = ['graphql', 'engine', 'store/store.ts', 'auth'];

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
    const allowed = [...(MAY_IMPORT[room] ?? []), ...EVERYWHERE, ...(API_SIDE.test(file) ? API_MAY_IMPORT : [])];
    return ownImports(file)
      .filter(
        (target) =>
          roomOf(target) !== room && !allowed.some((name) => target === name || target.startsWith(`${name}/`)),
      )
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('no files import one another in a circle, for types or otherwise', () => {
  const imports = new Map(files.map((file) => [file, ownImports(file)]));
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('of a kind, only its API imports the schema builder', () => {
  const wrong = files.filter(
    (file) =>
      file.startsWith('kinds/') &&
      !API_SIDE.test(file) &&
      ownImports(file).some((target) => target.startsWith('graphql/')),
  );
  expect(wrong).toEqual([]);
});

test('of a kind, only the folder of an engine imports that engine, and only ports.ts that folder', () => {
  const wrong = files.flatMap((file) => {
    const [room, kind = '', folder = ''] = file.split('/');
    if (room !== 'kinds' || folder === 'sqlite') return [];
    const names = [...ownImports(file), ...importsOf(file).filter((name) => name === 'better-sqlite3')];
    return names
      .filter(
        (name) =>
          name === 'better-sqlite3' ||
          name.startsWith('databases/sqlite/') ||
          (name.startsWith(`kinds/${kind}/sqlite/`) && folder !== 'ports.ts'),
      )
      .map((name) => `${file} imports ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('kinds never import one another', () => {
  const kindOf = (file: string) => file.split('/')[1]?.replace(/\.ts$/, '');
  const wrong = files
    .filter((file) => file.startsWith('kinds/') && !/^kinds\/(index|api)\.ts$/.test(file))
    .flatMap((file) =>
      ownImports(file)
        .filter((target) => target.startsWith('kinds/') && kindOf(target) !== kindOf(file))
        .map((target) => `${file} imports ${target}`),
    );
  expect(wrong).toEqual([]);
});

test.each([
  ['the Prisma client', /@prisma\/|sqlite\/client/, /^store\//],
  ['the SQLite driver', /^better-sqlite3$/, /^(store\/sqlite|databases\/sqlite|kinds\/[^/]+\/sqlite)\//],
  ['the driver of PostgreSQL', /^pg$/, /^(store|databases|kinds\/[^/]+)\/postgres\//],
  ['yoga and Pothos', /^(graphql-yoga|@pothos\/core)$/, /^(graphql|http)\//],
])('only its own room imports %s', (_, name, room) => {
  expect(files.filter((file) => !room.test(file) && importsOf(file).some((imported) => name.test(imported)))).toEqual(
    [],
  );
});

// Native modules read it by themselves: their proxy is written there.
test('only config.ts reads the environment', () => {
  const readers = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('process.env'));
  expect(readers.sort()).toEqual([
    'cli/copy-store.ts',
    'cli/server-options.ts',
    'cli/token.ts',
    'index.ts',
    'main.ts',
    'storage/cloud/proxy-variables.ts',
  ]);
});

test('the rules of jobs know no clock, no database and no environment', () => {
  const text = files.filter((file) => file.startsWith('jobs/')).map((file) => readFileSync(join(SRC, file), 'utf8'));
  expect(text.filter((code) => /Date\.now|new Date\(|process\.|Math\.random|node:/.test(code))).toEqual([]);
});

test('a work process loads no GraphQL, no store and no logger', () => {
  const kinds = readdirSync(join(SRC, 'kinds'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const pending = ['app/work-process.ts', 'app/work-thread.ts', ...kinds.map(({ name }) => `kinds/${name}/index.ts`)];
  const loaded = new Set<string>();
  const packages = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    for (const name of loadedBy(file)) {
      if (name.startsWith('.')) pending.push(relative(SRC, resolve(SRC, dirname(file), name)));
      else packages.add(name);
    }
  }
  expect([...loaded].filter((file) => /^(graphql|http|web|store\/sqlite)\//.test(file))).toEqual([]);
  expect([...packages].filter((name) => /graphql|pothos|prisma|^pino$|^ws$/.test(name))).toEqual([]);
  expect(packages).toContain('better-sqlite3');
});

/** The imports of a file that are not only types. */
const loadedBy = (file: string): readonly string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gms)].flatMap(
    ([statement, name]) => (/\{(?:\s*type [^,}]+,?)+\s*\}/.test(statement) ? [] : [name ?? '']),
  );
