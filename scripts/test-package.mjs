// `npm run test:package`: packs the package, installs it into an empty folder, type-checks a sample project against it with
// both ways of resolving modules, runs a kind of its own with pause, kill -9 and resume, and uses the command.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
const started = performance.now();
const report = (what) => console.log(`${((performance.now() - started) / 1_000).toFixed(0)} s: ${what}`);
const npm = (args, options = {}) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', ...options });

const bytesOf = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** What npm lists of the tarball. */
const pack = () => {
  const [packed] = JSON.parse(npm(['pack', '--json', '--silent', '--pack-destination', folder], { cwd: root }));
  const paths = packed.files.map(({ path }) => path);
  for (const needed of [
    'dist/index.js',
    'dist/signalbox.js',
    'dist/client.js',
    'types/index.d.ts',
    'types/client/index.d.ts',
    'types/react/index.d.ts',
    'types/testing/index.d.ts',
    'dist/testing.js',
    'dist/react.js',
    'src/web/jobs-page/page.js',
  ]) {
    if (!paths.includes(needed)) throw new Error(`the tarball lacks ${needed}`);
  }
  if (!paths.some((path) => path.endsWith('/migration.sql'))) throw new Error('the tarball has no migrations');
  const foreign = paths.filter((path) => /^(test|bench|scripts|node_modules)\/|^src\/(?!web\/jobs-page\/)/.test(path));
  if (foreign.length > 0) throw new Error(`the tarball has files that nobody needs: ${foreign.slice(0, 5).join(', ')}`);
  report(`${packed.filename}: ${megabytes(packed.size)}, unpacked ${megabytes(packed.unpackedSize)}`);
  return packed.filename;
};

/** Scripts are not run: what they build or download is copied from this repository, which has it already. */
const install = (tarball) => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'sample', private: true, type: 'module' }));
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`]);
  const packages = Object.keys(JSON.parse(npm(['ls', '--all', '--json'])).dependencies);
  if (!packages.includes('signalbox')) throw new Error('signalbox is not installed');
  for (const name of ['better-sqlite3', 'zstd-napi']) {
    cpSync(join(root, 'node_modules', name, 'build'), join(folder, 'node_modules', name, 'build'), { recursive: true });
  }
  // A project in TypeScript has the types of Node, and of React.
  for (const name of ['@types/node', 'undici-types', '@types/react', 'csstype', 'react']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  report(`installed: ${megabytes(bytesOf(join(folder, 'node_modules')))} in node_modules`);
};

const KIND = `import { defineKind } from 'signalbox';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';

