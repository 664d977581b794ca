// A work process. What works is a thread, so that the thread that the process begins with always hears: it hands on what
// the server and the work say to one another, watches that the work takes steps, and ends the process at once when the
// server is gone, however that was. Of what work needs it loads nothing.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { WorkOptions } from '../engine/work-protocol.ts';
import { entryPoint } from '../rpc/entry-point.ts';
import { parentProcessPort, relay, threadPort } from '../rpc/port.ts';
import { watchSteps } from '../rpc/steps.ts';

const end = () => process.kill(process.pid, 'SIGKILL');

const startThread = ({ stuckMs }: WorkOptions) => {
  const steps = new SharedArrayBuffer(8);
  const worker = new Worker(entryPoint('work-process'), { workerData: steps, name: 'work' });
  const server = parentProcessPort();
  const tell = (method: string, arg: unknown) => server.post({ id: 0, method, args: [arg] });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    tell('failed', isFull ? 'the work ran out of memory' : `the work ended: ${error.message}`);
  });
  relay(server, threadPort(worker, 'the work'), () => {
    if (!process.connected) end();
    // What was said last is on its way.
    process.once('disconnect', end).disconnect();
  });
  watchSteps(new Int32Array(steps), stuckMs, (ms) => tell('stuck', ms / 1_000));
};

if (isMainThread) startThread(JSON.parse(process.argv[2] ?? '{}'));
else {
  const { work } = await import('./work-thread.ts');
  work(new Int32Array(workerData as SharedArrayBuffer));
}
