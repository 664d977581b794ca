// `npm run bench`: every measurement, or those named, each as a ratio in one run. A table for people, and JSON in
// .tmp/bench.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import '../scripts/build.mjs';
import type { Result } from './support/server.ts';

const BENCHES = ['import', 'latency', 'bulk', 'list', 'command', 'fanout', 'backup', 'changefeed'];

const wanted = process.argv.slice(2);
const results: Result[] = [];
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  const { measure } = (await import(`./${name}.ts`)) as { measure: () => Promise<readonly Result[]> };
  results.push(...(await measure()));
}
mkdirSync('.tmp', { recursive: true });
writeFileSync('.tmp/bench.json', `${JSON.stringify(results, null, 2)}\n`);
console.table(results.map(({ ratio, ...row }) => ({ ...row, ratio: ratio.toFixed(2) })));