export const reindex = defineKind({
  name: 'REINDEX',
  input: z.object({ index: z.string(), pages: z.int().min(1).default(40) }),
  checkpoint: z.object({ after: z.int() }),
  describe: ({ index }) => \`REINDEX \${index}\`,
  async *run({ input, checkpoint }, { signal }) {
    for (let after = checkpoint?.after ?? 0; after < input.pages; ) {
      await setTimeout(50, undefined, { signal });
      after += 1;
      yield { checkpoint: { after }, fractionCompleted: after / input.pages, counters: { documents: after * 500 } };
    }
    return { index: input.index };
  },
});
`;

/** Uses the types of each export. The expected errors are errors only if the types are there. */
const SAMPLE = `import { startSignalbox, type Signalbox, Transient } from 'signalbox';
import { ApiError, createClient, type ControlOutcome, type Job } from 'signalbox/client';
import { type JobsState, useJobs } from 'signalbox/react';
import { checkKind, type KindReport } from 'signalbox/testing';
import { reindex } from './reindex.js';

export const List = (): number => {
  const client = createClient({ url: 'http://127.0.0.1:4000/graphql' });
  const state: JobsState = useJobs(client, { status: { equals: 'RUNNING' } });
  // @ts-expect-error a list has no such field
  return state.nope ?? 0;
};

export const check = (): Promise<KindReport> =>
  checkKind({ kind: reindex, input: { index: 'a' }, reset: () => undefined, observe: () => null });

export const run = async (): Promise<ControlOutcome> => {
  const signalbox: Signalbox = await startSignalbox({ kinds: [reindex], port: 0 });
  const client = createClient({ url: signalbox.url, token: 'sbx' });
  for await (const jobs of client.watch({ typeName: { equals: 'REINDEX' } })) {
    const first: Job | undefined = jobs[0];
    if (first?.status === 'RUNNING') break;
  }
  // @ts-expect-error there is no such status
  client.jobs({ status: { equals: 'NOPE' } });
  // @ts-expect-error a port is a number
  await startSignalbox({ port: '0' });
  if (!(new Transient('again') instanceof Error)) throw new ApiError('never');
  return client.pause({ all: true }, { dryRun: true });
};
`;

const checkTypes = () => {
  writeFileSync(join(folder, 'reindex.ts'), KIND);
  writeFileSync(join(folder, 'sample.ts'), SAMPLE);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const options = ['--module', module, '--moduleResolution', moduleResolution, '--target', 'es2022', '--strict'];
    execFileSync(process.execPath, [tsc, '--noEmit', ...options, '--types', 'node', 'reindex.ts', 'sample.ts'], {
      cwd: folder,
      stdio: 'inherit',
    });
    report(`the sample type-checks with moduleResolution ${moduleResolution}`);
  }
};

const children = new Set();
const command = join(folder, 'node_modules', '.bin', 'signalbox');

const serve = async () => {
  const child = spawn(command, ['serve', '--kinds', 'reindex.mjs'], {
    cwd: folder,
    env: { ...process.env, PORT: '0', DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /Signalbox ready at ([^"\s]+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error('the server ended before it was ready');
};

const stop = async ({ child }, signal) => {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  children.delete(child);
};

const use = (url, ...args) => execFileSync(command, [...args, '--url', url, '--user', 'root'], { encoding: 'utf8' });
const expectJob = (job, expected) => {
  for (const [name, value] of Object.entries(expected)) {
    if (job[name] !== value)
      throw new Error(`job.${name} is ${JSON.stringify(job[name])}, not ${JSON.stringify(value)}`);
  }
};

const runKind = async () => {
  writeFileSync(join(folder, 'reindex.mjs'), KIND);
  const first = await serve();
  const { createClient } = await import(join(folder, 'node_modules', 'signalbox', 'dist', 'client.js'));
  const client = createClient({ url: first.url, user: 'root' });
  const { job } = await client.create('REINDEX', { index: 'articles', pages: 300 });
  while (((await client.job(job.id))?.fractionCompleted ?? 0) === 0) await new Promise((done) => setTimeout(done, 50));
  use(first.url, 'pause', job.id, '--wait');
  const paused = JSON.parse(use(first.url, 'job', job.id, '--json'));
  expectJob(paused, { status: 'PAUSED', description: 'REINDEX articles' });
  await stop(first, 'SIGKILL');
  const second = await serve();
  try {
    expectJob(JSON.parse(use(second.url, 'job', job.id, '--json')), { status: 'PAUSED' });
    use(second.url, 'resume', job.id, '--wait');
    expectJob(JSON.parse(use(second.url, 'job', job.id, '--json')), { status: 'SUCCEEDED', fractionCompleted: 1 });
    const table = use(second.url, 'jobs');
    if (!table.includes(job.id) || !table.includes('SUCCEEDED')) throw new Error(`signalbox jobs printed ${table}`);
    const page = await fetch(new URL('/', second.url));
    if (!page.ok) throw new Error(`the jobs page answered ${page.status}`);
  } finally {
    await stop(second, 'SIGTERM');
  }
  const version = execFileSync(command, ['--version'], { encoding: 'utf8' }).trim();
  if (version !== JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version) throw new Error(version);
  report('a kind was paused, killed, resumed and finished, with the command');
};

try {
  install(pack());
  checkTypes();
  await runKind();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
