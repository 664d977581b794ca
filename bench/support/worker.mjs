// A worker as a process of its own, for bench/own-jobs.ts: its argument is the URL of the server.
import { startWorker } from '../../dist/index.js';
import { empty } from './empty-kind.mjs';

await startWorker({ url: process.argv[2], kinds: [empty], slots: 16 });
process.send('ready');
