/**
 * Sends queries about databases and storage to work processes, each with a time limit. If one query keeps its process
 * busy with a single statement, the process is killed, and the other queries in it are retried in another process. The
 * query that the process started last is assumed to be the cause.
 */
import { type SignalboxError, unavailable } from '../errors.ts';
import { PortClosed } from '../rpc/rpc.ts';
import type { Processes } from './processes.ts';
import { createTurns } from './turns.ts';
import type { WorkProcess } from './work-process.ts';
import type { KindName } from './work-protocol.ts';

export interface Question {
  readonly kind: KindName;
  readonly query: string;
  readonly args: readonly unknown[];
  readonly limitMs: number;
  /** The user who waits for the answer; undefined if the server does. */
  readonly userName?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** A thread that does not answer a ping within this time is busy with one statement: new queries go elsewhere. */
const PING_MS = 250;
/** A thread that stays busy with one statement for this many consecutive checks is killed. */
const BUSY_CHECKS = 4;
const BUSY_CHECK_MS = 2_000;
/** How many times a query is attempted when other queries end its process. */
const TRIES = 4;
/** The queries of one user that run at the same time. Each may keep a process busy with one statement. */
const AT_ONCE = 4;

export type AskInProcess = (question: Question) => Promise<unknown>;

/**
 * The returned function throws UNAVAILABLE when the query is not answered within its limit, which begins with its turn,
 * and CallerLeft as soon as nobody waits for the answer.
 */
export const createAskInProcess = (processes: Processes): AskInProcess => {
  const takeTurn = createTurns(AT_ONCE);
  return (question) => {
    const { userName, signal } = question;
    const run = () => ask(question, processes);
    return untilLeft(signal, () => (userName === undefined ? run() : takeTurn(userName, run)));
  };
};

const untilLeft = async (signal: AbortSignal | undefined, run: () => Promise<unknown>): Promise<unknown> => {
  if (signal === undefined) return run();
  requireCaller(signal);
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new CallerLeft());
    signal.addEventListener('abort', leave);
  });
  // The query may keep its process busy: it is watched until it has ended.
  const answer = run();
  answer.catch(() => undefined);
  return Promise.race([left, answer]).finally(() => signal.removeEventListener('abort', leave));
};

export class CallerLeft extends Error {
  override readonly name = 'CallerLeft';

  constructor() {
    super('the caller has left');
  }
}

/** @throws CallerLeft if nobody waits any more */
export const requireCaller = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new CallerLeft();
};

const ask = async (question: Question, processes: Processes): Promise<unknown> => {
  requireCaller(question.signal);
  const until = performance.now() + question.limitMs;
  for (let tries = 1; ; tries += 1) {
    const process = await takeResponsive(question, processes);
    try {
      return await askWithin(question, process, until - performance.now());
    } catch (error) {
      if (!(error instanceof PortClosed)) throw error;
      if (tries === TRIES || question.signal?.aborted || performance.now() >= until)
        throw unanswered(question, process.failure ?? error.message);
    } finally {
      processes.release(process);
    }
  }
};

const takeResponsive = async ({ userName }: Question, processes: Processes): Promise<WorkProcess> => {
  const passedOver: WorkProcess[] = [];
  try {
    for (;;) {
      const process = processes.takeForQuestion(userName, passedOver);
      if (process.questions.size === 0 || passedOver.includes(process) || (await responds(process, PING_MS)))
        return process;
      passedOver.push(process);
    }
  } finally {
    for (const process of passedOver) processes.release(process);
  }
};

/** Queries are numbered across all processes. */
let lastNumber = 0;

const askWithin = async (question: Question, process: WorkProcess, leftMs: number) => {
  const { kind, query, args, signal } = question;
  lastNumber += 1;
  const number = lastNumber;
  const over = new AbortController();
  const until = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const timers: NodeJS.Timeout[] = [];
  const tooLate = new Promise<never>((_, reject) => {
    const end = () => {
      over.abort();
      reject(unanswered(question, 'it takes too long'));
    };
    // A query that only waits for others leaves its process to the remaining queries.
    timers.push(
      setTimeout(end, leftMs),
      watchBusy(process, signal, () => {
        if (process.asking === number) end();
        void process.kill();
      }),
    );
  });
  process.questions.add(number);
  try {
    return await Promise.race([tooLate, process.thread.call('ask', [number, kind, query, args], until)]);
  } finally {
    process.questions.delete(number);
    timers.forEach(clearTimeout);
  }
};

/**
 * Calls `onBusy` when this many consecutive checks, or one after the caller has left, find the thread busy with one
 * statement.
 */
const watchBusy = (process: WorkProcess, signal: AbortSignal | undefined, onBusy: () => void): NodeJS.Timeout => {
  let busy = 0;
  return setInterval(async () => {
    busy = (await responds(process, BUSY_CHECK_MS / 2)) ? 0 : busy + 1;
    if (busy === BUSY_CHECKS || (busy > 0 && signal?.aborted)) onBusy();
  }, BUSY_CHECK_MS);
};

const responds = async (process: WorkProcess, withinMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const pong = process.thread.call('ping', []).then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([pong, silent]);
  } finally {
    clearTimeout(timer);
  }
};

const unanswered = ({ query }: Question, why: string): SignalboxError =>
  unavailable(`${query} could not be answered: ${why}`);
