/** What workers do, alive, silent or thought dead: sessions, claims, steps and reports. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Claim, ClaimAnswer, ClaimLimits, Saved, Settled } from '../../src/store/store.ts';
import { heldBy, isDead, type Model, type ModelJob } from './model.ts';
import { claimable, leaveUnknown, rescueLost, saveStep, settleJob, take } from './rules.ts';
import type { Scene } from './scene.ts';
import { failureOf, pick, step, type Wrote } from './step.ts';

const TYPES = ['PLAIN', 'SOLID', 'ETERNAL'];
/** Most servers know all types. */
const types = fc.oneof({ weight: 5, arbitrary: fc.constant(TYPES) }, fc.constantFrom(['PLAIN'], ['SOLID']));
const LEASE_MS = 15_000;

const worker = fc.nat({ max: 1 });
const hasSession = ({ worker }: { worker: number }, model: Readonly<Model>) => model.workers[worker] !== null;
const sessionOf = (model: Model, worker: number) => model.workers[worker] ?? '';

/** Where the worker had a session already it has crashed: the old one falls silent, or goes on as a zombie. */
const startSession = fc.record({ worker, types }).map((inputs) =>
  step('startSession', inputs, async ({ worker, types }, model, { store }) => {
    const id = `worker ${worker}, life ${model.sessions.size}`;
    await store.startSession({ id, name: id, types }, model.now);
    model.workers[worker] = id;
    model.sessions.set(id, { types, heartbeatAt: model.now, ended: false });
    return 'nothing';
  }),
);

const endSession = worker.map((worker) =>
  step(
    'endSession',
    { worker },
    async ({ worker }, model, { store }) => {
      const id = sessionOf(model, worker);
      await store.endSession(id, model.now);
      const session = model.sessions.get(id);
      if (session !== undefined) session.ended = true;
      return 'nothing';
    },
    hasSession,
  ),
);

const heartbeat = worker.map((worker) =>
  step(
    'heartbeat',
    { worker },
    async ({ worker }, model, { store }) => {
      const session = model.sessions.get(sessionOf(model, worker));
      const kept = await store.heartbeat(sessionOf(model, worker), LEASE_MS, model.now);
      assert.equal(kept, session?.ended === false);
      if (session?.ended === false) session.heartbeatAt = model.now;
      for (const other of model.sessions.values()) {
        if (other.heartbeatAt < model.now - LEASE_MS) other.ended = true;
      }
      return 'nothing';
    },
    hasSession,
  ),
);

const environment = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.constant(0));

/** Rarely the answer to a claim was lost: the session does not know what it holds. */
const forgets = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);

const claim = fc.record({ worker, running: environment, reverting: environment, forgets }).map((inputs) =>
  step(
    'claim',
    inputs,
    async ({ worker, forgets, ...slots }, model, { store }) => {
      const session = sessionOf(model, worker);
      const own = [...model.jobs.values()].filter(({ claimedBy }) => claimedBy === session);
      const types = model.sessions.get(session)?.types ?? [];
      const limits = { ...slots, types };
      const holding = forgets ? [] : own.map(({ id }) => id);
      const answer = await store.claim(session, { ...limits, holding }, model.now);
      if (isDead(model, session)) {
        assert.deepEqual(answer, { claimed: [], requested: [], draining: false, nextAttemptInMs: null });
        return 'nothing';
      }
      rescueLost(model);
      leaveUnknown(model);
      takeClaimed(model, session, limits, answer, forgets ? own : []);
      checkAnswer(model, session, answer);
      return 'something';
    },
    hasSession,
  ),
);

type Slots = Pick<ClaimLimits, 'running' | 'reverting' | 'types'>;

/**
 * No more than there are slots, no fewer than are due, nothing blocked, and none twice; what the session forgot that it
 * holds is handed out again as it is, and takes its slots.
 */
