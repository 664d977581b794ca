// A process that makes snapshots. The work is done in a thread, so that the process detects the end of its parent,
// whatever the cause, and exits immediately.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { entryPoint } from '../../rpc/entry-point.ts';
import { parentProcessPort, relay, threadPort } from '../../rpc/port.ts';
import { serve } from '../../rpc/rpc.ts';
import type { SnapshotOrder } from './snapshot.ts';

if (isMainThread) {
  const worker = threadPort(new Worker(entryPoint('snapshot-process')), 'the thread that takes the snapshot');
  relay(parentProcessPort(), worker, (error) => {
    process.stderr.write(error.message, () => process.kill(process.pid, 'SIGKILL'));
  });
} else if (parentPort !== null) {
  const { makeSnapshot } = await import('./snapshot.ts');
  serve(threadPort(parentPort, 'the process'), (_, [order]) => makeSnapshot(order as SnapshotOrder));
}
