import { expect, test } from 'vitest';
import { ADMIN, type Scene } from './scene.ts';

export const testCreation = (scene: Scene): void => {
  test('the id of a store is 8 hexadecimal digits', () => {
    expect(scene.store.id).toMatch(/^[0-9a-f]{8}$/);
  });

  test('a job keeps what it was created with, and its creation is its first event', async () => {
    const type = scene.name('TYPE');
    const runAt = scene.now + 60_000;
    const given = { userName: 'bob', details: { a: [1] }, inputJson: '{"password":"…"}', runAt, priority: 7 };
    const id = await scene.create(type, { ...given, description: 'six rows' });
    expect(await scene.job(id)).toMatchObject({
      id,
      type: 'CUSTOM',
      typeName: type,
      description: 'six rows',
      userName: 'bob',
      database: null,
      status: 'PENDING',
      createdAt: scene.now,
      modifiedAt: scene.now,
      startedAt: null,
      finishedAt: null,
      fractionCompleted: 0,
      counters: [],
      attempts: 0,
      details: { a: [1] },
      inputJson: { password: '…' },
      warnings: [],
      runAt,
      priority: 7,
    });
    const [created, ...others] = await scene.events(id);
    expect(created).toMatchObject({ jobId: id, from: null, to: 'PENDING', at: scene.now, typeName: type });
    expect(created?.actor).toEqual({ kind: 'USER', name: 'bob' });
    expect(others).toEqual([]);
  });

  test('ids grow in the order of creation, also where the clock is set back', async () => {
    const first = await scene.create('GROWS');
    scene.now -= 5_000;
    const second = await scene.create('GROWS');
    scene.now += 5_000;
    const third = await scene.create('GROWS');
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect(Number(third)).toBeGreaterThan(Number(second));
  });

  test('an idempotency key makes one job, for the same user, mutation and input', async () => {
    const type = scene.name('TYPE');
    const idempotency = { mutation: type, key: 'once', inputHash: 'a' };
    const job = { userName: 'bob', idempotency };
    const id = await scene.create(type, job);
    const { head } = await scene.store.log();
    expect(await scene.create(type, job)).toBe(id);
    expect(await scene.store.jobByKey('bob', idempotency)).toBe(id);
    expect((await scene.store.log()).head).toBe(head);
    const other = { ...job, idempotency: { ...idempotency, inputHash: 'b' } };
    await expect(scene.create(type, other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await scene.store.jobByKey('eve', idempotency)).toBeNull();
    expect(await scene.create(type, { ...job, userName: 'eve' })).not.toBe(id);
  });

  test('a user is created once, and updated where it exists', async () => {
    const name = scene.name('user');
    const user = { name, isAdmin: false, privileges: ['VIEWJOB'], databases: [], files: 'none' } as const;
    const changes: boolean[] = [];
    const ignore = scene.store.onCommit(({ users }) => changes.push(users));
    expect(await scene.store.createUser(user, scene.now)).toEqual({ ...user, createdAt: scene.now });
    await expect(scene.store.createUser(user, scene.now)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await scene.store.updateUser({ name, isAdmin: true })).toMatchObject({ isAdmin: true, ...{ name } });
    expect(await scene.store.updateUser({ name, privileges: [] })).toMatchObject({ isAdmin: true, privileges: [] });
    expect(await scene.store.updateUser({ name: 'nobody' })).toBeNull();
    ignore();
    expect(changes).toContain(true);
    const known = (await scene.store.users()).find((user) => user.name === name);
    expect(known).toEqual({ ...user, isAdmin: true, privileges: [], createdAt: scene.now });
  });

  test('a user is granted databases that exist, and those that their jobs created; an update replaces them', async () => {
    const { store, now } = scene;
    const [one, other, name] = [scene.name('db'), scene.name('db'), scene.name('user')];
    for (const name of [one, other]) await store.createDatabase({ name, url: `file:${name}` }, now);
    const user = { name, isAdmin: false, privileges: [], databases: [other, one], files: { folder: 'a/b' } } as const;
    const granted = async () => (await store.users()).find((known) => known.name === name);
    const missing = { code: 'BAD_USER_INPUT', extensions: { field: 'input.databases.names.1' } };
    await expect(store.createUser({ ...user, databases: [one, 'none'] }, now)).rejects.toMatchObject(missing);
    expect(await granted()).toBeUndefined();
    expect(await store.createUser(user, now)).toMatchObject({ databases: [one, other], files: { folder: 'a/b' } });

    const made = { name: scene.name('db'), url: 'file:granted.db', createdAt: now };
    const { id, claim } = await scene.running({ makes: made, userName: name, database: made.name });
    expect(await granted()).toMatchObject({ databases: [one, other] });
    const changes: boolean[] = [];
    const ignore = store.onCommit(({ users }) => changes.push(users));
    await scene.settle(claim, 'finished');
    ignore();
    expect(changes.at(-1)).toBe(true);
    expect(await granted()).toMatchObject({ databases: [one, other, made.name].sort() });

    await expect(store.updateUser({ name, databases: [one, 'none'] })).rejects.toMatchObject(missing);
    expect(await store.updateUser({ name, files: 'none' })).toMatchObject({
      databases: [one, other, made.name].sort(),
      files: 'none',
    });
    expect(await store.updateUser({ name, databases: 'all', files: 'all' })).toMatchObject({
      databases: 'all',
      files: 'all',
    });
    expect(await store.updateUser({ name: name.toUpperCase(), databases: [other] })).toMatchObject({
      databases: [other],
    });
    expect(await granted()).toMatchObject({ databases: [other], files: 'all' });
    expect((await scene.job(id)).status).toBe('SUCCEEDED');
  });

  test('a claim has what is granted to the creator of the job at that time', async () => {
    const { store, now } = scene;
    const [database, name] = [scene.name('db'), scene.name('user')];
    await store.createDatabase({ name: database, url: 'file:claimed.db' }, now);
    await store.createUser({ name, isAdmin: false, privileges: [], databases: [database], files: 'none' }, now);
    const type = scene.name('TYPE');
    const id = await scene.create(type, { userName: name, database, inputJson: '{"a":1}' });
    const session = await scene.session(type);
    const { claim, ...claimed } = await scene.taken(session, type, id);
    expect(claimed).toMatchObject({
      databaseName: database,
      database: { name: database },
      inputJson: '{"a":1}',
      committing: false,
      owner: { name, isAdmin: false, databases: [database], files: 'none' },
    });
    await store.updateUser({ name, databases: [], files: { folder: 'a' } });
    await store.markCommitting(claim, {}, now);
    await scene.settle(claim, 'stopped');
    expect(await scene.taken(session, type, id)).toMatchObject({
      committing: true,
      owner: { databases: [], files: { folder: 'a' } },
    });
  });

  test('a database that a job makes is listed once the job has succeeded, and free again once it has not', async () => {
    const made = { name: scene.name('db'), url: 'file:made.db', createdAt: scene.now };
    const { id, claim } = await scene.running({ makes: made });
    const names = async () => (await scene.store.databases()).map(({ name }) => name);
    expect(await names()).not.toContain(made.name);
    expect(await scene.store.makerOf(made.name)).toBe(id);
    await expect(scene.create('OTHER', { makes: made })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(scene.store.createDatabase(made, scene.now)).rejects.toMatchObject({ code: 'CONFLICT' });
    await scene.settle(claim, 'finished');
    expect(await names()).toContain(made.name);
    expect(await scene.store.makerOf(made.name)).toBeNull();

    const free = { ...made, name: scene.name('db') };
    const canceled = await scene.create('OTHER', { makes: free });
    await scene.order('CANCEL', [canceled]);
    expect(await scene.store.createDatabase(free, scene.now)).toMatchObject({ name: free.name });
    expect(await names()).toContain(free.name);
  });

  test('every commit is reported, with the head of the log and the greatest revision', async () => {
    const commits: { head: number; revision: number }[] = [];
    const ignore = scene.store.onCommit(({ head, revision }) => commits.push({ head, revision }));
    const before = await scene.store.log();
    const { claim } = await scene.running();
    await scene.store.save(claim, { fractionCompleted: 0.5 }, scene.now);
    ignore();
    const after = await scene.store.log();
    expect(commits.at(-1)).toEqual({ head: after.head, revision: after.revision });
    expect(after.head).toBe(before.head + 2);
    for (const [at, { head, revision }] of commits.entries()) {
      expect(head).toBeGreaterThanOrEqual(commits[at - 1]?.head ?? before.head);
      expect(revision).toBeGreaterThanOrEqual(commits[at - 1]?.revision ?? before.revision);
    }
    const changed = await scene.store.jobsChangedSince(before.revision, 10, ADMIN);
    expect(changed).toEqual({ ids: [claim.jobId], revision: after.revision });
  });
};
