// A work process. Work runs in a worker thread, so that the main thread is always responsive. The main thread relays
// messages between the server and the worker thread, checks that jobs complete steps, and ends the process immediately
// when the server is gone, for any reason. It loads none of the modules that the work needs.
import { isMainThread, SHARE_ENV, Worker, workerData } from 'node:worker_threads';
import type { WorkOptions } from '../engine/work-protocol.ts';
import { entryPoint } from '../rpc/entry-point.ts';
import { parentProcessPort, relay, threadPort } from '../rpc/port.ts';
import { watchSteps } from '../rpc/steps.ts';
import { reserveProxyVariables } from '../storage/cloud/proxy-variables.ts';

const end = () => process.kill(process.pid, 'SIGKILL');

const startThread = ({ stuckMs }: WorkOptions) => {
  const steps = new SharedArrayBuffer(8);
  reserveProxyVariables();
  // Its environment is that of the process, where native modules read it.
  const worker = new Worker(entryPoint('work-process'), { workerData: steps, name: 'work', env: SHARE_ENV });
  const server = parentProcessPort();
  const tell = (method: string, arg: unknown) => server.post({ id: 0, method, args: [arg] });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    tell('failed', isFull ? 'the work ran out of memory' : `the work ended: ${error.message}`);
  });
  relay(server, threadPort(worker, 'the work'), () => {
    if (!process.connected) end();
    // The last message is still being sent.
    process.once('disconnect', end).disconnect();
  });
  watchSteps(new Int32Array(steps), stuckMs, (ms) => tell('stuck', ms / 1_000));
};

if (isMainThread) startThread(JSON.parse(process.argv[2] ?? '{}'));
else {
  const { work } = await import('./work-thread.ts');
  work(new Int32Array(workerData as SharedArrayBuffer));
}
