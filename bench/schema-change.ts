import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { goods, startWriter } from '../test/support/busy-writer.ts';
import { type BenchServer, type Result, startServer } from './support/server.ts';

/** `ROWS=500000 npm run bench -- schema-change`: both measurements read and write all rows several times. */
const ROWS = Number(process.env.ROWS ?? 5_000_000);
/** How long the writer writes alone, to find the longest time that its own transactions take. */
const ALONE_MS = 20_000;
/** The longest batch, and the time that a writer that found the database locked sleeps before it tries again. */
const LONGEST_BATCH_MS = 50 + 25;

/**
 * NOT NULL on a column of a large table while another process inserts, updates, deletes and replaces: the longest time
 * a writer waited, and whether the table equals one that was changed without writers. Then the same, canceled partway:
 * whether the dump contains exactly the writer's changes.
 */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer();
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const file = join(server.dataDir, 'databases', 'bench.db');
  const sql = new Sqlite(file);
  sql.exec(goods(ROWS));
  sql.close();
  const alone = await startWriter(file, 'goods', { keys: ROWS, seed: 1 });
  await new Promise((resolve) => setTimeout(resolve, ALONE_MS));
  const before = await alone.stop();
  return [await reverted(server, file, before), await changed(server, file, before)];
};

type Wrote = Awaited<ReturnType<Awaited<ReturnType<typeof startWriter>>['stop']>>;

const reverted = async (server: BenchServer, file: string, alone: Wrote): Promise<Result> => {
  const writer = await startWriter(file, 'goods', { keys: ROWS, seed: 3 });
  const id = await startChange(server);
  await until(server, id, ({ fractionCompleted }) => fractionCompleted >= 0.4);
  await server.send('mutation ($id: ID!) { cancelJobs(jobs: { ids: [$id] }) { applied } }', { id });
  await until(server, id, ({ status }) => status === 'CANCELED');
  const wrote = await writer.stop();
  const isSame = dumpOf(file) === dumpOf(writer.twin);
  return result(`canceled partway: the dump ${isSame ? 'is' : 'IS NOT'} the writer's own`, wrote, alone, isSame);
};

const changed = async (server: BenchServer, file: string, alone: Wrote): Promise<Result> => {
  const writer = await startWriter(file, 'goods', { keys: ROWS });
  const beganAt = performance.now();
  const id = await startChange(server);
  await until(server, id, ({ status }) => status === 'SUCCEEDED');
  const took = (performance.now() - beganAt) / 1_000;
  const wrote = await writer.stop();
  const at = new Sqlite(writer.twin);
  const [{ sql: text }] = at.prepare("SELECT sql FROM sqlite_schema WHERE name = 'goods'").all() as [{ sql: string }];
  at.exec(`${text.replace('goods', 'new').replace('price INTEGER', 'price INTEGER NOT NULL')};
    INSERT INTO new SELECT * FROM goods; DROP TABLE goods; ALTER TABLE new RENAME TO goods`);
  const db = new Sqlite(file);
  const isSame = rowsOf(db) === rowsOf(at) && db.pragma('integrity_check', { simple: true }) === 'ok';
  db.close();
  at.close();
  const rate = Math.round(ROWS / took).toLocaleString('en');
  return result(
    `in ${took.toFixed(1)} s, ${rate} rows/s; ${isSame ? 'the same' : 'NOT THE SAME'} as at rest`,
    wrote,
    alone,
    isSame,
  );
};

const result = (measured: string, { made, longest, waited }: Wrote, alone: Wrote, isSame: boolean): Result => ({
  name: `NOT NULL on ${ROWS.toLocaleString('en')} rows while another process writes`,
  measured,
  against: `${made.toLocaleString('en')} writes next to it: waited ${waited.toFixed(0)} ms, took ${longest.toFixed(0)} ms at most; alone ${alone.longest.toFixed(0)} ms`,
  ratio: waited / LONGEST_BATCH_MS,
  target: 'the same, and no writer waits longer than a batch',
  met: isSame && waited <= LONGEST_BATCH_MS,
});

const startChange = async ({ send }: BenchServer): Promise<string> => {
  const changes = [{ alterColumn: { table: 'goods', column: 'price', nullable: false } }];
  const query = 'mutation ($input: CreateSchemaChangeInput!) { createSchemaChange(input: $input) { job { id } } }';
  const made = await send<{ createSchemaChange: { job: { id: string } } }>(query, {
    input: { database: 'bench', changes },
  });
  return made.createSchemaChange.job.id;
};

interface Seen {
  readonly status: string;
  readonly fractionCompleted: number;
  readonly error: string | null;
}

const until = async ({ send }: BenchServer, id: string, wanted: (job: Seen) => boolean) => {
  for (;;) {
    const { job } = await send<{ job: Seen }>(`{ job(id: "${id}") { status fractionCompleted error } }`);
    if (job.error) throw new Error(job.error);
    if (wanted(job)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** All rows with their rowids, in a few bytes. */
const rowsOf = (sql: Sqlite.Database): string => {
  const hash = createHash('sha256');
  for (const row of sql.prepare('SELECT _rowid_, * FROM goods ORDER BY 1').raw().iterate())
    hash.update(JSON.stringify(row));
  return hash.digest('hex');
};

const dumpOf = (file: string): string => {
  const command = `sqlite3 "$0" .dump | grep -v '_signalbox_.*jobs' | sha256sum`;
  return spawnSync('sh', ['-c', command, file], { encoding: 'utf8' }).stdout;
};
