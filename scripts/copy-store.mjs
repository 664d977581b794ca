// `npm run copy-store`: builds if src has changed, and copies a job store.
import { existsSync } from 'node:fs';

const has = (path) => existsSync(new URL(`../${path}`, import.meta.url));

if (!has('node_modules/better-sqlite3')) {
  console.error('run `npm ci` first: the packages that Signalbox needs are missing');
  process.exit(1);
}
await import('./build.mjs');
if (!has('dist/copy-store.js')) process.exit(1);
await import('../dist/copy-store.js');
