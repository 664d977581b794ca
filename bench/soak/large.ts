// `npm run soak -- large`: a schema change, a backup and a restore of a table with a full-text index and an R*Tree, each
// next to a process that writes into it. Prints the longest time that the writer waited for the lock, and the same without
// a job. ROWS is the number of rows (5,000,000). Close other programs first.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { type BenchServer, startServer } from '../support/server.ts';

const ROWS = Number(process.env.ROWS ?? 5_000_000);
const ALONE_MS = 20_000;
/** How long a writer may wait. */
const LIMIT_MS = 50;
const POLL_MS = 200;

interface Report {
  readonly writes: number;
  readonly longestWaitMs: number;
  readonly longestMs: number;
}

const SCHEMA = `CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, x REAL);
  CREATE INDEX posts_x ON posts (x);
  CREATE VIRTUAL TABLE search USING fts5(title, content='posts', content_rowid='id');
  CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO posts SELECT i, 'title ' || i % 1000, i / 10.0 FROM n;
  INSERT INTO search (search) VALUES ('rebuild'); INSERT INTO boxes SELECT id, x, x + 1 FROM posts;
  CREATE TRIGGER added AFTER INSERT ON posts BEGIN
    INSERT INTO search (rowid, title) VALUES (NEW.id, NEW.title); INSERT INTO boxes VALUES (NEW.id, NEW.x, NEW.x + 1); END;
  CREATE TRIGGER removed AFTER DELETE ON posts BEGIN
    INSERT INTO search (search, rowid, title) VALUES ('delete', OLD.id, OLD.title); DELETE FROM boxes WHERE id = OLD.id; END;
  CREATE TRIGGER changed AFTER UPDATE ON posts BEGIN
    INSERT INTO search (search, rowid, title) VALUES ('delete', OLD.id, OLD.title);
    INSERT INTO search (rowid, title) VALUES (NEW.id, NEW.title); END;`;

export const soakLarge = async (): Promise<boolean> => {
  await using server = await startServer();
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const file = join(server.dataDir, 'databases', 'bench.db');
  const sql = new Sqlite(file);
  sql.exec(SCHEMA);
  sql.close();
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['no job', () => sleep(ALONE_MS)],
    ['schema change', () => run(server, 'SchemaChange', { database: 'bench', changes: [CHECK] })],
    ['backup', () => run(server, 'Backup', { database: 'bench', destination: SOURCE })],
    ['restore', () => run(server, 'Restore', { database: 'bench', source: SOURCE, tables: ['posts'], as: AS })],
  ];
  const results: (Report & { readonly next: string; readonly seconds: number })[] = [];
  for (const [next, job] of steps) {
    const beganAt = performance.now();
    const report = await besideWriter(file, job);
    results.push({ next, seconds: Math.round((performance.now() - beganAt) / 1_000), ...report });
    console.table([results.at(-1)]);
  }
  console.log(
    `${ROWS.toLocaleString('en')} rows; load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  );
  const alone = results[0]?.longestWaitMs ?? 0;
  return results.every(({ longestWaitMs }) => longestWaitMs <= Math.max(LIMIT_MS, alone));
};

const CHECK = { addCheck: { table: 'posts', name: 'titled', expression: "title <> ''" } };
const SOURCE = 'nodelocal:///large';
const AS = [{ table: 'posts', to: 'posts_then' }];

const besideWriter = async (file: string, job: () => Promise<unknown>): Promise<Report> => {
  const writer = fork(new URL('../support/paced-writer.mjs', import.meta.url), [file, 'posts'], { execArgv: [] });
  await once(writer, 'message');
  await job();
  const reported = once(writer, 'message');
  writer.send('stop');
  const [report] = (await reported) as [Report];
  return report;
};

const run = async ({ send }: BenchServer, kind: string, input: object): Promise<void> => {
  const query = `mutation ($input: Create${kind}Input!) { made: create${kind}(input: $input) { job { id } } }`;
  const { made } = await send<{ made: { job: { id: string } } }>(query, { input });
  for (;;) {
    const { job } = await send<{ job: { status: string; error: string | null } }>(
      `{ job(id: "${made.job.id}") { status error } }`,
    );
    if (job.error !== null) throw new Error(job.error);
    if (job.status === 'SUCCEEDED') return;
    await sleep(POLL_MS);
  }
};
