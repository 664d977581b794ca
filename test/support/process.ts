import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openEvents } from './wire.ts';

export interface Launched {
  readonly url: string;
  readonly process: ChildProcess;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<unknown>;
  send(query: string, variables?: Record<string, unknown>): Promise<Record<string, never>>;
  kill(): Promise<void>;
}

/** Starts a server as a process of its own, to be killed; `command` is what node is given. */
export const launch = async (
  dataDir: string,
  command: readonly string[] = ['dist/main.js'],
  settings: Readonly<Record<string, string>> = {},
): Promise<Launched> => {
  const child = spawn(process.execPath, command, {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent', WORKERS: '1', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /Signalbox ready at ([^"\s]+)/.exec(line)?.[1];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', (code) => reject(new Error(`the server ended at its start with ${code}`)));
  });
  const send = async (query: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      // A connection that was kept while a test blocked its thread may have been closed in the meantime.
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: { message: string }[] };
    if (errors?.[0] !== undefined) throw new Error(errors[0].message);
    return data;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, process: child, ended, send, kill };
};

/**
 * The job once it is as wanted. The server reports its changes: a test that asked again and again would take the processor
 * from the work, which has the lowest priority.
 */
export const watchJob = async <J>(
  server: Pick<Launched, 'url'>,
  id: string,
  fields: string,
  isWanted: (job: J) => boolean,
): Promise<J> => {
  const query = `subscription ($id: ID!) {
    jobUpdated(where: { id: { equals: $id } }, throttleMs: 50) { job { ${fields} } }
  }`;
  const events = await openEvents(server.url, { query, variables: { id } });
  try {
    for (;;) {
      const reply = await events.next();
      if (reply?.data == null) throw new Error(`job ${id} is not reported: ${JSON.stringify(reply)}`);
      const { job } = reply.data.jobUpdated as { job: J | null };
      if (job !== null && isWanted(job)) return job;
    }
  } finally {
    events.leave();
  }
};

/** A folder for one test's data, removed at its end. */
export const temporaryFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};
