import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { schema } from '../../src/app/schema.ts';
import { startApp } from '../support/app.ts';
import { operationsOf } from '../support/arbitrary-operations.ts';
import { postJson } from '../support/wire.ts';

/** `npm run soak fuzz` sets this to 100,000. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
/** As many requests are sent at the same time. */
const TOGETHER = 10;
const LIMIT_MS = RUNS > 1_000 ? 7_200_000 : 60_000;

/** What others need: the database of the inputs. */
const KEPT = ['deleteDatabase'];

test(
  'whatever a request has in its variables, its errors are its own, and a refused call changes nothing',
  async () => {
    await using app = await startApp({ settings: { MAX_REQUESTS_PER_SECOND: '1000000' } });
    await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
    const database = new Sqlite(`${app.dataDir}/databases/demo.db`);
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x')");
    database.close();
    // The jobs that are created stay as they are: only requests change anything.
    vi.spyOn(app.store, 'claim').mockImplementation(async () => ({
      claimed: [],
      requested: [],
      draining: false,
      nextAttemptInMs: null,
    }));
    const stateOf = async () => [
      (await app.store.log()).head,
      (await app.store.auditLog()).head,
      (await app.store.users()).length,
      (await app.store.databases()).length,
    ];
    let before = await stateOf();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(operationsOf(schema, KEPT), { minLength: TOGETHER, maxLength: TOGETHER }),
        async (operations) => {
          const replies = await Promise.all(operations.map((operation) => postJson(app.url, operation)));
          const errors = replies.flatMap(({ json }) => json.errors ?? []);
          const codes = errors.map(({ extensions }) => extensions?.code);
          expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
          expect(codes).not.toContain(undefined);
          const after = await stateOf();
          if (replies.every(({ json }) => json.errors !== undefined)) {
            expect(after).toEqual(before);
          }
          refused += errors.length;
          before = after;
        },
      ),
      {
        numRuns: RUNS / TOGETHER,
        interruptAfterTimeLimit: LIMIT_MS,
        markInterruptAsFailure: RUNS > 1_000,
        endOnFailure: RUNS > 1_000,
      },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
    expect((await app.send({ query: '{ viewer { name } }' })).data).toEqual({ viewer: { name: 'root' } });
    expect(app.lost).toEqual([]);
  },
  LIMIT_MS + 30_000,
);

test('empty parts of a filter count as comparisons do', async () => {
  await using app = await startApp();
  const query = 'query ($x: JobFilter) { jobs(where: $x) { nodes { id } } }';
  const parts = (count: number) => ({ or: Array.from({ length: count }, () => ({})) });
  expect((await postJson(app.url, { query, variables: { x: parts(500) } })).json.errors).toBeUndefined();
  const { json } = await postJson(app.url, { query, variables: { x: parts(501) } });
  expect(json.errors?.[0]).toMatchObject({
    message: 'where has more than 500 comparisons',
    extensions: { code: 'BAD_USER_INPUT', field: 'where' },
  });
});
