// `npm start`: builds if src has changed, and serves, in one process, so that a signal reaches the server itself.
import { existsSync } from 'node:fs';

const has = (path) => existsSync(new URL(`../${path}`, import.meta.url));

const refuse = (line) => {
  console.error(line);
  process.exit(1);
};

if (process.platform === 'win32') refuse('Signalbox does not run on Windows: use WSL');
if (!has('node_modules/better-sqlite3')) refuse('run `npm ci` first: the packages that Signalbox needs are missing');
await import('./build.mjs');
if (!has('dist/main.js')) process.exit(1);
await import('../dist/main.js');
