// `npm run demo`: a million rows, paused at a third, the server killed with -9, started again, resumed, and counted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import './build.mjs';

const ROWS = 1_000_000;
const data = mkdtempSync(join(tmpdir(), 'signalbox-demo-'));
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(2).padStart(7)} s  ${text}`);
const began = performance.now();

const writeRows = async () => {
  mkdirSync(join(data, 'files'), { recursive: true });
  function* lines() {
    yield 'id,name,email,city,balance,joined\n';
    for (let n = 1; n <= ROWS; n += 1_000) {
      let text = '';
      for (let id = n; id < n + 1_000; id += 1)
        text += `${id},person ${id},p${id}@example.org,Ghent,${id / 4},2020-01-01\n`;
      yield text;
    }
  }
  await pipeline(lines, createWriteStream(join(data, 'files', 'million.csv')));
};

const start = async () => {
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

const send = async ({ url }, query, variables) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data: result, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return result;
};

/** Prints each change of status as it comes, from a cursor on, and gives it to `take`. */
const listen = ({ url }, after, take) => {
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

const fractionOf = async (server, id) =>
  (await send(server, 'query ($id: ID!) { job(id: $id) { fractionCompleted } }', { id })).job.fractionCompleted;

const run = async () => {
  await writeRows();
  say(`wrote a file of ${ROWS} rows`);
  let server = await start();
  let cursor = '0000000000000000';
  let waiting = new Map();
  const take = (change) => {
    cursor = change.cursor;
    waiting.get(change.to)?.();
  };
  const reached = (status) => new Promise((resolve) => waiting.set(status, resolve));
  let listener = listen(server, cursor, take);
  const { createImport } = await send(
    server,
    `mutation ($input: CreateImportInput!) {
      createDatabase(input: { name: "demo" }) { database { name } }
      createImport(input: $input) { job { id description } }
    }`,
    {
      input: {
        database: 'demo',
        table: 'people',
        sources: ['nodelocal:///million.csv'],
        columns: ['id INTEGER', 'name TEXT', 'email TEXT', 'city TEXT', 'balance REAL', 'joined TEXT'].map((column) => {
          const [name, type] = column.split(' ');
          return { name, type };
        }),
      },
    },
  );
  const { id, description } = createImport.job;
  say(`job ${id}: ${description}`);
  while ((await fractionOf(server, id)) < 1 / 3);
  const paused = reached('PAUSED');
  await send(server, 'mutation ($id: ID!) { pauseJobs(jobs: { ids: [$id] }, reason: "the demo") { applied } }', { id });
  await paused;
  say(`paused at ${((await fractionOf(server, id)) * 100).toFixed(1)} %`);
  listener.stop();
  server.child.kill('SIGKILL');
  await once(server.child, 'exit');
  say('killed the server with -9');
  server = await start();
  waiting = new Map();
  listener = listen(server, cursor, take);
  const succeeded = reached('SUCCEEDED');
  await send(server, 'mutation ($id: ID!) { resumeJobs(jobs: { ids: [$id] }) { applied } }', { id });
  await succeeded;
  const { database } = await send(server, '{ database(name: "demo") { tables { name rowCount } } }');
  const { name, rowCount } = database.tables[0];
  listener.stop();
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  say(`the table ${name} has ${rowCount} rows: ${rowCount === ROWS ? 'exactly a million' : 'NOT a million'}`);
  return rowCount === ROWS;
};

run().then(
  (right) => {
    rmSync(data, { recursive: true, force: true });
    process.exitCode = right ? 0 : 1;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
