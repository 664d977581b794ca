import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { type BenchServer, type Result, startServer } from './support/server.ts';
import { makeWaiting } from './support/waiting.ts';

const SOCKETS = 1_000;
const JOBS = 50;
const COMMANDS = 10;
const MESSAGES = SOCKETS * JOBS * COMMANDS;
const QUERY = `subscription ($where: JobEventFilter, $after: Cursor) {
  jobStatusChanged(where: $where, after: $after) { cursor jobId at from to command reason actor { name } }
}`;

/** CPU of the server for each message that it delivers, compared with a program that only sends the same text. */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1' });
  const ids = await makeWaiting(server, JOBS);
  const same = await subscribe(server, () => ({}));
  const alike = await deliver(server, ids, same);
  same.close();
  const filtered = await subscribe(server, (n) => ({ where: { jobId: { notIn: [String(n + 1)] } } }));
  const different = await deliver(server, ids, filtered);
  filtered.close();
  const raw = await broadcast(same.sample());
  const row = (name: string, cpu: number, target: number): Result => ({
    name,
    measured: `${cpu.toFixed(1)} µs`,
    against: `a broadcast of the same text: ${raw.toFixed(1)} µs`,
    ratio: cpu / raw,
    target: `<= ${target}`,
    met: cpu / raw <= target,
  });
  return [
    row(`CPU a message, ${SOCKETS} identical subscriptions`, alike, 1.3),
    row(`the same with ${SOCKETS} different filters`, different, 4),
  ];
};

interface Listeners {
  /** Waits until each socket has received so many more messages. */
  have(count: number): Promise<void>;
  sample(): string;
  close(): void;
}

const subscribe = async (server: BenchServer, variablesOf: (n: number) => object): Promise<Listeners> => {
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs(first: 0) { cursor } }');
  const url = server.url.replace('http', 'ws');
  return listenAt(url, async (socket, n) => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { user: 'root' } }));
    await once(socket, 'message');
    const variables = { ...variablesOf(n), after: jobs.cursor };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY, variables } }));
  });
};

const listenAt = async (url: string, begin: (socket: WebSocket, n: number) => Promise<void>): Promise<Listeners> => {
  let [seen, wanted, sample] = [0, 0, ''];
  let resolve = () => {};
  const sockets: WebSocket[] = [];
  for (let n = 0; n < SOCKETS; n += 1) {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    await once(socket, 'open');
    await begin(socket, n);
    socket.on('message', (data) => {
      seen += 1;
      if (seen === wanted) sample = String(data);
      if (seen >= wanted) resolve();
    });
    sockets.push(socket);
  }
  return {
    have: (count) => {
      wanted += count * SOCKETS;
      return new Promise((done) => {
        resolve = done;
        if (seen >= wanted) done();
      });
    },
    sample: () => sample,
    close: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
};

const deliver = async (server: BenchServer, ids: readonly string[], listeners: Listeners): Promise<number> => {
  const command = async (verb: string) => {
    await server.send(
      `mutation ($ids: [ID!]!) { ${verb}Jobs(jobs: { ids: $ids }, reason: "bench") { changedCount } }`,
      { ids },
    );
    await listeners.have(JOBS);
  };
  await command('pause');
  await command('resume');
  const before = cpuMs(server.pid);
  for (let n = 0; n < COMMANDS; n += 1) await command(n % 2 === 0 ? 'pause' : 'resume');
  return ((cpuMs(server.pid) - before) * 1_000) / MESSAGES;
};

const broadcast = async (text: string): Promise<number> => {
  const child = spawn(process.execPath, ['bench/support/broadcast.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const listeners = await listenAt(url, async () => undefined);
  const send = async () => {
    child.stdin.write(`${text}\n`.repeat(JOBS));
    await listeners.have(JOBS);
  };
  await send();
  await send();
  const before = cpuMs(child.pid ?? 0);
  for (let n = 0; n < COMMANDS; n += 1) await send();
  const cpu = ((cpuMs(child.pid ?? 0) - before) * 1_000) / MESSAGES;
  listeners.close();
  child.kill();
  return cpu;
};

/** The CPU time of a process on all cores, in user and system mode. */
const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
