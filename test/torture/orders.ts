/** What people do: create jobs, pause, resume and cancel them; and what befalls everybody: clocks, restarts. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Access } from '../../src/jobs/access.ts';
import { type Condition, EVERYTHING } from '../../src/jobs/filter.ts';
import { HOLD_MODES, type Hold } from '../../src/jobs/holds.ts';
import { COMMANDS, JOB_STATUSES } from '../../src/jobs/status.ts';
import type { ControlOrder, ControlOutcome } from '../../src/store/store.ts';
import { addJob, blockersOf, isConflict, isKnown, type Model, type ModelJob } from './model.ts';
import { carryOut, decide, maySee, type Verdicts } from './rules.ts';
import { failureOf, pick, step } from './step.ts';

const USERS = ['root', 'bob', 'eve'] as const;
/** Types that refuse a command in every status, and one that refuses none. */
const REFUSING = { PAUSE: ['SOLID'], CANCEL: ['ETERNAL'], RESUME: [] } as const;
const TYPES = ['PLAIN', 'PLAIN', 'PLAIN', 'SOLID', 'ETERNAL'] as const;
const MOST_JOBS = 9;

const resource = fc.constantFrom('a', 'b');
const hold = fc
  .record({ resource, mode: fc.constantFrom(...HOLD_MODES) })
  // What is only counted has keys of its own.
  .map(
    ({ resource, mode }): Hold => ({
      resource: mode === 'count' ? `count:${resource}` : resource,
      mode,
      label: resource,
    }),
  );
const holds = fc.oneof<fc.Arbitrary<Hold[]>[]>(
  fc.constant([]),
  fc.uniqueArray(hold, { maxLength: 2, selector: ({ resource }) => resource }),
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const create = fc
  .record({
    typeName: fc.constantFrom(...TYPES),
    userName: fc.constantFrom(...USERS),
    continuous: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    holds,
    priority: fc.constantFrom(0, 0, 0, 7, -3),
    /** How long it is not to be claimed; null: it may be at once. */
    runIn: rarely(fc.integer({ min: -1_000, max: 60_000 })),
  })
  .map((inputs) =>
    step(
      'create',
      inputs,
      async ({ holds, runIn, ...rest }, model, { store }) => {
        const given = { ...rest, runAt: runIn === null ? null : model.now + runIn };
        const job = {
          ...given,
          type: 'CUSTOM',
          database: null,
          details: {},
          inputJson: '{}',
          holds,
          makes: null,
          idempotency: null,
        } as const;
        const description = `${given.typeName} of ${given.userName}`;
        const creating = store.createJob({ ...job, description }, model.now);
        if (isConflict(model, holds)) {
          assert.equal((await failureOf(creating))?.code, 'CONFLICT');
          return 'nothing';
        }
        const { id, created } = await creating;
        assert.ok(created);
        assert.ok(
          [...model.jobs.keys()].every((known) => Number(known) < Number(id)),
          'ids do not grow',
        );
        addJob(model, { ...given, id, holds });
        return 'something';
      },
      (_, model) => model.jobs.size < MOST_JOBS,
    ),
  );

const access = fc.constantFrom<Access>(
  { sees: 'all', controls: ['all'], userName: 'root' },
  { sees: 'all', controls: ['all'], userName: 'root' },
  { sees: 'all', controls: ['non-admins'], userName: 'carl' },
  { sees: { userName: 'bob' }, controls: ['own'], userName: 'bob' },
  { sees: { userName: 'bob' }, controls: [], userName: 'bob' },
);

/** Jobs by their places in the list; 99 is an id that names nothing. */
const ids = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat({ max: MOST_JOBS }) }, fc.constant(99)), {
  minLength: 1,
  maxLength: 5,
});
const statuses = fc.uniqueArray(fc.constantFrom(...JOB_STATUSES), { minLength: 1, maxLength: 4 });
type Selector =
  | { readonly ids: readonly number[] }
  | { readonly statuses: readonly string[] }
  | { readonly notOf: string }
  | 'all';
