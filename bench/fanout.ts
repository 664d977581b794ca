import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { type BenchServer, type Result, startServer } from './support/server.ts';
import { makeWaiting } from './support/waiting.ts';

const SOCKETS = 1_000;
const BURST = 50;
/** Commands of each measurement: a burst of events each, or one event each. */
const BURSTS = 10;
const LONE = 100;
const SUBSCRIPTIONS_EACH = 10;
const QUERY = `subscription ($where: JobEventFilter, $after: Cursor) {
  jobStatusChanged(where: $where, after: $after) { cursor jobId at from to command reason actor { name } }
}`;

/**
 * CPU of the server for each message that it delivers, compared with a program that only sends the same text, one send
 * for each message. The CPU of the same commands without listeners is subtracted.
 */
export const measure = async (): Promise<readonly Result[]> => {
  await using server = await startServer({ WORKERS: '1', MAX_REQUESTS_PER_SECOND: '1000000', MAX_SOCKETS: '5000' });
  const ids = await makeWaiting(server, BURST);
  const silent = { have: async () => undefined };
  await deliver(server, ids, silent, LONE, 1);
  const commands = {
    lone: await deliver(server, ids, silent, LONE, 1),
    burst: await deliver(server, ids, silent, BURSTS, BURST),
  };
  const costOf = async (listeners: Pick<Listeners, 'have'>) => {
    const lone = await deliver(server, ids, listeners, LONE, 1);
    const burst = await deliver(server, ids, listeners, BURSTS, BURST);
    return {
      lone: ((lone - commands.lone) * 1_000) / (LONE * SOCKETS),
      burst: ((burst - commands.burst) * 1_000) / (BURSTS * BURST * SOCKETS),
    };
  };
  const same = await subscribe(server, () => [{}]);
  const alike = await costOf(same);
  same.close();
  const filtered = await subscribe(server, (n) => [{ where: { jobId: { notIn: [String(n + 1)] } } }]);
  const different = await costOf(filtered);
  filtered.close();
  const raw = await broadcast(same.sample());
  const each = await ofOneJobEach(server, ids);
  const row = (name: string, cpu: number, against: number, target: number): Result => ({
    name,
    measured: `${cpu.toFixed(1)} µs`,
    against: `ws sends the same text: ${against.toFixed(1)} µs`,
    ratio: cpu / against,
    target: `<= ${target}`,
    met: cpu / against <= target,
  });
  return [
    row(`CPU a message, ${SOCKETS} identical subscriptions, one event`, alike.lone, raw, 1.1),
    row(`the same, ${BURST} events at once`, alike.burst, raw, 0.25),
    row(`CPU a message, ${SOCKETS} different filters, one event`, different.lone, raw, 1.5),
    row(`the same, ${BURST} events at once`, different.burst, raw, 0.5),
    each,
  ];
};

/** An event costs the same with 10,000 subscriptions to other jobs as without them. */
const ofOneJobEach = async (server: BenchServer, ids: readonly string[]): Promise<Result> => {
  const silent = { have: async () => undefined };
  const count = SOCKETS * SUBSCRIPTIONS_EACH;
  const others = await subscribe(server, (n) =>
    Array.from({ length: SUBSCRIPTIONS_EACH }, (_, m) => ({
      where: { jobId: { equals: String(1 + n * SUBSCRIPTIONS_EACH + m) } },
    })),
  );
  const withThem = await deliver(server, ids, silent, 4 * LONE, 1);
  others.close();
  const alone = await deliver(server, ids, silent, 4 * LONE, 1);
  const ratio = withThem / alone;
  return {
    name: `CPU of a command next to ${count} subscriptions to one other job each`,
    measured: `${(withThem / (4 * LONE)).toFixed(2)} ms`,
    against: `without subscriptions: ${(alone / (4 * LONE)).toFixed(2)} ms`,
    ratio,
    target: '<= 1.1',
    met: ratio <= 1.1,
  };
};

interface Listeners {
  /** Waits until each socket has received so many more messages. */
  have(count: number): Promise<void>;
  sample(): string;
  close(): void;
}

const subscribe = async (server: BenchServer, variablesOf: (n: number) => readonly object[]): Promise<Listeners> => {
  const { jobs } = await server.send<{ jobs: { cursor: string } }>('{ jobs(first: 0) { cursor } }');
  const url = server.url.replace('http', 'ws');
  return listenAt(url, async (socket, n) => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { user: 'root' } }));
    await once(socket, 'message');
    for (const variables of variablesOf(n)) {
      const payload = { query: QUERY, variables: { ...variables, after: jobs.cursor } };
      // Clients choose different ids.
      socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload }));
    }
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
      if (sample === '') sample = String(data);
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

/** The CPU time of so many commands for so many jobs each, in ms, with the delivery of their events. */
const deliver = async (
  server: BenchServer,
  ids: readonly string[],
  listeners: Pick<Listeners, 'have'>,
  commands: number,
  jobs: number,
): Promise<number> => {
  const some = ids.slice(0, jobs);
  const command = async (verb: string) => {
    await server.send(
      `mutation ($ids: [ID!]!) { ${verb}Jobs(jobs: { ids: $ids }, reason: "bench") { changedCount } }`,
      { ids: some },
    );
    await listeners.have(jobs);
  };
  await command('pause');
  await command('resume');
  const before = cpuMs(server.pid);
  for (let n = 0; n < commands; n += 1) await command(n % 2 === 0 ? 'pause' : 'resume');
  return cpuMs(server.pid) - before;
};

/** CPU a message, in µs. */
const broadcast = async (text: string): Promise<number> => {
  const child = spawn(process.execPath, ['bench/support/broadcast.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const listeners = await listenAt(url, async () => undefined);
  const send = async () => {
    child.stdin.write(`${text}\n`);
    await listeners.have(1);
  };
  for (let n = 0; n < 10; n += 1) await send();
  const before = cpuMs(child.pid ?? 0);
  for (let n = 0; n < LONE; n += 1) await send();
  const cpu = ((cpuMs(child.pid ?? 0) - before) * 1_000) / (LONE * SOCKETS);
  listeners.close();
  child.kill();
  return cpu;
};

/** The CPU time of a process on all cores, in user and system mode. */
const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
