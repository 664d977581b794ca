import { expect, test } from 'vitest';
import type { JobStatus } from '../../../src/jobs/status.ts';
import type { Claim, Settled } from '../../../src/store/store.ts';
import { COMMANDS, REPORTS, type Stand } from '../../jobs/table.ts';
import type { Running, Scene } from './scene.ts';

interface Brought extends Omit<Running, 'claim'> {
  readonly claim: Claim | null;
}
type Bring = (scene: Scene) => Promise<Brought>;

const created: Bring = async (scene) => {
  const type = scene.name('TYPE');
  return { id: await scene.create(type), type, session: await scene.session(type), claim: null };
};
const running: Bring = (scene) => scene.running();

const claimed =
  (bring: Bring): Bring =>
  async (scene) => {
    const job = await bring(scene);
    return { ...job, claim: await scene.take(job.session, job.type, job.id) };
  };
const ordered =
  (bring: Bring, command: 'PAUSE' | 'CANCEL'): Bring =>
  async (scene) => {
    const job = await bring(scene);
    await scene.order(command, [job.id]);
    return job;
  };
const settled =
  (bring: Bring, report: Settled['report']): Bring =>
  async (scene) => {
    const job = await bring(scene);
    if (job.claim !== null) await scene.settle(job.claim, report);
    return { ...job, claim: null };
  };
const dead: Bring = async (scene) => {
  const job = await scene.running();
  await scene.store.endSession(job.session, scene.now);
  return { ...job, session: await scene.session(job.type), claim: null };
};
const committing: Bring = async (scene) => {
  const job = await scene.running();
  await scene.store.markCommitting(job.claim, {}, scene.now);
  return job;
};

const pausedAfterRun = settled(ordered(running, 'PAUSE'), 'stopped');
const canceledUnheld = ordered(pausedAfterRun, 'CANCEL');
const revertingByCancel = settled(claimed(canceledUnheld), 'stopped');
const revertingByFailure = settled(running, 'failed');

/** How a job comes to each standing that there is. */
const BRING: Readonly<Record<Stand, Bring>> = {
  'PENDING, never run': created,
  'PENDING, has run': settled(running, 'stopped'),
  'PENDING, committing': settled(committing, 'stopped'),
  RUNNING: running,
  'RUNNING, its claim dead': dead,
  'RUNNING, committing': committing,
  PAUSE_REQUESTED: ordered(running, 'PAUSE'),
  'PAUSE_REQUESTED while reverting by cancel': ordered(claimed(revertingByCancel), 'PAUSE'),
  'PAUSE_REQUESTED while reverting by failure': ordered(claimed(revertingByFailure), 'PAUSE'),
  'PAUSED, never run': ordered(created, 'PAUSE'),
  'PAUSED, has run': pausedAfterRun,
  'PAUSED while reverting by cancel': ordered(revertingByCancel, 'PAUSE'),
  'PAUSED while reverting by failure': ordered(revertingByFailure, 'PAUSE'),
  'CANCEL_REQUESTED, held': ordered(running, 'CANCEL'),
  'CANCEL_REQUESTED, not held': canceledUnheld,
  'REVERTING by cancel, held': claimed(revertingByCancel),
  'REVERTING by cancel, not held': revertingByCancel,
  'REVERTING by failure, held': claimed(revertingByFailure),
  'REVERTING by failure, not held': revertingByFailure,
  SUCCEEDED: settled(running, 'finished'),
  FAILED: settled(claimed(revertingByFailure), 'reverted'),
  CANCELED: settled(claimed(revertingByCancel), 'reverted'),
};
const stands = Object.keys(BRING) as Stand[];
const SETTLED = ['stopped', 'finished', 'failed', 'retry', 'pauseAsked', 'reverted', 'revertFailed'] as const;