const selector: fc.Arbitrary<Selector> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ids }) },
  { weight: 2, arbitrary: fc.record({ statuses }) },
  { weight: 1, arbitrary: fc.record({ notOf: fc.constantFrom(...USERS) }) },
  { weight: 1, arbitrary: fc.constant<Selector>('all') },
);

const order = fc
  .record({
    command: fc.constantFrom(...COMMANDS, 'PAUSE', 'RESUME'),
    selector,
    access,
    reason: fc.constantFrom(null, 'lunch', 'night'),
    abortOnRefusal: fc.boolean(),
    dryRun: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    /** The difference from the true number of the selected; null: not asked. */
    countBeside: rarely(fc.constantFrom(0, 0, 1)),
    /** How long before the log's end; -1 is beyond it. */
    sinceBack: rarely(fc.integer({ min: -1, max: 6 })),
    list: fc.constantFrom({ changed: 100, refusals: 100 }, { changed: 2, refusals: 1 }, { changed: 0, refusals: 0 }),
  })
  .map((inputs) =>
    step('control', inputs, async ({ selector, countBeside, sinceBack, ...given }, model, { store }) => {
      const selected = selectedOf(model, selector, given.access);
      model.orders += 1;
      const order: ControlOrder = {
        ...given,
        jobs: selectionOf(model, selector),
        actor: { kind: 'USER', name: given.access.userName },
        commandId: `order ${model.orders}`,
        expectedCount: countBeside === null ? null : selected.length + countBeside,
        unchangedSince: sinceBack === null ? null : Math.max(0, model.head - sinceBack),
        refusingTypes: REFUSING[given.command],
      };
      const controlling = store.control(order, model.now);
      const codes = refusedWhole(model, order, selected);
      if (codes.length > 0) {
        assert.ok(codes.includes((await failureOf(controlling))?.code ?? 'none'), codes.join());
        return 'nothing';
      }
      const verdicts = decide(order, selected);
      const outcome = await controlling;
      checkOutcome(model, order, verdicts, outcome);
      if (outcome.applied) carryOut(model, order, verdicts);
      return outcome.applied && verdicts.changed.length > 0 ? 'something' : 'nothing';
    }),
  );

const idAt = (model: Model, place: number) => pick(place === 99 ? [] : [...model.jobs.keys()], place) ?? '4711';

const selectionOf = (model: Model, selector: Selector): ControlOrder['jobs'] => {
  if (selector === 'all') return { where: EVERYTHING };
  if ('ids' in selector) return { ids: selector.ids.map((place) => idAt(model, place)) };
  if ('statuses' in selector) return { where: { is: 'in', field: 'status', value: selector.statuses } };
  const of: Condition = { is: 'equals', field: 'userName', value: selector.notOf };
  return { where: { is: 'not', of } };
};

/** Each distinct id given is selected, whatever it names; a filter selects what is seen. */
const selectedOf = (model: Model, selector: Selector, access: Access): (readonly [string, ModelJob | null])[] => {
  const seen = [...model.jobs.values()].filter((job) => maySee(access, job));
  const isWanted = (job: ModelJob) => {
    if (selector === 'all' || 'ids' in selector) return true;
    return 'statuses' in selector ? selector.statuses.includes(job.status) : job.userName !== selector.notOf;
  };
  if (selector === 'all' || !('ids' in selector)) return seen.filter(isWanted).map((job) => [job.id, job]);
  const ids = new Set(selector.ids.map((place) => idAt(model, place)));
  return [...ids].map((id) => [id, seen.find((job) => job.id === id) ?? null]);
};

