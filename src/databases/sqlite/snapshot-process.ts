// A process that makes one snapshot: its order is its argument, the answer a line of JSON. The work is done in a thread,
// so that the process hears when whoever started it has ended, however that was, and ends at once.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { Transient } from '../../jobs/kind.ts';
import { threadFile } from '../../rpc/entry-point.ts';
import { makeSnapshot, type SnapshotOrder } from './snapshot.ts';
import type { SnapshotAnswer } from './snapshot-child.ts';

const answerOf = (order: SnapshotOrder): SnapshotAnswer => {
  try {
    return { snapshot: makeSnapshot(order) };
  } catch (error) {
    return { error: messageOf(error), isTransient: error instanceof Transient };
  }
};

if (isMainThread) {
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.stdin.on('end', end).on('error', end).resume();
  new Worker(threadFile('snapshot-process'), { workerData: process.argv[2] })
    .on('error', (error) => {
      throw error;
    })
    .on('message', (answer: SnapshotAnswer) => {
      process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
    });
} else {
  parentPort?.postMessage(answerOf(JSON.parse(String(workerData)) as SnapshotOrder));
}
