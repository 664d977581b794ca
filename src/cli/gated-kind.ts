/**
 * The kind under `signalbox torture`, as work processes and workers load it: it asks before each step whether it may go on.
 * The query of this module's URL names the module of the kind, its export, and who is asked.
 */
import type { Io, Kind, Step, Work } from '../jobs/kind.ts';

const parameter = (name: string): string => new URL(import.meta.url).searchParams.get(name) ?? '';

const { [parameter('export')]: scene } = (await import(parameter('module'))) as Readonly<
  Record<string, { readonly kind: Kind } | undefined>
>;
if (scene === undefined) throw new Error(`${parameter('module')} has no export ${parameter('export')}`);
const { kind } = scene;

const ask = async (path: string, body: object): Promise<string> => {
  const response = await fetch(new URL(path, parameter('control')), {
    method: 'POST',
    headers: { connection: 'close' },
    body: JSON.stringify({ ...body, pid: process.pid }),
  });
  return response.text();
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });

async function* gated<R>(
  steps: AsyncGenerator<Step<unknown>, R, void>,
  { claim: { jobId, epoch } }: Work<unknown, unknown>,
  { signal }: Io,
): AsyncGenerator<Step<unknown>, R, void> {
  try {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      // A job that was asked to stop stops at this step, however fast the next one would be.
      if ((await ask('step', { jobId, epoch })) === 'stop') await aborted(signal);
      yield next.value;
    }
  } finally {
    await steps.return(undefined as R);
    await ask('end', { jobId, epoch }).catch(() => undefined);
  }
}

/** Its texts are left out, since functions cannot be registered by a worker. */
export const gatedKind: Kind = {
  ...kind,
  texts: {},
  run: (work, io) => gated(kind.run(work, io), work, io),
  revert: (work, io) => gated(kind.revert(work, io), work, io),
};