/** Why nothing of an order is even looked at. Where two reasons hold, either may be given. */
const refusedWhole = (
  model: Model,
  { expectedCount, unchangedSince }: ControlOrder,
  selected: readonly (readonly [string, ModelJob | null])[],
): readonly string[] => {
  const since = unchangedSince;
  const changed = since !== null && selected.some(([, job]) => job !== null && job.lastCursor > since);
  return [
    ...(expectedCount !== null && expectedCount !== selected.length ? ['COUNT_MISMATCH'] : []),
    ...(since !== null && since > model.head ? ['BAD_USER_INPUT'] : []),
    ...(changed ? ['CHANGED_SINCE'] : []),
  ];
};

const checkOutcome = (model: Model, order: ControlOrder, verdicts: Verdicts, outcome: ControlOutcome) => {
  const { changed, refusals, selectedCount, unchangedCount } = verdicts;
  const { list, dryRun, abortOnRefusal, command } = order;
  const { refusals: listed, ...rest } = outcome;
  assert.deepEqual(rest, {
    applied: !dryRun && !(abortOnRefusal && refusals.length > 0),
    selectedCount,
    // Only plans ask for it.
    selected: [],
    changedCount: changed.length,
    unchangedCount,
    refusedCount: refusals.length,
    changed: changed.slice(0, list.changed),
    cursor: model.head,
  });
  assert.equal(selectedCount, outcome.changedCount + outcome.unchangedCount + outcome.refusedCount);
  assert.deepEqual(
    listed.map(({ jobId, code }) => ({ jobId, code })),
    refusals.slice(0, list.refusals),
  );
  for (const { jobId, message } of listed) assert.match(message, new RegExp(`${jobId}|owned by other admins`), command);
};

const pass = (ms: number) =>
  step('wait', ms, async (ms, model) => {
    model.now += ms;
    return 'nothing';
  });

/** Mostly forward, sometimes past a lease, a little backward now and then: what clocks do. */
const wait = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 6_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 10_000, max: 40_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3_000, max: -1 }) },
  )
  .map(pass);
/** Past every wait for another attempt, or nearly so. */
const rest = fc.integer({ min: 200_000, max: 600_000 }).map(pass);

const reopen = fc.constant(null).map(() =>
  step('reopen', null, async (_, model, scene) => {
    await scene.reopen();
    for (const session of model.sessions.values()) session.ended = true;
    return 'nothing';
  }),
);

/** What people read is what the model has: which job waits for which, in particular. */
const look = fc.constant(null).map(() =>
  step('look', null, async (_, model, { store }) => {
    const root: Access = { sees: 'all', controls: ['all'], userName: 'root' };
    const ids = [...model.jobs.keys()];
    // Readers go by the machine's clock, which is past all times of the model.
    const waiting = [...model.jobs.values()].map(
      (job) => [job.id, blockersOf(model, job, Number.POSITIVE_INFINITY).map(({ id }) => id)] as const,
    );
    const isServed = [...model.sessions.values()].some(({ ended }) => !ended);
    assert.deepEqual(await store.blockers(ids), Object.fromEntries(waiting));
    const jobs = new Map((await store.jobsById(ids, root)).map((job) => [job.id, job]));
    for (const [id, [first]] of waiting) {
      assert.equal(jobs.get(id)?.status, model.jobs.get(id)?.status);
      const says = jobs.get(id)?.statusMessage ?? '';
      const job = model.jobs.get(id) as ModelJob;
      const isWaiting = job.status === 'PENDING' || job.status === 'REVERTING' || job.status.endsWith('_REQUESTED');
      if (isServed && isWaiting && !isKnown(model, job)) {
        assert.equal(says, `no server knows ${job.typeName}`);
        continue;
      }
      assert.equal(says.startsWith('waiting for job '), first !== undefined, says);
      if (first !== undefined) assert.equal(says, `waiting for job ${first}`);
    }
    return 'nothing';
  }),
);

/** Reopening is slow: it takes half a second. */
export const ORDERS = { create, order, wait, rest, look, reopen };
