/** A worker in the test's own program, and a kind whose steps the test lets pass. */
import { expect } from 'vitest';
import { z } from 'zod';
import { defineKind } from '../../src/jobs/define.ts';
import { startWorker, type WorkerOptions } from '../../src/remote-worker/start-worker.ts';
import type { TestApp } from './app.ts';

/** What the kind did, in order, across all workers of the test. */
export interface Trace {
  readonly lines: string[];
  /** Lets one step pass. */
  pass(): void;
  /** Waits until so many steps wait to be passed. */
  waits(count?: number): Promise<void>;
}

export const tracedKind = (name = 'REMOTE_COUNT') => {
  const waiting = new Set<() => void>();
  const lines: string[] = [];
  const trace: Trace = {
    lines,
    pass: () => {
      const [first] = waiting;
      if (first !== undefined) first();
    },
    waits: (count = 1) => expect.poll(() => waiting.size).toBe(count) as unknown as Promise<void>,
  };
  const kind = defineKind({
    name,
    description: 'Counts elsewhere.',
    input: z.object({ to: z.int().min(1).max(1000), key: z.string().meta({ secret: true }).optional() }),
    checkpoint: z.object({ n: z.int() }),
    async *run({ input, checkpoint, epoch, jobId }, { signal, attempt }) {
      lines.push(
        `run ${jobId} from ${checkpoint?.n ?? 0} key ${input.key ?? 'none'} attempt ${attempt} epoch ${epoch}`,
      );
      for (let n = (checkpoint?.n ?? 0) + 1; n <= input.to; n += 1) {
        signal.throwIfAborted();
        await new Promise<void>((pass, stop) => {
          const end = (act: () => void) => {
            waiting.delete(passed);
            signal.removeEventListener('abort', aborted);
            act();
          };
          const passed = () => end(pass);
          const aborted = () => end(() => stop(signal.reason));
          waiting.add(passed);
          signal.addEventListener('abort', aborted);
        });
        lines.push(`wrote ${n} epoch ${epoch}`);
        yield { checkpoint: { n }, fractionCompleted: n / input.to, counters: { numbers: n } };
      }
      return { sum: (input.to * (input.to + 1)) / 2 };
    },
    async revert({ checkpoint, epoch }) {
      lines.push(`revert from ${checkpoint?.n ?? 0} epoch ${epoch}`);
    },
  });
  return { kind, trace };
};

/** `await using worker = await remoteWorker(app, { kinds })` stops it at the end. */
export const remoteWorker = async ({ url }: Pick<TestApp, 'url'>, options: Omit<WorkerOptions, 'url'>) => {
  const log: string[] = [];
  const worker = await startWorker({ url, name: 'elsewhere', log: (line) => log.push(line), ...options });
  return { ...worker, log, [Symbol.asyncDispose]: () => worker.stop() };
};

/** One request of the protocol, as a worker in any language sends it. */
export const callWorker = async (
  url: string,
  name: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  const response = await fetch(url.replace('/graphql', `/worker/${name}`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { errors, ...answer } = (await response.json()) as {
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions: { readonly code: string; readonly field?: string };
    }[];
    readonly [field: string]: unknown;
  };
  const [error] = errors ?? [];
  return { status: response.status, answer, error: error && { ...error.extensions, message: error.message } };
};
