import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Sqlite from 'better-sqlite3';
import { untilEnded } from './support/rows.ts';
import { type BenchServer, type Result, startServer } from './support/server.ts';

const MIB = 1024 * 1024;
/** A gibibyte, unless another number of mebibytes is given. */
const SIZE_MIB = Number(process.env.BENCH_MIB ?? 1_024);
const TABLES = 20;

/**
 * A database of a gibibyte and 20 tables, backed up while another process inserts, and restored: compared with `sqlite3
 * .backup` and `sha256sum` of the same. Then an incremental backup, after one row in a hundred has changed.
 */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer();
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const file = join(server.dataDir, 'databases', 'bench.db');
  fill(file);
  const mebibytes = statSync(file).size / MIB;
  const before = shellBackup(file, join(server.dataDir, 'shell.db'));

  const writer = startWriter(file);
  const backup = await run(server, 'Backup', { database: 'bench', destination: 'nodelocal:///one' });
  await writer.stop();
  const restore = await run(server, 'Restore', { source: 'nodelocal:///one', database: 'copy' });
  const roundTrip = peakMemory(server.pid);
  const isSame = await compare(server);

  change(file);
  await run(server, 'Backup', {
    database: 'bench',
    destination: 'nodelocal:///two',
    incrementalFrom: 'nodelocal:///one',
  });
  const { backup: two } = await server.send<{ backup: { sizeBytes: number; storedBytes: number } }>(
    '{ backup(url: "nodelocal:///two") { sizeBytes storedBytes } }',
  );
  const memory = peakMemory(server.pid);
  const share = two.storedBytes / two.sizeBytes;

  const perSecond = (ms: number) => `${Math.round(mebibytes / (ms / 1_000))} MiB/s`;
  const against = `sqlite3 .backup and sha256sum: ${perSecond(before)}`;
  const speed = (name: string, ms: number): Result => ({
    name,
    measured: perSecond(ms),
    against,
    ratio: before / ms,
    target: '>= 0.5',
    met: before / ms >= 0.5,
  });
  return [
    speed(`backup of ${Math.round(mebibytes)} MiB in ${TABLES} tables, while somebody inserts`, backup),
    speed('restore of it', restore),
    {
      name: '.dump of the restored database',
      measured: isSame ? 'that of the snapshot' : 'ANOTHER',
      against: 'the chunks, in sequence',
      ratio: isSame ? 1 : 0,
      target: 'the same',
      met: isSame,
    },
    peak('peak memory of the process until then', roundTrip),
    {
      name: 'stored by an incremental backup, 1 % of the rows changed here and there',
      measured: `${(share * 100).toFixed(2)} %`,
      against: 'its bytes',
      ratio: share,
      target: '< 0.05',
      met: share < 0.05,
    },
    peak('peak memory of the process until then', memory),
  ];
};

const peak = (name: string, bytes: number): Result => ({
  name,
  measured: `${Math.round(bytes / 1e6)} MB`,
  against: '300 MB',
  ratio: bytes / 300e6,
  target: '< 1',
  met: bytes < 300e6,
});

const fill = (file: string) => {
  const sql = new Sqlite(file);
  sql.pragma('synchronous = OFF');
  for (let table = 0; table < TABLES; table += 1) {
    sql.exec(`CREATE TABLE t${table} (id INTEGER PRIMARY KEY, name TEXT, city TEXT, balance REAL, note TEXT);
      ${table % 4 === 0 ? `CREATE INDEX i${table} ON t${table} (name);` : ''}
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${SIZE_MIB * 378}) INSERT INTO t${table}
        SELECT i, 'person ' || abs(random() % 1000000000), 'Ghent', i / 4.0, hex(randomblob(20 + abs(random() % 50))) FROM n`);
  }
  sql.pragma('wal_checkpoint(TRUNCATE)');
  sql.close();
};

const change = (file: string) => {
  const sql = new Sqlite(file);
  for (let table = 0; table < TABLES; table += 1) {
    sql.exec(
      `UPDATE t${table} SET balance = balance + 1, note = note || substr('changed', 1, id % 8) WHERE id % 100 = 7`,
    );
  }
  sql.close();
};

/** Copies and hashes; in milliseconds. */
const shellBackup = (from: string, to: string): number => {
  const began = performance.now();
  const { status } = spawnSync('sh', ['-c', 'sqlite3 "$0" ".backup $1" && sha256sum "$1" > /dev/null', from, to]);
  if (status !== 0) throw new Error(`sqlite3 and sha256sum ended with ${status}`);
  const took = performance.now() - began;
  rmSync(to);
  return took;
};

const WRITER = `
  import Sqlite from 'better-sqlite3';
  const sql = new Sqlite(process.argv[1], { timeout: 5000 });
  const insert = sql.prepare("INSERT INTO t1 (name) VALUES ('meanwhile')");
  const timer = setInterval(() => insert.run(), 5);
  process.stdin.on('end', () => { clearInterval(timer); sql.close(); }).resume();`;

const startWriter = (file: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, file], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  return {
    stop: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
};

const run = async (
  server: BenchServer,
  what: 'Backup' | 'Restore',
  input: Record<string, unknown>,
): Promise<number> => {
  const query = `mutation ($input: Create${what}Input!) { made: create${what}(input: $input) { job { id } } }`;
  const { made } = await server.send<{ made: { job: { id: string } } }>(query, { input });
  return untilEnded(server, made.job.id);
};

const peakMemory = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);

/** The snapshot equals the concatenated chunks. */
const compare = async ({ dataDir }: BenchServer): Promise<boolean> => {
  const folder = join(dataDir, 'files', 'one');
  const { chunks } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    chunks: { sha256: string }[];
  };
  const snapshot = join(dataDir, 'picture.db');
  const contents = function* () {
    for (const { sha256 } of chunks) yield readFileSync(join(folder, 'chunks', sha256));
  };
  await pipeline(Readable.from(contents()), createWriteStream(snapshot));
  const [one, other] = [snapshot, join(dataDir, 'databases', 'copy.db')].map((file) =>
    // What a job keeps in its target is excluded.
    execFileSync('sh', ['-c', `sqlite3 "$0" .dump | grep -v '_signalbox_.*jobs' | sha256sum`, file], {
      encoding: 'utf8',
    }),
  );
  rmSync(snapshot);
  return one === other;
};
