// `npm start`: builds what has changed, and serves, in one process, so that a signal reaches the server itself.
import { existsSync } from 'node:fs';

const has = (path) => existsSync(new URL(`../${path}`, import.meta.url));

if (!has('node_modules/better-sqlite3')) {
  console.error('run `npm ci` first: the packages that Signalbox needs are not installed');
  process.exit(1);
}
await import('./build.mjs');
if (!has('dist/main.js')) process.exit(1);
await import('../dist/main.js');