export const testTransitions = (scene: Scene): void => {
  test.each(stands)('%s: each command leads where the table defines, and is counted and logged', async (stand) => {
    for (const [at, command] of (['PAUSE', 'RESUME', 'CANCEL'] as const).entries()) {
      const { id } = await BRING[stand](scene);
      const before = await scene.job(id);
      const events = (await scene.events(id)).length;
      const cell = COMMANDS[stand][at] ?? '-';
      const outcome = await scene.order(command, [id], { reason: 'because' });
      const counts = { changedCount: 0, unchangedCount: 0, refusedCount: 0, applied: true, selectedCount: 1 };
      if (cell === '=' || cell === '-') {
        expect(outcome).toMatchObject({ ...counts, [cell === '=' ? 'unchangedCount' : 'refusedCount']: 1 });
        expect(outcome.refusals.map(({ code }) => code)).toEqual(cell === '=' ? [] : ['INVALID_STATUS']);
        expect(await scene.job(id)).toEqual(before);
        expect(await scene.events(id)).toHaveLength(events);
      } else {
        expect(outcome).toMatchObject({ ...counts, changedCount: 1 });
        expect(outcome.changed).toEqual([{ jobId: id, from: before.status, to: cell }]);
        const last = (await scene.events(id)).slice(events);
        expect(last).toMatchObject([{ from: before.status, to: cell, command, reason: 'because' }]);
        expect(await scene.status(id)).toBe(cell);
      }
    }
  });

  test.each(stands)('%s: each report leads where the table defines, or cannot be made', async (stand) => {
    for (const report of SETTLED) {
      const { id, claim } = await BRING[stand](scene);
      if (claim === null) return;
      const before = await scene.job(id);
      const to = REPORTS[report]?.[stand];
      if (to === undefined) {
        await expect(scene.settle(claim, report)).rejects.toThrow('as it stands');
        expect(await scene.job(id)).toEqual(before);
      } else {
        expect(await scene.settle(claim, report)).toBe(to);
        expect(await scene.job(id)).toMatchObject({ status: to, claimedBy: null });
        if (to !== before.status) expect((await scene.history(id)).at(-1)).toBe(to);
      }
    }
    const { claim } = await BRING[stand](scene);
    if (claim === null) return;
    const mayCommit = REPORTS.committing?.[stand] !== undefined;
    expect(await scene.store.markCommitting(claim, {}, scene.now)).toBe(mayCommit);
  });

  test.each(stands)('%s: it is claimed where the table defines, and nowhere else', async (stand) => {
    const { id, type, session, claim } = await BRING[stand](scene);
    // A dead claim that saved nothing is found first, and spends an attempt.
    if (claim !== null) await scene.store.save(claim, { checkpoint: '1' }, scene.now);
    if (stand === 'RUNNING, its claim dead') return;
    await scene.store.endSession(session, scene.now);
    const other = await scene.session(type);
    const { status } = await scene.job(id);
    const { claimed } = await scene.claim(other, [type]);
    const to = (REPORTS.claimed?.[stand] ?? null) as JobStatus | null;
    expect(claimed.map(({ claim }) => claim.jobId)).toEqual(to === null ? [] : [id]);
    if (to === null) expect(await scene.status(id)).toBe(status);
    else if (to === 'PAUSED') expect(claimed[0]?.task).toBe('release');
    else expect(await scene.job(id)).toMatchObject({ status: to, claimedBy: other });
  });

  test.each(stands)('%s: a claim that ended without a report leads where the table defines', async (stand) => {
    const to = REPORTS.lost?.[stand];
    const { id, type, session, claim } = await BRING[stand](scene);
    if (to === undefined || (claim === null && stand !== 'RUNNING, its claim dead')) return;
    if (claim !== null) await scene.store.endSession(session, scene.now);
    const other = await scene.session(type);
    const { claimed } = await scene.claim(other, [type]);
    expect(claimed).toEqual([]);
    expect(await scene.job(id)).toMatchObject({ status: to, attempts: 1, claimedBy: null });
  });
};
