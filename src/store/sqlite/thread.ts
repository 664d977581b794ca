/** The entry point of a store thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { threadPort } from '../../rpc/port.ts';
import { type StoreThreadData, serveStore } from './serve.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry point of a thread');
serveStore(threadPort(port, 'the server'), workerData as StoreThreadData, () => port.close());
