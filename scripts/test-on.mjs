// `npm run test:on -- 24.22.3 test/jobs`: runs the tests on another version of Node, installed by npm, in a copy of
// this tree whose native module is built for it. A version may also be a major version, such as 24: its newest release.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [version, ...rest] = process.argv.slice(2);
if (version === undefined) {
  console.error('name a version of Node: npm run test:on -- 24.22.3 test/jobs');
  process.exit(1);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(tmpdir(), `signalbox-node-${version}`);
const copy = join(folder, 'repository');

const NATIVE = 'node_modules/better-sqlite3';

const run = (command, args, options) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

// Node for this system, with its headers.
const distribution = `node-${process.platform}-${process.arch}`;
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
run('npm', ['install', '--no-audit', '--no-fund', '--no-save', `${distribution}@${version}`], { cwd: folder });
const home = join(folder, 'node_modules', distribution);
const bin = join(home, 'bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, npm_config_nodedir: home };

rmSync(copy, { recursive: true, force: true });
const PACKAGES = ['node_modules', 'test/node_modules'];
const left = new Set(['.git', '.tmp', 'data', 'dist', ...PACKAGES].map((name) => join(root, name)));
cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: (source) => !left.has(source) });
// The files of packages are the same ones, under a second name: half a gigabyte is not copied.
for (const name of PACKAGES) {
  const { status } = spawnSync('cp', ['-al', join(root, name), join(copy, name)]);
  if (status === 0) continue;
  rmSync(join(copy, name), { recursive: true, force: true });
  cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
}
// What is built again, and what tests keep there, is this copy's own.
rmSync(join(copy, NATIVE), { recursive: true });
cpSync(join(root, NATIVE), join(copy, NATIVE), { recursive: true });
for (const name of ['.cache', '.vite']) rmSync(join(copy, 'node_modules', name), { recursive: true, force: true });
run('npm', ['rebuild', 'better-sqlite3'], { cwd: copy, env });
run(join(bin, 'node'), ['--version'], { env });
run(join(bin, 'node'), ['scripts/install.mjs'], { cwd: copy, env });
run(join(bin, 'node'), [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest], { cwd: copy, env });
rmSync(folder, { recursive: true, force: true });
