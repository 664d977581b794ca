/** Where the jobs of `signalbox torture` ask before each step: see gated-kind.ts. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface GatedStep {
  readonly jobId: string;
  readonly epoch: number;
  readonly pid: number;
}

/** One step at which a job is held. */
export interface Held extends GatedStep {
  /** Lets the job go on: with `stop` only once it has learned that it has to stop. */
  release(how?: 'stop'): void;
  /** Resolves when the generator has ended. */
  readonly ended: Promise<void>;
}

export const openGate = async () => {
  let steps = 0;
  let holding: { readonly n: number; readonly resolve: (held: Held) => void } | null = null;
  let seen = 0;
  const ends = new Map<string, () => void>();
  const keyOf = ({ jobId, epoch }: GatedStep) => `${jobId} ${epoch}`;
  const onStep = async (step: GatedStep): Promise<'stop' | undefined> => {
    steps += 1;
    if (holding === null) return undefined;
    seen += 1;
    if (seen < holding.n) return undefined;
    const { resolve } = holding;
    holding = null;
    const ended = new Promise<void>((end) => ends.set(keyOf(step), end));
    return new Promise((release) => resolve({ ...step, release, ended }));
  };
  const server = createServer(async (request, response) => {
    const step = JSON.parse(await text(request)) as GatedStep;
    if (request.url === '/step') response.end(await onStep(step));
    else {
      ends.get(keyOf(step))?.();
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    steps: () => steps,
    /** The nth step from now on is held. One job runs at a time. */
    hold: (n: number): Promise<Held> => {
      seen = 0;
      return new Promise((resolve) => {
        holding = { n, resolve };
      });
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