const takeClaimed = (
  model: Model,
  session: string,
  limits: Slots,
  { claimed }: ClaimAnswer,
  forgotten: readonly ModelJob[],
) => {
  const ids = new Set(claimed.map(({ claim }) => claim.jobId));
  assert.equal(ids.size, claimed.length, 'a job was claimed twice');
  for (const { id } of forgotten) assert.ok(ids.delete(id), `job ${id} was not handed out again`);
  const again = (status: string) => forgotten.filter((job) => job.status === status && !job.continuous).length;
  const groups = claimable(model, {
    ...limits,
    running: Math.max(0, limits.running - again('RUNNING')),
    reverting: Math.max(0, limits.reverting - again('REVERTING')),
  });
  let explained = 0;
  for (const { environment, ranks } of groups) {
    let left = environment;
    for (const jobs of ranks) {
      const taken = jobs.filter(({ id }) => ids.has(id));
      assert.deepEqual(
        taken.map(({ id }) => id),
        jobs.slice(0, left).map(({ id }) => id),
      );
      left -= taken.length;
      explained += taken.length;
    }
  }
  assert.equal(explained, ids.size, 'a job was claimed that may not be');
  for (const id of [...ids].sort()) {
    const job = model.jobs.get(id);
    if (job !== undefined) take(model, session, job);
  }
};

const TASKS: Readonly<Record<string, string>> = {
  RUNNING: 'run',
  REVERTING: 'revert',
  PAUSE_REQUESTED: 'release',
};

const checkAnswer = (model: Model, session: string, { claimed, requested, nextAttemptInMs }: ClaimAnswer) => {
  const jobs = [...model.jobs.values()];
  for (const { claim, task, checkpoint, fractionCompleted } of claimed) {
    const job = model.jobs.get(claim.jobId);
    assert.deepEqual(claim, { jobId: job?.id, sessionId: session, epoch: job?.epoch });
    assert.equal(task, TASKS[job?.status ?? ''] ?? 'release');
    assert.deepEqual(checkpoint, JSON.parse(job?.checkpoint ?? 'null'));
    assert.equal(fractionCompleted, job?.fraction ?? null);
    model.claims.push(claim);
  }
  const asked = jobs.filter((job) => job.claimedBy === session && job.status.endsWith('_REQUESTED'));
  assert.deepEqual([...requested].sort(), asked.map(({ id }) => id).sort());
  checkNextAttempt(model, nextAttemptInMs === null ? null : model.now + nextAttemptInMs);
};

/** Of the waits of this very step only the bounds are known. */
const checkNextAttempt = (model: Model, nextAttemptAt: number | null) => {
  const waits = [...model.jobs.values()].flatMap(({ wait, runAt, status }) => {
    if (wait !== null) return wait.to > model.now ? [wait] : [];
    return status === 'PENDING' && runAt !== null && runAt > model.now ? [{ from: runAt, to: runAt }] : [];
  });
  if (nextAttemptAt === null) {
    assert.deepEqual(waits, []);
    return;
  }
  assert.ok(waits.some(({ from, to }) => from <= nextAttemptAt && nextAttemptAt <= to));
  assert.ok(waits.every(({ to }) => to >= nextAttemptAt));
};

/** Mostly the newest claims, now and then one of long ago. */
const whichClaim = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 2 }) },
  { weight: 1, arbitrary: fc.nat({ max: 50 }) },
);
const claimOf = (model: Model, back: number) => pick([...model.claims].reverse(), back) as Claim;
const hasClaims = (_: unknown, model: Readonly<Model>) => model.claims.length > 0;

const saved: fc.Arbitrary<Saved> = fc.record(
  {
    checkpoint: fc.nat({ max: 3 }).map(String),
    fractionCompleted: fc.constantFrom(0, 0.25, 0.5, 0.999, 1),
    message: fc.constant('at work'),
  },
  { requiredKeys: [] },
);

/** A kind without an end has no fraction to save. */
const asKindsDo = (model: Model, claim: Claim, { fractionCompleted, ...rest }: Saved): Saved =>
  fractionCompleted === undefined || model.jobs.get(claim.jobId)?.continuous ? rest : { ...rest, fractionCompleted };

const save = fc.record({ back: whichClaim, saved }).map((inputs) =>
  step(
    'save',
    inputs,
    async ({ back, saved }, model, { store }) => {
      const claim = claimOf(model, back);
      const given = asKindsDo(model, claim, saved);
      const job = heldBy(model, claim);
      assert.equal(await store.save(claim, given, model.now), job?.status ?? null);
      if (job !== null) saveStep(job, given);
      return job === null ? 'nothing' : 'something';
    },
    hasClaims,
  ),
);

