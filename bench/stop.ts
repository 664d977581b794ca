import { join } from 'node:path';
import { openSocket } from '../test/support/wire.ts';
import { startImport, writeRows } from './support/rows.ts';
import { type Result, startServer } from './support/server.ts';

const ROWS = 1_000_000;
/** A socket whose other end is silent is closed after this time: a connected client can delay the end by no more. */
const SOCKET_MS = 1_000;

/** How long a server takes to end after SIGTERM, with a socket that does not answer the close. */
export const measure = async (): Promise<readonly Result[]> => [
  await endOf('with nothing to do', false),
  await endOf('while an import runs, which is saved', true),
];

const endOf = async (what: string, withImport: boolean): Promise<Result> => {
  const server = await startServer();
  if (withImport) {
    writeRows(join(server.dataDir, 'files', 'rows.csv'), ROWS);
    await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
    await startImport(server, 'one');
  }
  const deaf = await openSocket(server.url);
  await deaf.next();
  deaf.socket.pause();
  const began = performance.now();
  await server[Symbol.asyncDispose]();
  const took = performance.now() - began;
  deaf.socket.terminate();
  const ratio = took / SOCKET_MS;
  return {
    name: `the end of a server ${what}`,
    measured: `${took.toFixed(0)} ms`,
    against: `the wait for a silent socket: ${SOCKET_MS} ms`,
    ratio,
    target: '<= 2.5',
    met: ratio <= 2.5,
  };
};
