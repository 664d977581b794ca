// Imports a million rows: the job is paused at a third, the server killed with -9 and restarted, the job resumed, and
// the rows counted.
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { data, fractionOf, listen, say, send, start, stop } from './demo-scene.mjs';

const ROWS = 1_000_000;

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

export const run = async () => {
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
  await stop(server);
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
  await stop(server, 'SIGTERM');
  say(`the table ${name} has ${rowCount} rows: ${rowCount === ROWS ? 'exactly a million' : 'NOT a million'}`);
  return rowCount === ROWS;
};
