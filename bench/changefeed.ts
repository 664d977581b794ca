import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type BenchServer, median, type Result, startServer } from './support/server.ts';

const CHANGES = 100_000;
const SINGLE = 20_000;
const AT_ONCE = 100;
const RUNS = 3;
const COLUMNS = '(id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT, balance REAL, joined TEXT)';

/**
 * Changes per second from commit to a webhook, compared with POSTs of the same size to the same receiver; and the cost
 * of the triggers to writers, compared with the same table without them; in turn, the median of each.
 */
export const measure = async (): Promise<readonly Result[]> => {
  await using receiver = await startReceiver();
  await using server = await startServer({ ALLOW_PRIVATE_HOSTS: receiver.host });
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const sql = new Database(join(server.dataDir, 'databases', 'bench.db'), { timeout: 30_000 });
  sql.exec(`CREATE TABLE watched ${COLUMNS}; CREATE TABLE plain ${COLUMNS}`);
  sql.pragma('synchronous = NORMAL');
  const id = await createFeed(server, receiver.url);
  try {
    const rate = await measureRate(sql, receiver);
    await pause(server, id);
    return [rate, measureWriters(sql, SINGLE, 1, 2), measureWriters(sql, CHANGES, AT_ONCE, 5)];
  } finally {
    sql.close();
  }
};

type Sql = Database.Database;
type Receiver = Awaited<ReturnType<typeof startReceiver>>;

const measureRate = async (sql: Sql, receiver: Receiver): Promise<Result> => {
  const began = performance.now();
  write(sql, 'watched', CHANGES, AT_ONCE);
  await receiver.reaches(CHANGES);
  const ours = CHANGES / (performance.now() - began);
  const theirs = await postAll(receiver);
  const perSecond = (perMs: number) => `${Math.round(perMs * 1_000).toLocaleString('en')} messages/s`;
  return {
    name: `${CHANGES.toLocaleString('en')} changes, from the first write to the webhook's last answer`,
    measured: perSecond(ours),
    against: `ready-made POSTs of the same: ${perSecond(theirs)}`,
    ratio: ours / theirs,
    target: '>= 0.1',
    met: ours / theirs >= 0.1,
  };
};

const measureWriters = (sql: Sql, rows: number, atOnce: number, most: number): Result => {
  const watched: number[] = [];
  const plain: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    watched.push(write(sql, 'watched', rows, atOnce));
    plain.push(write(sql, 'plain', rows, atOnce));
  }
  const ratio = median(watched) / median(plain);
  const each = (ms: number) => `${((ms * 1_000) / rows).toFixed(1)} µs a row`;
  return {
    name: `inserts into a watched table, ${atOnce} in a transaction`,
    measured: each(median(watched)),
    against: `not watched: ${each(median(plain))}`,
    ratio,
    target: `<= ${most}`,
    met: ratio <= most,
  };
};

/** In milliseconds. */
const write = (sql: Sql, table: string, rows: number, atOnce: number): number => {
  const insert = sql.prepare(`INSERT INTO ${table} (name, email, city, balance, joined) VALUES (?, ?, ?, ?, ?)`);
  const some = sql.transaction((from: number) => {
    for (let row = from; row < from + atOnce; row += 1) {
      insert.run(`person ${row}`, `p${row}@example.org`, 'Ghent, B', row / 4, '2020-01-01');
    }
  });
  const began = performance.now();
  for (let row = 0; row < rows; row += atOnce) some.immediate(row);
  return performance.now() - began;
};

const createFeed = async ({ send }: BenchServer, sink: string): Promise<string> => {
  const input = { database: 'bench', tables: ['watched'], sink, updated: true };
  const { createChangefeed } = await send<{ createChangefeed: { job: { id: string } } }>(
    'mutation ($input: CreateChangefeedInput!) { createChangefeed(input: $input) { job { id } } }',
    { input },
  );
  await statusOf(send, createChangefeed.job.id, ({ statusMessage }) => statusMessage === 'following the changes');
  return createChangefeed.job.id;
};

const pause = async ({ send }: BenchServer, id: string) => {
  await send('mutation ($id: ID!) { pauseJobs(jobs: { ids: [$id] }) { applied } }', { id });
  await statusOf(send, id, ({ status }) => status === 'PAUSED');
};

interface Standing {
  readonly status: string;
  readonly statusMessage: string | null;
}

const statusOf = async (send: BenchServer['send'], id: string, wanted: (job: Standing) => boolean) => {
  for (;;) {
    const { job } = await send<{ job: Standing }>('query ($id: ID!) { job(id: $id) { status statusMessage } }', { id });
    if (wanted(job)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const startReceiver = async () => {
  const bodies: Buffer[] = [];
  let messages = 0;
  let wake = () => {};
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      if (request.url === '/feed') {
        bodies.push(body);
        messages += (JSON.parse(String(body)) as { length: number }).length;
      }
      response.writeHead(204).end();
      wake();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    host,
    url: `webhook-http://${host}/feed`,
    bodies,
    reaches: async (count: number) => {
      while (messages < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** In messages per millisecond. */
const postAll = async ({ host, bodies }: Receiver): Promise<number> => {
  const began = performance.now();
  for (const body of [...bodies]) await fetch(`http://${host}/raw`, { method: 'POST', body: new Uint8Array(body) });
  return CHANGES / (performance.now() - began);
};
