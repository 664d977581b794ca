/** A worker of `signalbox torture`, as a process that can be killed: its arguments are the server and the URL of the kind. */
import type { Kind } from '../jobs/kind.ts';
import { startWorker } from '../remote-worker/start-worker.ts';

const [, , url = '', module = ''] = process.argv;
const { gatedKind } = (await import(module)) as { readonly gatedKind: Kind };
await startWorker({ url, kinds: [gatedKind], slots: 1, log: () => undefined });
process.on('disconnect', () => process.exit());
process.send?.('ready');