const markCommitting = fc.record({ back: whichClaim, saved }).map((inputs) =>
  step(
    'markCommitting',
    inputs,
    async ({ back, saved }, model, { store }) => {
      const claim = claimOf(model, back);
      const given = asKindsDo(model, claim, saved);
      const job = heldBy(model, claim);
      const may = job?.status === 'RUNNING';
      assert.equal(await store.markCommitting(claim, given, model.now), may);
      if (job === null || !may) return 'nothing';
      saveStep(job, given);
      job.committing = true;
      return 'something';
    },
    hasClaims,
  ),
);

const report: fc.Arbitrary<Omit<Settled, 'actor'>> = fc
  .record({
    report: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('retry' as const, 'stopped' as const, 'revertFailed' as const) },
      { weight: 2, arbitrary: fc.constantFrom('finished' as const, 'reverted' as const, 'failed' as const) },
      { weight: 1, arbitrary: fc.constant('pauseAsked' as const) },
    ),
    error: fc.oneof(
      { weight: 9, arbitrary: fc.string({ minLength: 1, maxLength: 4 }) },
      fc.constant('e'.repeat(1_030)),
    ),
    saved: fc.option(saved, { nil: undefined }),
    fenceAcquired: fc.integer({ min: 0, max: 7 }).map((n) => n !== 0),
  })
  .map(({ report, error, saved, fenceAcquired }) => ({
    report,
    ...(fenceAcquired ? {} : { fenceAcquired }),
    ...(['stopped', 'finished', 'reverted'].includes(report) ? {} : { error }),
    ...(saved === undefined ? {} : { saved }),
  }));

const settle = fc
  .record({ back: whichClaim, settled: report })
  .map((inputs) =>
    step('settle', inputs, ({ back, settled }, model, scene) => tell(model, scene, back, settled), hasClaims),
  );

const tell = async (
  model: Model,
  { store }: Scene,
  back: number,
  { saved, ...rest }: Omit<Settled, 'actor'>,
): Promise<Wrote> => {
  const claim = claimOf(model, back);
  const step = saved === undefined ? {} : { saved: asKindsDo(model, claim, saved) };
  const settled = { ...rest, ...step, actor: claim.sessionId };
  const job = heldBy(model, claim);
  if (job === null) {
    // Repeated by the session whose report ended this claim, it is answered as the first time.
    const first = model.jobs.get(claim.jobId)?.settled ?? null;
    const isRepeated = first?.claim.epoch === claim.epoch && model.jobs.get(claim.jobId)?.epoch === claim.epoch;
    assert.equal(await store.settle(claim, settled, model.now), isRepeated ? first?.as : null);
    return 'nothing';
  }
  if (settled.fenceAcquired === false && job.status === 'PAUSE_REQUESTED') {
    // Before the epoch is entered in the target, what a dead worker does there may go on.
    assert.equal(await store.settle(claim, settled, model.now), 'PAUSE_REQUESTED');
    return 'nothing';
  }
  if (!settleJob(model, claim, settled)) {
    const failure = await failureOf(store.settle(claim, settled, model.now));
    assert.match(failure?.message ?? '', /cannot be .* as it stands/);
    return 'nothing';
  }
  assert.equal(await store.settle(claim, settled, model.now), job.status);
  return 'something';
};

/** The failures that are tried again, one after the other: a job gets far only if nothing else becomes of it. */
const fail = fc.record({ back: fc.nat({ max: 1 }), error: fc.constantFrom('one', 'two', 'three') }).map((inputs) =>
  step(
    'fail',
    inputs,
    ({ back, error }, model, scene) => {
      const isUndoing = heldBy(model, claimOf(model, back))?.revertCause != null;
      return tell(model, scene, back, { report: isUndoing ? 'revertFailed' : 'retry', error });
    },
    hasClaims,
  ),
);

export const WORK = { startSession, endSession, heartbeat, claim, save, markCommitting, settle, fail };
