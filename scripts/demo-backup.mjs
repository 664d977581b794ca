// Backs up a database, kills the server with -9 partway and restarts it, restores the backup, and compares.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { data, fractionOf, listen, say, send, start, stop } from './demo-scene.mjs';

const ROWS = 1_000_000;
const PLACE = 'nodelocal:///backups/demo';
const fileOf = (name) => join(data, 'databases', `${name}.db`);

const fill = () => {
  const sql = new Database(fileOf('demo'));
  sql.exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, note TEXT);
    CREATE INDEX by_name ON people (name);
    CREATE VIEW names AS SELECT name FROM people;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
      INSERT INTO people SELECT i, 'person ' || i, hex(randomblob(50)) FROM n`);
  sql.close();
};

/** One hash of the whole content of a database, except what jobs keep there. */
const hashOf = (name) => {
  const sql = new Database(fileOf(name), { readonly: true });
  const hash = createHash('sha256');
  const schema = "SELECT sql FROM sqlite_schema WHERE name NOT LIKE '%signalbox%' ORDER BY name";
  for (const select of [schema, 'SELECT * FROM people']) {
    for (const row of sql.prepare(select).raw().iterate()) hash.update(JSON.stringify(row));
  }
  sql.close();
  return hash.digest('hex');
};

const create = async (server, what, input) => {
  const query = `mutation ($input: Create${what}Input!) { made: create${what}(input: $input) { job { id description } } }`;
  const { job } = (await send(server, query, { input })).made;
  say(`job ${job.id}: ${job.description}`);
  return job.id;
};

export const run = async () => {
  let server = await start();
  await send(server, 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }');
  fill();
  say(`made a database of ${ROWS} rows`);
  let cursor = '0000000000000000';
  const ends = new Map();
  const take = (change) => {
    cursor = change.cursor;
    if (change.to === 'FAILED') throw new Error(`job ${change.jobId} failed`);
    ends.get(`${change.jobId} ${change.to}`)?.();
  };
  const reaches = (id, status) => new Promise((resolve) => ends.set(`${id} ${status}`, resolve));
  let listener = listen(server, cursor, take);

  const backup = await create(server, 'Backup', { database: 'demo', destination: PLACE });
  const backedUp = reaches(backup, 'SUCCEEDED');
  while ((await fractionOf(server, backup)) < 0.5);
  listener.stop();
  await stop(server);
  say('killed the server with -9, partway');
  server = await start();
  listener = listen(server, cursor, take);
  await backedUp;
  const shown = await send(server, `{ backup(url: "${PLACE}") { complete sizeBytes tables { name rows } } }`);
  say(`the backup: ${JSON.stringify(shown.backup)}`);

  const restore = await create(server, 'Restore', { source: PLACE, database: 'copy' });
  const [paused, restored] = [reaches(restore, 'PAUSED'), reaches(restore, 'SUCCEEDED')];
  while ((await fractionOf(server, restore)) < 0.2);
  await send(server, 'mutation ($id: ID!) { pauseJobs(jobs: { ids: [$id] }, reason: "the demo") { applied } }', {
    id: restore,
  });
  await Promise.race([paused, restored]);
  await send(server, 'mutation ($id: ID!) { resumeJobs(jobs: { ids: [$id] }) { applied } }', { id: restore });
  await restored;
  listener.stop();
  await stop(server, 'SIGTERM');
  const isSame = hashOf('demo') === hashOf('copy');
  say(`the copy is ${isSame ? 'the same, row for row' : 'NOT the same'}`);
  return isSame;
};
