// Generates the Prisma client, and bundles src into dist, which plain node runs. Takes a third of a second, and does
// nothing if dist is newer than src.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist');
const schema = join(root, 'prisma', 'sqlite', 'schema.prisma');
const client = join(root, 'src', 'store', 'sqlite', 'client', 'client.ts');
/** The page of the playground: 9 MB of text that esbuild need not parse. */
const playground = join(root, 'node_modules', '@graphql-yoga', 'render-graphiql', 'esm', 'graphiql.js');
const ENTRIES = {
  main: 'src/main.ts',
  index: 'src/index.ts',
  testing: 'src/testing/index.ts',
  token: 'src/cli/token.ts',
  'copy-store': 'src/cli/copy-store.ts',
  signalbox: 'src/cli/signalbox.ts',
  'gated-kind': 'src/cli/gated-kind.ts',
  'gated-worker': 'src/cli/gated-worker.ts',
  'store-thread': 'src/store/sqlite/thread.ts',
  'work-process': 'src/app/work-process.ts',
  'snapshot-process': 'src/databases/sqlite/snapshot-process.ts',
};

/** These run in browsers too: they use nothing of Node, and import nothing but a peer. */
const FOR_BROWSERS = {
  client: 'src/client/index.ts',
  react: 'src/react/index.ts',
};

/** Required by CommonJS packages inside an ES module. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const newest = (folder) =>
  Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
const modifiedAt = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);
const isNew = () =>
  modifiedAt(join(out, 'main.js')) > Math.max(newest(join(root, 'src')), modifiedAt(join(root, 'package-lock.json')));

/**
 * Files are replaced one by one, each atomically: a process that starts in the meantime finds the old one or the new
 * one.
 */
const putInPlace = (aside) => {
  const files = readdirSync(aside).sort((a, b) => Number(a === 'main.js') - Number(b === 'main.js'));
  mkdirSync(out, { recursive: true });
  for (const file of files) renameSync(join(aside, file), join(out, file));
  for (const file of readdirSync(out)) if (!files.includes(file)) rmSync(join(out, file));
  rmSync(aside, { recursive: true });
};

const build = async () => {
  const esbuild = await import('esbuild');
  const aside = `${out}-${process.pid}`;
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: aside,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // One file instead of a thousand halves the startup time. Excluded: native modules, and packages that locate their
    // own files at run time. These, and the part of graphql-ws that the playground reads, are the dependencies in
    // package.json.
    external: ['better-sqlite3', 'zstd-napi', 'opendal', 'pino', 'pg-native', 'libpg-query'],
    plugins: [
      {
        name: 'playground',
        setup: ({ onResolve }) => {
          const filter = /^@graphql-yoga\/render-graphiql\/graphiql$/;
          onResolve({ filter }, () => ({ path: './graphiql.js', external: true }));
        },
      },
    ],
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: FOR_BROWSERS,
    outdir: aside,
    bundle: true,
    splitting: true,
    platform: 'neutral',
    external: ['react'],
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  copyFileSync(playground, join(aside, 'graphiql.js'));
  putInPlace(aside);
};

const isForced = process.argv.includes('--force');
if (existsSync(join(root, 'node_modules', 'esbuild'))) {
  if (isForced || modifiedAt(client) < modifiedAt(schema)) await import('./generate.mjs');
  if (isForced || !isNew()) await build();
} else if (!existsSync(join(out, 'main.js'))) {
  console.error('Signalbox is not built: run `npm ci`, which builds it, before `npm ci --omit=dev`');
}
