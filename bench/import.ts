import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startImport, TABLE, untilEnded, writeRows } from './support/rows.ts';
import { median, type Result, startServer } from './support/server.ts';

const ROWS = 1_000_000;
const RUNS = 3;

/**
 * Rows per second of an import through the API, compared with `sqlite3 .import` of the same file; in turn, the median
 * of each.
 */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer();
  const file = join(server.dataDir, 'files', 'rows.csv');
  writeRows(file, ROWS);
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ours.push(await untilEnded(server, await startImport(server, `rows${run}`)));
    theirs.push(shellImport(join(server.dataDir, `plain${run}.db`), file));
  }
  const ratio = median(theirs) / median(ours);
  const perSecond = (ms: number) => `${Math.round(ROWS / (ms / 1_000)).toLocaleString('en')} rows/s`;
  return [
    {
      name: `import of ${ROWS.toLocaleString('en')} rows of 6 columns`,
      measured: perSecond(median(ours)),
      against: `sqlite3 .import: ${perSecond(median(theirs))}`,
      ratio,
      target: '>= 0.5',
      met: ratio >= 0.5,
    },
  ];
};

const shellImport = (database: string, file: string): number => {
  const commands = [`PRAGMA journal_mode = WAL;`, `CREATE TABLE rows ${TABLE};`, `.import --csv --skip 1 ${file} rows`];
  const began = performance.now();
  const { status, error } = spawnSync('sqlite3', [
    database,
    ...commands.flatMap((text) => ['-cmd', text]),
    'SELECT 1;',
  ]);
  if (error !== undefined || status !== 0) throw error ?? new Error(`sqlite3 ended with ${status}`);
  const took = performance.now() - began;
  rmSync(database);
  return took;
};
