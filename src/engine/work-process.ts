/**
 * One work process, as the server sees it; src/app/work-process.ts is the other end. The process leads a process group
 * of its own, so that its children are killed with it and a terminal signal reaches only the server.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { entryPoint } from '../rpc/entry-point.ts';
import { childPort, inPieces } from '../rpc/port.ts';
import { type Connection, connect } from '../rpc/rpc.ts';
import type { ClaimedJob } from './execute.ts';
import type { WorkOptions, WorkServer, WorkThread } from './work-protocol.ts';

/** A job that runs in a process. */
export interface RunningJob extends ClaimedJob {
  /** Called when the process completes no step while it holds a lock. */
  stuck(seconds: number): void;
}

export interface WorkProcess {
  readonly pid: number;
  readonly thread: Connection<WorkThread>;
  readonly jobs: Map<number, RunningJob>;
  /** The queries that were sent to it and are not answered yet. */
  readonly questions: Set<number>;
  /** The query that it started last; 0 before the first. */
  readonly asking: number;
  /** The process has the lowest priority, and keeps it. */
  readonly isLow: boolean;
  /** Why it ended by itself, as text for people; null while that is unknown. */
  readonly failure: string | null;
  /** A job or query in it did not stop when it was asked to, so that the process was killed. */
  readonly wasStopped: boolean;
  readonly ended: Promise<void>;
  lowerPriority(): void;
  /** Resolves once the process can write nothing more. */
  kill(why?: 'stop'): Promise<void>;
}

export interface ProcessSettings extends WorkOptions {
  /** The limit for JavaScript objects; buffers and SQLite need additional memory. */
  readonly memoryMb: number;
  /** Receives the output of the process. */
  readonly onOutput: (pid: number, text: string) => void;
}

const LOWEST_PRIORITY = 19;

export const startWorkProcess = ({ memoryMb, stuckMs, onOutput }: ProcessSettings): WorkProcess => {
  const flags = [`--max-old-space-size=${memoryMb}`, '--max-semi-space-size=32'];
  const options: WorkOptions = { stuckMs };
  const child = spawn(
    process.execPath,
    [...flags, fileURLToPath(entryPoint('work-process')), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced', detached: true },
  );
  const pid = child.pid ?? 0;
  const jobs = new Map<number, RunningJob>();
  let failure: string | null = null;
  let wasStopped = false;
  let isLow = false;
  let asking = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => onOutput(pid, text));
  }
  const answer = (method: string, [run, ...args]: readonly unknown[]) => {
    if (method === 'failed') failure = String(run);
    else if (method === 'asking') asking = Number(run);
    else if (method === 'stuck') for (const job of jobs.values()) job.stuck(Number(run));
    else {
      const job = jobs.get(Number(run));
      const ask = job?.[method as keyof WorkServer & keyof ClaimedJob] as ((...args: unknown[]) => unknown) | undefined;
      if (job === undefined || ask === undefined) throw new Error(`no job ${run} of this process asks for ${method}`);
      return ask(...args);
    }
  };
  const thread = connect<WorkThread>(inPieces(childPort(child, 'the process that ran it')), answer);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  return {
    pid,
    thread,
    jobs,
    questions: new Set(),
    ended,
    get asking() {
      return asking;
    },
    get isLow() {
      return isLow;
    },
    get failure() {
      return failure;
    },
    get wasStopped() {
      return wasStopped;
    },
    lowerPriority: () => {
      isLow = true;
      for (const task of tasksOf(pid)) lower(task);
    },
    kill: async (why) => {
      wasStopped ||= why === 'stop';
      killGroup(pid);
      await ended;
    },
  };
};

/** On Linux each thread has its own priority. */
const tasksOf = (pid: number): readonly number[] => {
  try {
    return process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
  } catch {
    return [];
  }
};

/** A thread that has ended in the meantime is skipped. */
const lower = (pid: number) => {
  try {
    setPriority(pid, LOWEST_PRIORITY);
  } catch {}
};

export const killGroup = (pid: number): void => {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {}
  }
};
