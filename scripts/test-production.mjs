// `npm run test:production`: checks that the installation left by `npm ci --omit=dev` can run the server. Prints its
// size.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'signalbox-production-'));

const megabytes = (folder) =>
  readdirSync(join(copy, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0) / 1e6;

/** Starts the server, queries the API and the playground, and stops it. */
const tryIt = async () => {
  const server = spawn('npm', ['start'], {
    cwd: copy,
    env: { ...process.env, PORT: '0', DATA_DIR: join(copy, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(server, 'exit');
  const ready = (async () => {
    for await (const line of createInterface({ input: server.stdout })) {
      const url = /Signalbox ready at ([^"\s]+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    throw new Error('the server ended before it was ready');
  })();
  const url = await ready;
  server.stdout.resume();
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  if (!page.ok) throw new Error(`the playground answered ${page.status}`);
  const answer = await fetch(`${url}?query={__typename}`);
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  server.kill('SIGTERM');
  const [code] = await exit;
  if (code !== 0) throw new Error(`npm start ended with ${code} after SIGTERM`);
};

try {
  for (const name of ['dist', 'node_modules', 'package.json', 'package-lock.json', 'prisma', 'scripts', 'src/web']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  }
  // What tests cached there is no part of an installation.
  rmSync(join(copy, 'node_modules', '.cache'), { recursive: true, force: true });
  execFileSync('npm', ['prune', '--omit=dev', '--no-audit', '--no-fund'], { cwd: copy, stdio: 'inherit' });
  const installed = JSON.parse(readFileSync(join(copy, 'node_modules', '.package-lock.json'), 'utf8'));
  const packages = Object.keys(installed.packages).length;
  await tryIt();
  console.log(
    `production: ${packages} packages, node_modules ${megabytes('node_modules').toFixed(0)} MB, dist ${megabytes('dist').toFixed(0)} MB`,
  );
} finally {
  rmSync(copy, { recursive: true, force: true });
}
