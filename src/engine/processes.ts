/**
 * The work processes. A job that comes to an end has a process to itself. Continuous jobs share processes, up to 16 in
 * each, and so do queries. An idle process is kept for a moment, and the last one for as long as the server runs. When
 * the limit is reached, a job shares the process that has the fewest jobs: jobs never wait for a process.
 */
import type { ProcessRecords } from './survivors.ts';
import { type ProcessSettings, startWorkProcess, type WorkProcess } from './work-process.ts';

export type Use = 'job' | 'continuous' | 'question';

export interface Processes {
  /** Starts a process before it is needed. */
  warm(): void;
  take(use: Use, except?: readonly WorkProcess[]): WorkProcess;
  /** Called once for each `take`, when nothing of it runs there any more. */
  release(process: WorkProcess): void;
  /** Kills all processes and waits until they have ended. */
  close(): Promise<void>;
}

export interface ProcessesOptions extends ProcessSettings {
  readonly records: ProcessRecords;
  /** The maximum number of processes. */
  readonly max: number;
}

const SHARED_BY = 16;
const IDLE_MS = 5_000;

interface Slot {
  readonly process: WorkProcess;
  use: Use | null;
  users: number;
  idle?: NodeJS.Timeout | undefined;
}

export const startProcesses = (options: ProcessesOptions): Processes => {
  const slots = new Map<WorkProcess, Slot>();
  let isWarm = false;
  let closed = false;

  const start = (): Slot => {
    if (closed) throw new Error('the work processes are closed');
    const process = startWorkProcess(options);
    options.records.add(process.pid);
    const slot: Slot = { process, use: null, users: 0 };
    slots.set(process, slot);
    void process.ended.then(() => {
      clearTimeout(slot.idle);
      slots.delete(process);
      options.records.remove(process.pid);
    });
    return slot;
  };

  const all = (except: readonly WorkProcess[] = []) =>
    [...slots.values()].filter(({ process }) => !except.includes(process));
  const leastUsed = (found: readonly Slot[]) => [...found].sort((a, b) => a.users - b.users)[0];

  /** Queries do not use a process that has the lowest priority: it is left to jobs. */
  const idle = (use: Use) => {
    const free = all().filter(({ users, process }) => users === 0 && (use !== 'question' || !process.isLow));
    return free.find(({ process }) => process.isLow) ?? free[0];
  };

  const choose = (use: Use, except: readonly WorkProcess[]): Slot => {
    const others = all(except).filter(({ users }) => users > 0);
    const sharing = others.filter((slot) => slot.use === use);
    if (use !== 'job') {
      const shared = leastUsed(sharing.filter(({ users }) => users < SHARED_BY));
      if (shared !== undefined) return shared;
    }
    const free = idle(use);
    if (free !== undefined) return free;
    if (slots.size < options.max) return start();
    const unused = all().find(({ users }) => users === 0);
    if (unused === undefined) {
      return leastUsed(use === 'question' ? sharing : others.filter((slot) => slot.use !== 'question')) ?? start();
    }
    void unused.process.kill();
    return start();
  };

  /** The last one is kept by replacing it with a new process, which is small and has normal priority. */
  const end = (slot: Slot) => {
    const isLast = slots.size === 1;
    if (isLast && !slot.process.isLow) return;
    void slot.process.kill();
    if (isLast && isWarm && !closed) start();
  };

  return {
    warm: () => {
      isWarm = true;
      if (slots.size === 0) start();
    },
    take: (use, except = []) => {
      const slot = choose(use, except);
      clearTimeout(slot.idle);
      slot.use = use;
      slot.users += 1;
      if (use !== 'question' && !slot.process.isLow) slot.process.lowerPriority();
      return slot.process;
    },
    release: (process) => {
      const slot = slots.get(process);
      if (slot === undefined) return;
      slot.users -= 1;
      if (slot.users > 0) return;
      slot.use = null;
      slot.idle = setTimeout(() => end(slot), IDLE_MS).unref();
    },
    close: async () => {
      closed = true;
      await Promise.all(all().map(({ process }) => process.kill()));
    },
  };
};
