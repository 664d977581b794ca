import { expect, test } from 'vitest';
import type { Access } from '../../../src/jobs/access.ts';
import type { Condition } from '../../../src/jobs/filter.ts';
import type { Scene } from './scene.ts';

export const testCommands = (scene: Scene): void => {
  /** Five jobs of one type: two that wait, one that runs, one that is paused, and one that has ended. */
  const five = async () => {
    const type = scene.name('TYPE');
    const session = await scene.session(type);
    const ended = await scene.create(type);
    await scene.settle(await scene.take(session, type, ended), 'finished');
    const running = await scene.create(type);
    await scene.take(session, type, running);
    const paused = await scene.create(type);
    await scene.order('PAUSE', [paused]);
    const [one, other] = [await scene.create(type), await scene.create(type)] as const;
    const where: Condition = { is: 'equals', field: 'typeName', value: type };
    return { type, ids: [ended, running, paused, one, other] as const, where };
  };
  const statuses = async (ids: readonly string[]) => Promise.all(ids.map((id) => scene.status(id)));
  const BEFORE = ['SUCCEEDED', 'RUNNING', 'PAUSED', 'PENDING', 'PENDING'];

  test('a command on a filter changes what it can, in one step, and lists the rest', async () => {
    const { ids, where } = await five();
    const cursor = (await scene.store.log()).head;
    const outcome = await scene.order('PAUSE', [], { jobs: { where }, reason: 'lunch' });
    expect(outcome).toMatchObject({ applied: true, selectedCount: 5, changedCount: 3, unchangedCount: 1 });
    expect(outcome).toMatchObject({ refusedCount: 1, cursor });
    expect(outcome.changed.map(({ jobId, to }) => [jobId, to])).toEqual([
      [ids[1], 'PAUSE_REQUESTED'],
      [ids[3], 'PAUSED'],
      [ids[4], 'PAUSED'],
    ]);
    expect(outcome.refusals).toMatchObject([{ jobId: ids[0], code: 'INVALID_STATUS' }]);
    expect(outcome.refusals[0]?.message).toBe(`cannot pause succeeded job ${ids[0]}`);
    expect(await statuses(ids)).toEqual(['SUCCEEDED', 'PAUSE_REQUESTED', 'PAUSED', 'PAUSED', 'PAUSED']);
    expect(await scene.job(ids[3])).toMatchObject({ pauseReason: 'lunch' });
    expect(await scene.job(ids[2])).toMatchObject({ pauseReason: null });
    expect((await scene.store.log()).head).toBe(cursor + 3);
  });

  test('with ABORT one refusal keeps all the others from changing', async () => {
    const { ids, where } = await five();
    const { head } = await scene.store.log();
    const outcome = await scene.order('PAUSE', [], { jobs: { where }, abortOnRefusal: true });
    expect(outcome).toMatchObject({ applied: false, changedCount: 3, refusedCount: 1 });
    expect(await statuses(ids)).toEqual(BEFORE);
    expect((await scene.store.log()).head).toBe(head);
    const some = await scene.order('PAUSE', ids.slice(1), { abortOnRefusal: true });
    expect(some).toMatchObject({ applied: true, changedCount: 3 });
  });

  test('a dry run answers as the command would, and writes nothing', async () => {
    const { ids, where } = await five();
    const { head, revision } = await scene.store.log();
    const commandId = scene.name('command');
    const dry = await scene.order('CANCEL', [], { jobs: { where }, dryRun: true, commandId });
    expect(await statuses(ids)).toEqual(BEFORE);
    expect(await scene.store.log()).toMatchObject({ head, revision });
    const real = await scene.order('CANCEL', [], { jobs: { where }, commandId });
    expect({ ...dry, applied: true }).toEqual(real);
  });

  test('ids count once each; those that name nothing, and those that are not seen, are refused alike', async () => {
    const { ids } = await five();
    const bob: Access = { sees: { userName: 'bob' }, controls: ['own'], userName: 'bob' };
    const own = await scene.create('OWN', { userName: 'bob' });
    const outcome = await scene.order('PAUSE', [own, '1', ids[3], own], { access: bob });
    expect(outcome).toMatchObject({ selectedCount: 3, changedCount: 1, refusedCount: 2 });
    expect(outcome.refusals.map(({ jobId, code }) => [jobId, code])).toEqual([
      ['1', 'NOT_FOUND'],
      [ids[3], 'NOT_FOUND'],
    ]);
    expect(outcome.refusals[1]?.message).toBe(`job with ID ${ids[3]} does not exist`);
    expect(await scene.status(ids[3])).toBe('PENDING');
  });

  test('who may not control a job is refused before its type and its status', async () => {
    const { ids, type } = await five();
    const carl: Access = { sees: 'all', controls: ['non-admins'], userName: 'carl' };
    const refusingTypes = [type];
    const codes = async (access?: Access) =>
      (await scene.order('CANCEL', ids, { refusingTypes, ...(access === undefined ? {} : { access }) })).refusals.map(
        ({ code }) => code,
      );
    expect(new Set(await codes(carl))).toEqual(new Set(['FORBIDDEN']));
    expect(new Set(await codes())).toEqual(new Set(['NOT_CANCELABLE']));
    expect(await statuses(ids)).toEqual(BEFORE);
  });

  test('lists are as long as asked for, and counts are whole', async () => {
    const { where } = await five();
    const list = { changed: 2, refusals: 0 };
    const outcome = await scene.order('PAUSE', [], { jobs: { where }, list });
    expect(outcome).toMatchObject({ changedCount: 3, refusedCount: 1, refusals: [] });
    expect(outcome.changed).toHaveLength(2);
  });

  test('another number of jobs than expected changes nothing', async () => {
    const { ids, where } = await five();
    const order = { jobs: { where }, expectedCount: 4 };
    await expect(scene.order('PAUSE', [], order)).rejects.toMatchObject({ code: 'COUNT_MISMATCH' });
    expect(await statuses(ids)).toEqual(BEFORE);
    expect(await scene.order('PAUSE', [], { ...order, expectedCount: 5 })).toMatchObject({ applied: true });
  });

  test('a selected job with a later event than given changes nothing', async () => {
    const { ids } = await five();
    const { head } = await scene.store.log();
    await scene.order('RESUME', [ids[2]]);
    const since = (unchangedSince: number) => scene.order('PAUSE', ids, { unchangedSince });
    await expect(since(head)).rejects.toMatchObject({ code: 'CHANGED_SINCE' });
    await expect(since(head + 1_000)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await statuses(ids)).toEqual(['SUCCEEDED', 'RUNNING', 'PENDING', 'PENDING', 'PENDING']);
    expect(await since(head + 1)).toMatchObject({ changedCount: 4 });
  });

  test('a command that is repeated under its id is answered as the first time, and does nothing more', async () => {
    const { ids } = await five();
    const commandId = scene.name('command');
    const first = await scene.order('PAUSE', ids, { commandId });
    await scene.order('RESUME', [ids[3]]);
    const { head, revision } = await scene.store.log();
    expect(await scene.order('PAUSE', ids, { commandId })).toEqual(first);
    expect(await scene.store.log()).toMatchObject({ head, revision });
    expect(await scene.status(ids[3])).toBe('PENDING');
    const actor = { kind: 'USER', name: 'eve' } as const;
    expect(await scene.order('PAUSE', [ids[3]], { commandId, actor })).toMatchObject({ changedCount: 1 });
  });
};
