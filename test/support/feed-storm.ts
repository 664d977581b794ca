/** Writers in other processes, a receiver that dies, and what has to have come of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';

export interface Message {
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

export interface Writer {
  /** Makes so many changes, and resolves once they are committed. */
  write(changes: number): Promise<void>;
  /** Resolves to the number of its last change. */
  end(): Promise<number>;
}

/** Starts a process that writes when it is asked to. */
export const startWriter = (file: string, writer: number): Writer => {
  const child = spawn(process.execPath, ['dist-test/feed-writer.js', file, String(writer)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last = 0;
  return {
    write: async (changes) => {
      child.stdin.write(`${changes}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error('a writer ended before it was asked to');
      last = Math.max(last, Number(value));
    },
    end: async () => {
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`a writer ended with ${code}`);
      return last;
    },
  };
};

/** A receiver that can be killed and comes back at the same port, with what it had. */
export const startReceiver = async () => {
  const received: Message[] = [];
  const waiting = new Set<() => void>();
  let batches = 0;
  let server: Server | undefined;
  let port = 0;
  const start = async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        received.push(...(JSON.parse(Buffer.concat(parts).toString()) as { payload: Message[] }).payload);
        batches += 1;
        response.writeHead(204).end();
        for (const look of waiting) look();
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
  const atLeast = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (received.length < count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    received,
    /** Resolves once so many messages have been received. */
    atLeast,
    start,
    kill,
    batches: () => batches,
    host: `127.0.0.1:${port}`,
    url: `webhook-http://127.0.0.1:${port}/`,
  };
};

/** What is wrong with what was received; nothing, when all is well. */
export const wrongWith = (file: string, received: readonly Message[], last: readonly number[]): string[] => {
  const wrong: string[] = [];
  const seen = last.map(() => new Set<number>());
  const rows = new Map<number, unknown>();
  let newest = 0;
  let resolved = '';
  let updated = '';
  for (const message of received) {
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
