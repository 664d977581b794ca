/**
 * The work processes. A job that comes to an end has a process to itself. Continuous jobs share processes, up to 16 in
 * each, and so do the queries of one user. An idle process is kept for a moment, and the last one for as long as the
 * server runs. When the limit is reached, a job shares the process that has the fewest jobs, and a query one of its
 * user. Neither waits for a process: a user who has none gets one beyond the limit.
 */
import type { ProcessRecords } from './survivors.ts';
import { type ProcessSettings, startWorkProcess, type WorkProcess } from './work-process.ts';

type Use = 'job' | 'continuous' | 'question';

export interface Processes {
  /** Starts a process before it is needed. */
  warm(): void;
  take(use: 'job' | 'continuous'): WorkProcess;
  /**
   * `userName` is the user who waits for the answer, undefined for the server itself. The answer is one of `except` if
   * the limit allows no other.
   */
  takeForQuestion(userName: string | undefined, except: readonly WorkProcess[]): WorkProcess;
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
  /** The user whose queries it answers. */
  userName?: string | undefined;
  /** The number of jobs or queries. */
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

  /** An idle process, or a new one. Null when the limit is reached. */
  const another = (use: Use): Slot | null => {
    const free = idle(use);
    if (free !== undefined) return free;
    if (slots.size < options.max) return start();
    const unused = all().find(({ users }) => users === 0);
    if (unused === undefined) return null;
    void unused.process.kill();
    return start();
  };
  const isShared = ({ users }: Slot) => users > 0 && users < SHARED_BY;
  const chooseForJob = (use: 'job' | 'continuous'): Slot => {
    const shared = use === 'job' ? undefined : leastUsed(all().filter((slot) => slot.use === use && isShared(slot)));
    return (
      shared ?? another(use) ?? leastUsed(all().filter((slot) => slot.users > 0 && slot.use !== 'question')) ?? start()
    );
  };
  const chooseForQuestion = (userName: string | undefined, except: readonly WorkProcess[]): Slot => {
    const isOwn = (slot: Slot) => slot.use === 'question' && slot.userName === userName;
    return (
      leastUsed(all(except).filter((slot) => isOwn(slot) && isShared(slot))) ??
      another('question') ??
      leastUsed(all().filter(isOwn)) ??
      start()
    );
  };
  const occupy = (slot: Slot, use: Use, userName?: string): WorkProcess => {
    clearTimeout(slot.idle);
    slot.use = use;
    slot.userName = userName;
    slot.users += 1;
    if (use !== 'question' && !slot.process.isLow) slot.process.lowerPriority();
    return slot.process;
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
    take: (use) => occupy(chooseForJob(use), use),
    takeForQuestion: (userName, except) => occupy(chooseForQuestion(userName, except), 'question', userName),
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
