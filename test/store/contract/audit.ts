import { expect, test } from 'vitest';
import { EVERYTHING } from '../../../src/jobs/filter.ts';
import { ADMIN, type Scene } from './scene.ts';

export const testAudit = (scene: Scene): void => {
  const by = () => ({ actor: { kind: 'USER' as const, name: 'root', tokenId: 't1' }, at: scene.now });
  const first = { direction: 'ascending', after: null, before: null, limit: 1_000 } as const;
  const log = async () => (await scene.store.auditEvents(first, EVERYTHING)).events;
  const addUser = async () => {
    const name = scene.name('audited');
    await scene.store.createUser(
      { name, isAdmin: false, privileges: [], databases: [], files: 'none' },
      scene.now,
      by(),
    );
    return name;
  };

  test('a change of a user is in the audit log with its actor, and a refused one is not', async () => {
    const name = await addUser();
    const { length } = await log();
    await scene.store.updateUser({ name, isAdmin: true }, by());
    await expect(scene.store.updateUser({ name, databases: ['none'] }, by())).rejects.toThrow();
    expect(await scene.store.updateUser({ name: 'nobody', isAdmin: true }, by())).toBeNull();
    const [event, ...others] = (await log()).slice(length);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      at: scene.now,
      actor: { kind: 'USER', name: 'root', tokenId: 't1' },
      action: 'updateUser',
      target: name,
      before: { isAdmin: false },
      after: { isAdmin: true },
    });
    const page = await scene.store.auditEvents({ ...first, limit: 1 }, EVERYTHING);
    expect(page).toMatchObject({ more: true });
    const last = { ...first, direction: 'descending', limit: 1 } as const;
    expect((await scene.store.auditEvents(last, { is: 'equals', field: 'target', value: name })).events).toEqual([
      event,
    ]);
  });

  test('the name of a deleted user is not given again while a job has it', async () => {
    const { store } = scene;
    const name = await addUser();
    const { id, claim } = await scene.running({ userName: name });
    await expect(store.deleteUser(name, by())).rejects.toMatchObject({ code: 'CONFLICT' });
    await scene.settle(claim, 'finished');
    expect(await store.deleteUser(name.toUpperCase(), by())).toBe(name);
    expect(await store.deleteUser(name, by())).toBeNull();
    const again = () =>
      store.createUser({ name, isAdmin: false, privileges: [], databases: [], files: 'none' }, scene.now);
    await expect(again()).rejects.toMatchObject({ code: 'CONFLICT' });
    scene.now += 1;
    await store.removeAuditEvents(scene.now, 1_000);
    expect((await log()).map(({ action, target }) => [action, target])).toContainEqual(['deleteUser', name]);
    await expect(again()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await store.removeJobs([id], scene.now)).toBe(1);
    await store.removeAuditEvents(scene.now, 1_000);
    expect(await log()).toEqual([]);
    expect(await again()).toMatchObject({ name });
  });

  test('settings are recorded once, and again when they change', async () => {
    const settings = async () => (await log()).filter(({ action }) => action === 'settings').map(({ after }) => after);
    for (const value of [1, 1, 2]) await scene.store.recordSettings({ value }, by());
    expect(await settings()).toEqual([{ value: 1 }, { value: 2 }]);
  });

  test('a database is unregistered unless a job that has not ended uses it, or has left something there', async () => {
    const { store } = scene;
    const name = scene.name('db');
    await store.createDatabase({ name, url: `file:${name}` }, scene.now, by());
    const { id, claim } = await scene.running({ database: name });
    await store.markBegan(claim);
    const refused = { code: 'CONFLICT', extensions: { jobId: id } };
    await expect(store.deleteDatabase(name, by())).rejects.toMatchObject(refused);
    await scene.settle(claim, 'finished');
    await expect(store.deleteDatabase(name, by())).rejects.toMatchObject(refused);
    await store.cleanedUp(id);
    expect(await store.deleteDatabase(name, by())).toBe(true);
    expect(await store.deleteDatabase(name, by())).toBe(false);
    expect((await store.databases()).map((one) => one.name)).not.toContain(name);
  });

  test('jobs that have ended are deleted, with their keys; a dry run deletes nothing', async () => {
    const { store } = scene;
    const idempotency = { mutation: 'M', key: scene.name('key'), inputHash: 'a' };
    const ended = await scene.running({ idempotency });
    await scene.settle(ended.claim, 'finished');
    const live = await scene.running();
    const order = {
      jobs: { ids: [ended.id, live.id] },
      access: ADMIN,
      actor: by().actor,
      reason: 'why',
      commandId: scene.name('command'),
      abortOnRefusal: false,
      dryRun: true,
      expectedCount: null,
      unchangedSince: null,
      list: { refusals: 10 },
    };
    const outcome = {
      selectedCount: 2,
      deletedCount: 1,
      refusedCount: 1,
      refusals: [
        { jobId: live.id, code: 'INVALID_STATUS', message: `cannot delete running job ${live.id}: it has not ended` },
      ],
    };
    expect(await store.deleteJobs(order, scene.now)).toEqual({ ...outcome, applied: false, deleted: [] });
    expect(await scene.status(ended.id)).toBe('SUCCEEDED');
    const applied = await store.deleteJobs({ ...order, dryRun: false }, scene.now);
    expect(applied).toMatchObject({ ...outcome, applied: true, deleted: [{ id: ended.id }] });
    expect(await store.job(ended.id, ADMIN)).toBeNull();
    expect(await store.jobByKey('root', idempotency)).toBeNull();
    expect((await scene.events(ended.id)).length).toBe(3);
    expect(await scene.status(live.id)).toBe('RUNNING');
    expect((await log()).at(-1)).toMatchObject({ action: 'deleteJobs', reason: 'why', after: { ids: [ended.id] } });
  });
};
