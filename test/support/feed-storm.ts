/** Writers in other processes, a receiver that dies, and what has to have come of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Database from 'better-sqlite3';

export interface Told {
  readonly key?: readonly [number];
  readonly after?: { readonly w: string; readonly n: number; readonly c: number } | null;
  readonly updated?: string;
  readonly resolved?: string;
}

export const makeTable = (file: string): void => {
  const sql = new Database(file);
  sql.exec(`CREATE TABLE t (k INTEGER PRIMARY KEY, u UNIQUE, w, n, c); CREATE TABLE ticks (c);
    INSERT INTO ticks VALUES (0)`);
  sql.close();
};

/** How many changes all writers have made. */
export const countChanges = (file: string): number => {
  const sql = new Database(file, { readonly: true, timeout: 30_000 });
  try {
    return sql.prepare('SELECT c FROM ticks').pluck().get() as number;
  } finally {
    sql.close();
  }
};

/** Starts a writer; resolves to the number of its last change. */
export const startWriter = async (file: string, writer: number, changes: number, pauseEvery = 0): Promise<number> => {
  const given = [file, writer, changes, pauseEvery].map(String);
  const child = spawn(process.execPath, ['dist-test/feed-writer.js', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a writer ended with ${code}`);
  return Number(text);
};

/** A receiver that can be killed and comes back at the same port, with what it had. */
export const startReceiver = async () => {
  const told: Told[] = [];
  let batches = 0;
  let server: Server | undefined;
  let port = 0;
  const start = async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        told.push(...(JSON.parse(Buffer.concat(parts).toString()) as { payload: Told[] }).payload);
        batches += 1;
        response.writeHead(204).end();
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  };
  await start();
  const kill = async () => {
    const closed = new Promise((resolve) => server?.close(resolve));
    server?.closeAllConnections();
    await closed;
  };
  return {
    told,
    start,
    kill,
    batches: () => batches,
    host: `127.0.0.1:${port}`,
    url: `webhook-http://127.0.0.1:${port}/`,
  };
};

/** What is wrong with what was told; nothing, when all is well. */
export const wrongWith = (file: string, told: readonly Told[], last: readonly number[]): string[] => {
  const wrong: string[] = [];
  const seen = last.map(() => new Set<number>());
  const rows = new Map<number, unknown>();
  let newest = 0;
  let resolved = '';
  let updated = '';
  for (const message of told) {
    if (message.resolved !== undefined) {
      if (message.resolved > resolved) resolved = message.resolved;
      continue;
    }
    const { key: [k] = [0], after = null } = message;
    if (after === null) rows.delete(k);
    else rows.set(k, after);
    if (after === null || seen[Number(after.w)]?.has(after.n)) continue;
    seen[Number(after.w)]?.add(after.n);
    if (after.c < newest) wrong.push(`change ${after.c} came after ${newest}`);
    newest = after.c;
    if (String(message.updated) < resolved) wrong.push(`${message.updated} came after resolved ${resolved}`);
    if (String(message.updated) < updated) wrong.push(`${message.updated} came after ${updated}`);
    updated = String(message.updated);
  }
  for (const [writer, count] of last.entries()) {
    const missing = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !seen[writer]?.has(n));
    if (missing.length > 0) wrong.push(`of writer ${writer}, ${missing.length} are missing: ${missing.slice(0, 5)}`);
  }
  const sql = new Database(file, { readonly: true });
  const table = sql.prepare('SELECT * FROM t ORDER BY k').all();
  sql.close();
  const replayed = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  if (JSON.stringify(replayed) !== JSON.stringify(table)) wrong.push('the replayed messages do not give the table');
  return wrong.slice(0, 10);
};
