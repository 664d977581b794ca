/** A condition written as SQL selects the jobs that the same condition selects as a JobFilter, and as SQL defines it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { addUser, order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';
import { expression, type Facts } from './conditions.ts';
import { executeSql } from './execute.ts';

const IDS = graphql(/* GraphQL */ `
  query IdsOf($where: JobFilter) {
    jobs(where: $where, first: 1000) {
      nodes {
        id
      }
    }
  }
`);

/** Jobs of two users in several statuses, which stay as they are. */
const startJobs = async () => {
  const scene = await startScripted({ settings: { MAX_REQUESTS_PER_SECOND: '100000', WORKERS: '5' } });
  const { app, changes, script } = scene;
  await addUser(app, 'maxroach', { privileges: ['CREATEJOB'] });
  const jobs = new Map<string, string>();
  for (const [index, name] of ['a_1', 'ab1', '100%', 'fails', 'waits'].entries()) {
    const { id } = await app.create('SCRIPTED', { name }, index % 2 === 0 ? 'root' : 'maxroach');
    jobs.set(name, id);
    await changes.reaches(id, 'RUNNING');
  }
  script('100%').act('finish');
  await changes.reaches(jobs.get('100%') ?? '', 'SUCCEEDED');
  await order(app, 'PAUSE', [jobs.get('waits') ?? '']);
  await changes.reaches(jobs.get('waits') ?? '', 'PAUSED');
  return scene;
};

const RUNS = 100;

test('a condition selects what SQL says, and without NOT what the JobFilter does', async () => {
  const { app, ...scene } = await startJobs();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const { columns, rows } = await executeSql(
    app,
    'SELECT job_id, user_name, status, error, description FROM crdb_internal.jobs',
  );
  const facts = rows.map(
    (row) =>
      Object.fromEntries(
        columns.map(({ name }, index) => [
          name === 'job_id' ? 'id' : name,
          name === 'job_id' ? String(row[index]) : row[index],
        ]),
      ) as unknown as Facts,
  );
  const selectedBy = async (sql: string) =>
    (await executeSql(app, `SELECT job_id FROM crdb_internal.jobs WHERE ${sql}`)).rows
      .map(([id]) => String(id))
      .toSorted();
  await fc.assert(
    fc.asyncProperty(expression(3, true), async ({ sql, value }) => {
      expect([sql, await selectedBy(sql)]).toEqual([
        sql,
        facts
          .filter((job) => value(job) === true)
          .map(({ id }) => id)
          .toSorted(),
      ]);
    }),
    { numRuns: RUNS },
  );
  await fc.assert(
    fc.asyncProperty(expression(3, false), async ({ sql, filter }) => {
      const { jobs } = await app.execute(IDS, { where: filter });
      expect([sql, await selectedBy(sql)]).toEqual([sql, jobs.nodes.map(({ id }) => id).toSorted()]);
    }),
    { numRuns: RUNS },
  );
});
