// Shared by the demos: a server in a process of its own, which can be killed, and the changes of its jobs as they
// arrive.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import './build.mjs';

export const data = mkdtempSync(join(tmpdir(), 'signalbox-demo-'));
const began = performance.now();
/** All printed lines, with the seconds since the demo began. */
export const printed = [];
export const say = (text) => {
  const at = (performance.now() - began) / 1000;
  printed.push({ at, text });
  console.log(`${at.toFixed(2).padStart(7)} s  ${text}`);
};

export const start = async () => {
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { ...process.env, PORT: '0', DATA_DIR: data, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    say(line);
    return { url: line.split(' ').at(-1), child };
  }
  throw new Error('the server did not start');
};

export const send = async ({ url }, query, variables) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data: result, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return result;
};

/** Prints each change of status as it arrives, starting after a cursor, and passes it to `take`. */
export const listen = ({ url }, after, take) => {
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  const stop = client.subscribe(
    {
      query:
        'subscription ($after: Cursor) { jobStatusChanged(after: $after) { cursor jobId from to reason actor { name } } }',
      variables: { after },
    },
    {
      next: ({ data: { jobStatusChanged: change } }) => {
        say(
          `event ${Number(change.cursor)}: job ${change.jobId} ${change.from ?? 'made'} → ${change.to}${change.reason ? ` (${change.reason})` : ''}`,
        );
        take(change);
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return {
    stop: () => {
      stop();
      client.dispose();
    },
  };
};

export const fractionOf = async (server, id) =>
  (await send(server, 'query ($id: ID!) { job(id: $id) { fractionCompleted } }', { id })).job.fractionCompleted;

/** Ends a server, by default the way a power cut would. */
export const stop = async ({ child }, signal = 'SIGKILL') => {
  child.kill(signal);
  await once(child, 'exit');
};
