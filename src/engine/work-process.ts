/**
 * One work process, as the server sees it: src/app/work-process.ts is its other end. It leads a group of processes of
 * its own, so that what it has started is killed with it, and a signal of the terminal reaches the server only.
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
  /** Called when the process takes no step while it holds a lock. */
  stuck(seconds: number): void;
}

export interface WorkProcess {
  readonly pid: number;
  readonly thread: Connection<WorkThread>;
  readonly jobs: Map<number, RunningJob>;
  /** What it was asked and has not answered. */
  readonly questions: Set<number>;
  /** The question that it began to work on last; 0 before the first. */
  readonly asking: number;
  /** It has the lowest priority, which it keeps. */
  readonly isLow: boolean;
  /** Why it ended by itself, in words for people; null while that is not known. */
  readonly failure: string | null;
  readonly ended: Promise<void>;
  lowerPriority(): void;
  /** Resolves once it writes nothing any more. */
  kill(): Promise<void>;
}

export interface ProcessSettings extends WorkOptions {
  /** Of the objects of JavaScript; buffers and SQLite come on top. */
  readonly memoryMb: number;
  /** Takes what it prints. */
  readonly onOutput: (pid: number, text: string) => void;
}

const LOWEST_PRIORITY = 19;

export const startWorkProcess = ({ memoryMb, stuckMs, onOutput }: ProcessSettings): WorkProcess => {
  const flags = [`--max-old-space-size=${memoryMb}`, '--max-semi-space-size=8'];
  const options: WorkOptions = { stuckMs };
  const child = spawn(
    process.execPath,
    [...flags, fileURLToPath(entryPoint('work-process')), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced', detached: true },
  );
  const pid = child.pid ?? 0;
  const jobs = new Map<number, RunningJob>();
  let failure: string | null = null;
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
    lowerPriority: () => {
      isLow = true;
      for (const task of tasksOf(pid)) lower(task);
    },
    kill: async () => {
      killGroup(pid);
      await ended;
    },
  };
};

/** On Linux each thread has a priority of its own. */
const tasksOf = (pid: number): readonly number[] => {
  try {
    return process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
  } catch {
    return [];
  }
};

/** One that has ended meanwhile needs none. */
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
