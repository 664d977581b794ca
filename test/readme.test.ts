import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { changesOf, startApp } from './support/app.ts';
import { scriptedKind } from './support/scripted.ts';

const README = readFileSync('README.md', 'utf8');
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

/** The rows of the README's table of statements: a statement, and the operation that does the same. */
const rows = [...README.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)]
  .map(([, statement = '', operation = '']) => ({ statement, operation }))
  .filter(({ statement }) => /JOB/.test(statement));

/** The operation of a statement's row, ready to be sent. */
const operationOf = (statement: string) => {
  const row = rows.find((candidate) => candidate.statement.startsWith(statement));
  const operation = /^`([^`]+)`$/.exec(row?.operation ?? '')?.[1];
  if (operation === undefined) throw new Error(`the README has no operation for ${statement}`);
  return operation;
};

const PAGES = [
  'README.md',
  ...readdirSync('docs')
    // The operations of docs/own-jobs.md need its kind: see test/engine/own-jobs.test.ts.
    .filter((name) => name.endsWith('.md') && name !== 'own-jobs.md')
    .map((name) => `docs/${name}`),
];
const operations = PAGES.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => [page, text] as const),
);

test.each(operations)('an operation in %s is valid: %s', (_, text) => {
  expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
});

/** The steps of the tour: each operation, the status to wait for before it, and the answer shown below it. */
const steps = () => {
  const tour = README.slice(README.indexOf('## Two-minute tour'), README.indexOf('## On your own database'));
  const parts = tour.matchAll(/<!-- wait: (\w+) -->|```(graphql|json)\n([\s\S]*?)```/g);
  return [...parts].map(([, status, language, text = '']) => ({ status, language, text }));
};

test('each step of the tour is answered as the README shows', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const shownId = /ids: \["(\d+)"\]/.exec(README)?.[1] ?? '';
  let id = shownId;
  let answer: unknown;
  for (const { status, language, text } of steps()) {
    if (status !== undefined) await changes.reaches(id, status);
    // A subscription is what `changes` has open; the import need not be slow to be paused here.
    else if (language === 'graphql' && !text.startsWith('subscription')) {
      answer = await app.send({ query: text.replaceAll(shownId, id).replace('PerSecond: 500', 'PerSecond: 5000') });
      id = (answer as Created).data?.createImport?.job.id ?? id;
    } else if (language === 'json') {
      expect(answer).toEqual(JSON.parse(text.replaceAll(shownId, id)));
    }
  }
  expect(changes.statusesOf(id).at(-1)).toBe('SUCCEEDED');
});

interface Created {
  readonly data?: { readonly createImport?: { readonly job: { readonly id: string } } };
}

test('SHOW JOBS lists the jobs', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  const { data } = await app.send({ query: operationOf('SHOW JOBS') });
  expect(data).toMatchObject({ jobs: { nodes: [{ id, type: 'CUSTOM', userName: 'root' }] } });
});

test('PAUSE JOB, RESUME JOB and CANCEL JOB do to a job what they say, and to no other', async () => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  const other = await app.create('SCRIPTED', { name: 'b' }, 'root');
  await changes.reaches(id, 'RUNNING');
  await changes.reaches(other.id, 'RUNNING');
  const send = (statement: string) => app.send({ query: operationOf(statement).replace('27536791415282', id) });

  expect(await send('PAUSE JOB 27536791415282')).toMatchObject({ data: { pauseJobs: { changedCount: 1 } } });
  await changes.reaches(id, 'PAUSED');
  expect(await send('RESUME JOB 27536791415282')).toMatchObject({ data: { resumeJobs: { changedCount: 1 } } });
  await changes.reaches(id, 'RUNNING', 2);
  expect(await send('CANCEL JOB 27536791415282')).toMatchObject({ data: { cancelJobs: { changedCount: 1 } } });
  await changes.reaches(id, 'CANCEL_REQUESTED');
  expect(changes.statusesOf(other.id)).toEqual(['PENDING', 'RUNNING']);
});

test.each([
  ['PAUSE', 'PAUSED'],
  ['RESUME', 'PENDING'],
  ['CANCEL', 'CANCELED'],
])('%s JOBS of the jobs that maxroach created changes his and nobody else’s', async (verb, status) => {
  const { kind } = scriptedKind();
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  await app.send({
    query: 'mutation { createUser(input: { name: "maxroach", privileges: [CREATEJOB] }) { user { name } } }',
  });
  const own = await app.create('SCRIPTED', { name: 'busy' }, 'root');
  await changes.reaches(own.id, 'RUNNING');
  const his = [];
  for (const name of ['m1', 'm2']) his.push((await app.create('SCRIPTED', { name }, 'maxroach')).id);
  if (verb === 'RESUME') await app.send({ query: operationOf('PAUSE JOBS') });

  const mutation = `${verb.toLowerCase()}Jobs`;
  expect(await app.send({ query: operationOf(`${verb} JOBS`) })).toMatchObject({
    data: { [mutation]: { changedCount: 2 } },
  });
  for (const id of his) await changes.reaches(id, status, verb === 'RESUME' ? 2 : 1);
  expect(changes.statusesOf(own.id)).toEqual(['PENDING', 'RUNNING']);
});
