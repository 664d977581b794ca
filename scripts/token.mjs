// `npm run token`: builds if src has changed, and creates a token in the job store.
import { existsSync } from 'node:fs';

const has = (path) => existsSync(new URL(`../${path}`, import.meta.url));

if (!has('node_modules/better-sqlite3')) {
  console.error('run `npm ci` first: the packages that Signalbox needs are missing');
  process.exit(1);
}
await import('./build.mjs');
if (!has('dist/token.js')) process.exit(1);
await import('../dist/token.js');
