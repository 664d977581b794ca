import { expect, test } from 'vitest';
import { peopleImport, readPeople, tablesOf, writePeople } from '../support/people.ts';
import { type Launched, launch, temporaryFolder, watchJob } from '../support/process.ts';

const CREATE = `mutation ($input: CreateImportInput!) {
  createDatabase(input: { name: "demo" }) { database { name } }
  createImport(input: $input) { job { id } }
}`;
const CRASHING = ['dist-test/crash-server.js'];

interface Seen {
  readonly status: string;
  readonly error: string | null;
  readonly fractionCompleted: number;
}

const createImport = async (server: Launched, more: Record<string, unknown> = {}): Promise<string> => {
  const { createImport: made } = await server.send(CREATE, { input: peopleImport(more) });
  return (made as unknown as { job: { id: string } }).job.id;
};

const watch = (server: Launched, id: string, isWanted: (job: Seen) => boolean) =>
  watchJob(server, id, 'status error fractionCompleted', isWanted);
const ended = (job: Seen) => ['SUCCEEDED', 'FAILED', 'CANCELED'].includes(job.status);

test('an import that is killed at five random moments imports each row exactly once', {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  writePeople(folder.path, 100_000);
  let server = await launch(folder.path);
  const id = await createImport(server, { maxRowsPerSecond: 10_000 });
  for (let kills = 0; kills < 5; kills += 1) {
    const fraction = (kills + Math.random()) / 8;
    await watch(server, id, (job) => job.fractionCompleted >= fraction || ended(job));
    await server.kill();
    expect(tablesOf(folder.path)).toEqual([]);
    server = await launch(folder.path);
  }
  expect(await watch(server, id, ended)).toMatchObject({ status: 'SUCCEEDED', error: null, fractionCompleted: 1 });
  await server.kill();
  expect(readPeople(folder.path)).toEqual(await uninterrupted(100_000));
});

test.each([
  'before save',
  'after save',
  'before markCommitting',
  'after markCommitting',
  'before settle',
  'after settle',
])('a server that dies %s leaves an import that ends as if it had not', async (point) => {
  using folder = temporaryFolder();
  writePeople(folder.path, 5_000);
  const dying = await launch(folder.path, CRASHING, { CRASH_AT: point });
  const id = await createImport(dying);
  await dying.ended;
  // Only once it has been published may the table be seen: from the target's commit on, which comes before `settle`.
  expect(tablesOf(folder.path)).toEqual(point.endsWith('settle') ? ['people'] : []);

  const server = await launch(folder.path);
  expect(await watch(server, id, ended)).toMatchObject({ status: 'SUCCEEDED', error: null, fractionCompleted: 1 });
  await server.kill();
  expect(readPeople(folder.path)).toEqual(await uninterrupted(5_000));
});

test.each(['before settle', 'after settle'])(
  'a server that dies %s of an undoing leaves nothing behind',
  async (point) => {
    using folder = temporaryFolder();
    writePeople(folder.path, 50_000);
    const dying = await launch(folder.path, CRASHING, { CRASH_AT: point, CRASH_COUNT: '2' });
    const id = await createImport(dying, { maxRowsPerSecond: 5_000 });
    await watch(dying, id, (job) => job.fractionCompleted > 0);
    await dying.send('mutation ($id: ID!) { cancelJobs(jobs: { ids: [$id] }) { applied } }', { id });
    await dying.ended;

    const server = await launch(folder.path);
    expect(await watch(server, id, ended)).toMatchObject({ status: 'CANCELED', error: null });
    await server.kill();
    expect(tablesOf(folder.path)).toEqual([]);
  },
);

/** The same import, not interrupted: made once. */
const uninterrupted = (rows: number) => {
  const known = UNINTERRUPTED.get(rows) ?? importPeople(rows);
  UNINTERRUPTED.set(rows, known);
  return known;
};
const UNINTERRUPTED = new Map<number, ReturnType<typeof importPeople>>();

const importPeople = async (rows: number) => {
  using folder = temporaryFolder();
  writePeople(folder.path, rows);
  const server = await launch(folder.path);
  const id = await createImport(server);
  await watch(server, id, ended);
  await server.kill();
  return readPeople(folder.path);
};
