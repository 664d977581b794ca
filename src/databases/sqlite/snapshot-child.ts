/** Makes a snapshot in a separate process, and kills the process when the snapshot is no longer needed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Step, Transient } from '../../jobs/kind.ts';
import { entryPoint } from '../../rpc/entry-point.ts';
import { childPort } from '../../rpc/port.ts';
import { connect, PortClosed } from '../../rpc/rpc.ts';
import { sleep } from '../../sleep.ts';
import type { Snapshot, SnapshotOrder } from './snapshot.ts';

/** The calls that the process answers. */
export interface SnapshotProcess {
  make(order: SnapshotOrder): Promise<Snapshot>;
}

/**
 * Makes a snapshot. Since nothing reports how far it is, the step is repeated meanwhile, so that a stop is noticed.
 * Nothing is being written any more when it returns, throws or is closed.
 * @throws Transient for an error that may pass, and when the process ended unexpectedly; any other error is permanent
 */
export async function* takeSnapshot<P>(
  order: SnapshotOrder,
  step: Step<P>,
  signal: AbortSignal,
): AsyncGenerator<Step<P>, Snapshot, void> {
  const { made, kill } = startSnapshot(order);
  try {
    for (;;) {
      const snapshot = await within(STEP_MS, made, signal);
      if (snapshot !== null) return snapshot;
      yield step;
    }
  } finally {
    await kill();
  }
}

const STEP_MS = 900;

/** Null if the result is late. */
const within = async <R>(ms: number, result: Promise<R>, signal: AbortSignal): Promise<R | null> => {
  const over = new AbortController();
  try {
    const late = sleep(ms, AbortSignal.any([signal, over.signal])).then(() => null);
    return await Promise.race([result, late]);
  } finally {
    over.abort();
  }
};

interface Making {
  readonly made: Promise<Snapshot>;
  /** Resolves once nothing is being written. */
  kill(): Promise<void>;
}

const startSnapshot = (order: SnapshotOrder): Making => {
  const child = spawn(process.execPath, [fileURLToPath(entryPoint('snapshot-process'))], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = `${output}${text}`.slice(0, 500);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  const connection = connect<SnapshotProcess>(childPort(child, 'the process that takes the snapshot'));
  const made = connection.call('make', [order]).catch((error: Error) => {
    throw error instanceof PortClosed ? new Transient(`${error.message} ${output}`.trimEnd()) : error;
  });
  made.catch(() => undefined);
  return {
    made,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
