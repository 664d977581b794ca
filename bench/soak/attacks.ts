// `npm run soak attacks`: what one attacker costs the other users. 500 connections a second that are opened and dropped,
// 2,000 sockets that never read, and a flood of queries that are refused: each for SECONDS (600). The server is stopped in
// the middle of the last. ATTACKS selects some of them, such as `connections,unread`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { type BenchServer, median, type Result, startServer } from '../support/server.ts';
import { makeWaiting } from '../support/waiting.ts';

const SECONDS = Number(process.env.SECONDS ?? 600);
const ATTACKS: readonly (readonly [string, number, string])[] = [
  ['connections', 500, '500 connections a second'],
  ['unread', 2_000, '2,000 sockets that never read'],
  ['refused', 500, '500 refused queries a second'],
];
const CHOSEN = process.env.ATTACKS?.split(',') ?? ATTACKS.map(([name]) => name);
const ATTACKER = fileURLToPath(new URL('../support/attacker.ts', import.meta.url));
const PAGE = '{ jobs(first: 20) { nodes { id type status description fractionCompleted } } }';

export const measure = async (): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const [name, rate, title] of ATTACKS)
    if (CHOSEN.includes(name)) results.push(...(await attack(name, rate, title)));
  return results;
};

const attack = async (name: string, rate: number, title: string): Promise<readonly Result[]> => {
  await using calm = await startServer({ WORKERS: '1' });
  const server = await startServer({ WORKERS: '1' });
  for (const one of [calm, server]) await makeWaiting(one, 20);
  await read(server, calm, 3);
  const attacker = spawn(process.execPath, ['--import', 'tsx', ATTACKER, name, server.url, String(rate)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let done: Readonly<Record<string, number>> = {};
  createInterface({ input: attacker.stdout }).on('line', (line) => {
    done = JSON.parse(line);
  });
  while (Object.keys(done).length === 0 || (done.opened ?? rate) < rate) await read(server, calm, 1);
  const { attacked, idle, memory, cpu } = await read(server, calm, SECONDS);
  const stopped = await stop(server);
  attacker.kill();
  // The first fifth of the time lets the heap reach its size.
  const settled = memory.slice(Math.ceil(memory.length / 5));
  const half = Math.ceil(settled.length / 2);
  const [earlier, later] = [median(settled.slice(0, half)), median(settled.slice(half))];
  const ratio = p99(attacked) / p99(idle);
  const some = memory.filter((_, n) => n % Math.ceil(memory.length / 12) === 0).map((mb) => mb.toFixed(0));
  return [
    {
      name: `${title}, ${SECONDS} s: a page of 20 jobs, p99`,
      measured: `${p99(attacked).toFixed(1)} ms, median ${median(attacked).toFixed(1)} ms, of ${attacked.length}; CPU ${cpu.toFixed(0)} %; ${JSON.stringify(done)}`,
      against: `a server that is not attacked: ${p99(idle).toFixed(1)} ms, median ${median(idle).toFixed(1)} ms`,
      ratio,
      target: '<= 2',
      met: ratio <= 2,
    },
    {
      name: 'memory, later half',
      measured: `${later.toFixed(0)} MB of ${some.join(' ')}`,
      against: `earlier half: ${earlier.toFixed(0)} MB`,
      ratio: later / earlier,
      target: '<= 1.1',
      met: later / earlier <= 1.1,
    },
    {
      name: 'SIGTERM in the middle of it',
      measured: `exit ${stopped.code} after ${stopped.seconds.toFixed(1)} s; the running job is ${stopped.job}`,
      against: '10 s (DRAIN_SECONDS)',
      ratio: stopped.seconds / 10,
      target: 'exit 0 in time, PENDING',
      met: stopped.code === 0 && stopped.seconds <= 10 && stopped.job === 'PENDING with its checkpoint',
    },
  ];
};

const p99 = (delays: readonly number[]) =>
  delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? Number.NaN;

/**
 * Requests a page again and again from a server and from one that is not attacked, in turn, so that both have the same
 * machine. `cpu` is the share of one core that the server used, in percent.
 */
const read = async (server: BenchServer, calm: BenchServer, seconds: number) => {
  const began = performance.now();
  const cpuBefore = cpuSeconds(server.pid);
  const [attacked, idle, memory]: [number[], number[], number[]] = [[], [], []];
  const time = async (one: BenchServer, delays: number[]) => {
    const at = performance.now();
    await one.send(PAGE);
    delays.push(performance.now() - at);
  };
  for (let sampled = 0; performance.now() < began + seconds * 1_000; ) {
    await time(server, attacked);
    await time(calm, idle);
    if (performance.now() - sampled > 1_000) {
      sampled = performance.now();
      memory.push(residentMb(server.pid));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const cpu = ((cpuSeconds(server.pid) - cpuBefore) / (performance.now() - began)) * 100_000;
  return { attacked, idle, memory, cpu };
};

const stop = async (server: BenchServer) => {
  const began = performance.now();
  const ended = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  const seconds = (performance.now() - began) / 1_000;
  const db = new Sqlite(join(server.dataDir, 'signalbox.db'), { readonly: true });
  const row = db
    .prepare(`SELECT status, checkpoint FROM Job JOIN JobWork ON jobId = id WHERE startedAt IS NOT NULL`)
    .get() as { status: string; checkpoint: string | null } | undefined;
  db.close();
  server.remove();
  return { code, seconds, job: `${row?.status} ${row?.checkpoint ? 'with its checkpoint' : 'without a checkpoint'}` };
};

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
const cpuSeconds = (pid: number): number => {
  const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.join('').split(' ').slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
};
