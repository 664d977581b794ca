import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startScripted } from '../support/scripted-app.ts';
import { parameters, statements } from './fuzz.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
/** 100,000 take about ten minutes. */
const LONG = { timeout: Math.max(300_000, RUNS * 60) };
const SETTINGS = { MAX_REQUESTS_PER_SECOND: '1000000' };

/** Statements of one request: each field of a mutation is executed after the one before it. */
const BATCH = 25;
const NUMBERS = Array.from({ length: BATCH }, (_, index) => index);
const EXECUTE = `mutation (${NUMBERS.map((n) => `$s${n}: String!, $p${n}: [JSON]`).join(', ')}) {
  ${NUMBERS.map((n) => `a${n}: execute(sql: $s${n}, parameters: $p${n}) { tag }`).join('\n')}
}`;

const batches = fc.array(fc.record({ sql: statements, values: parameters }), { minLength: BATCH, maxLength: BATCH });

/** How many jobs the accepted statements have changed, as their tags say. */
const changedBy = (tags: readonly (string | null)[]): number =>
  tags.reduce((sum, tag) => sum + Number(/^(?:PAUSE|RESUME|CANCEL) JOBS (\d+)$/.exec(tag ?? '')?.[1] ?? 0), 0);

test('no statement fails in the server, whatever it is, and what is refused changes nothing', LONG, async () => {
  const logLines: string[] = [];
  await using scene = await startScripted({ logLines, settings: SETTINGS });
  const { app } = scene;
  await scene.start('one');
  /** What users have changed after a position in the log. */
  const changesAfter = async (after: number) => {
    const page = { direction: 'ascending', after: [after], before: null, limit: 1_000 } as const;
    const { events } = await app.store.events(page, { sees: 'all', controls: [], userName: '' });
    return events.filter(({ actor }) => actor.kind === 'USER');
  };
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      const { head } = await app.store.log();
      const variables = Object.fromEntries(
        batch.flatMap(({ sql, values }, n) => [
          [`s${n}`, sql],
          [`p${n}`, values],
        ]),
      );
      const { data, errors = [] } = await app.send({ query: EXECUTE, variables });
      expect(errors.filter(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')).toEqual([]);
      const tags = Object.values(data as Record<string, { tag: string } | null>).map((answer) => answer?.tag ?? null);
      expect(tags.filter((tag) => tag === null)).toHaveLength(errors.length);
      accepted += tags.length - errors.length;
      expect((await changesAfter(head)).length).toBeLessThanOrEqual(changedBy(tags));
      if (changedBy(tags) > 0) await scene.create('one');
    }),
    { numRuns: Math.ceil(RUNS / BATCH) },
  );
  expect(accepted).toBeGreaterThan(0);
  expect(logLines.filter((line) => /a request failed/.test(line))).toEqual([]);
});
