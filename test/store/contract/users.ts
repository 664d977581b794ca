import { expect, test } from 'vitest';
import type { NewToken } from '../../../src/store/store.ts';
import type { Scene } from './scene.ts';

export const testUsers = (scene: Scene): void => {
  const addUser = async () => {
    const user = {
      name: scene.name('Ann').replace(' ', '_'),
      isAdmin: false,
      privileges: [],
      databases: [],
      files: 'none' as const,
    };
    await scene.store.createUser(user, scene.now);
    return user.name;
  };
  const addToken = (userName: string, more: Partial<NewToken> = {}) => {
    scene.now += 1;
    const id = scene.name('token');
    const token: NewToken = {
      id,
      userName,
      name: null,
      hash: `hash of ${id}`,
      scope: 'FULL',
      kinds: null,
      expiresAt: null,
      createdBy: 'root',
      idempotency: null,
      ...more,
    };
    return scene.store.createToken(token, scene.now);
  };
  const tokensOf = async (name: string) => (await scene.store.tokens()).filter(({ userName }) => userName === name);

  test('the first probe of the secret is kept', async () => {
    const kept = await scene.store.keepSecretProbe('one');
    expect(await scene.store.keepSecretProbe('another')).toBe(kept);
  });

  test('names of users are compared without case, and kept as they were given', async () => {
    const name = await addUser();
    const upper = name.toUpperCase();
    await expect(
      scene.store.createUser(
        { name: upper, isAdmin: true, privileges: [], databases: [], files: 'none' as const },
        scene.now,
      ),
    ).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT', message: `user ${name} already exists` }));
    await expect(
      scene.store.createUser(
        { name: 'ROOT', isAdmin: true, privileges: [], databases: [], files: 'none' as const },
        scene.now,
      ),
    ).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT', message: 'user root already exists' }));
    const updated = await scene.store.updateUser({ name: upper, privileges: ['VIEWJOB'] });
    expect(updated).toMatchObject({ name, isAdmin: false, privileges: ['VIEWJOB'] });
    expect((await scene.store.users()).filter((user) => user.name.toUpperCase() === upper)).toEqual([updated]);
    expect(await scene.store.updateUser({ name: `${name}x`, isAdmin: true })).toBeNull();
  });

  test('a user who comes from elsewhere is created, and changed only where something is given', async () => {
    const name = scene.name('Eve').replace(' ', '_');
    const created = await scene.store.provideUser({ name }, scene.now);
    const none = { isAdmin: false, privileges: [], databases: [], files: 'none' };
    expect(created).toEqual({ name, ...none, createdAt: scene.now });
    const changed = await scene.store.provideUser({ name: name.toUpperCase(), privileges: ['VIEWJOB'] }, scene.now + 1);
    expect(changed).toEqual({ ...created, privileges: ['VIEWJOB'] });
    expect(await scene.store.provideUser({ name, isAdmin: true }, scene.now)).toEqual({ ...changed, isAdmin: true });
    expect(await scene.store.provideUser({ name }, scene.now)).toEqual({ ...changed, isAdmin: true });
  });

  test('tokens are created for users in any case, listed newest first, used and revoked', async () => {
    const name = await addUser();
    const first = await addToken(name.toLowerCase(), { name: 'laptop', expiresAt: scene.now + 1_000 });
    const createdAt = scene.now;
    const second = await addToken(name, { scope: 'WORKER', kinds: ['IMPORT'] });
    expect(await tokensOf(name)).toEqual([
      {
        id: second,
        userName: name,
        name: null,
        hash: `hash of ${second}`,
        scope: 'WORKER',
        kinds: ['IMPORT'],
        createdAt: createdAt + 1,
        expiresAt: null,
        lastUsedAt: null,
      },
      {
        id: first,
        userName: name,
        name: 'laptop',
        hash: `hash of ${first}`,
        scope: 'FULL',
        kinds: null,
        createdAt,
        expiresAt: createdAt + 999,
        lastUsedAt: null,
      },
    ]);
    await scene.store.touchToken(second, scene.now + 5);
    expect((await tokensOf(name)).map(({ lastUsedAt }) => lastUsedAt)).toEqual([scene.now + 5, null]);
    expect(await scene.store.revokeToken(second)).toBe(true);
    expect(await scene.store.revokeToken(second)).toBe(false);
    await scene.store.touchToken(second, scene.now);
    expect((await tokensOf(name)).map(({ id }) => id)).toEqual([first]);
    await expect(addToken(`${name}x`)).rejects.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  test('the expired tokens of a user make room for a new one, and a user has at most 100', async () => {
    const name = await addUser();
    const other = await addUser();
    const expired = await addToken(name, { expiresAt: scene.now + 10 });
    const others = await addToken(other, { expiresAt: scene.now + 10 });
    scene.now += 10;
    const kept = await addToken(name, { expiresAt: scene.now + 1_000 });
    expect((await tokensOf(name)).map(({ id }) => id)).toEqual([kept]);
    expect(expired).not.toBe(kept);
    expect((await tokensOf(other)).map(({ id }) => id)).toEqual([others]);
    for (let n = 1; n < 100; n += 1) await addToken(name);
    await expect(addToken(name)).rejects.toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
    expect((await tokensOf(name)).length).toBe(100);
  });

  test('a creation that is repeated with its key gives the same token a new hash', async () => {
    const name = await addUser();
    const idempotency = { key: scene.name('key'), inputHash: 'a' };
    const id = await addToken(name, { idempotency });
    expect(await addToken(name, { idempotency, hash: 'another' })).toBe(id);
    expect(await tokensOf(name)).toMatchObject([{ id, hash: 'another' }]);
    await expect(addToken(name, { idempotency: { ...idempotency, inputHash: 'b' } })).rejects.toThrow(
      expect.objectContaining({ code: 'IDEMPOTENCY_CONFLICT' }),
    );
    expect(await addToken(name, { idempotency, createdBy: name })).not.toBe(id);
    expect((await tokensOf(name)).length).toBe(2);
  });

  test('an event keeps the token with which a user acted', async () => {
    const id = await scene.create(scene.name('TYPE'), { tokenId: 'token a' });
    await scene.order('PAUSE', [id], { actor: { kind: 'USER', name: 'root', tokenId: 'token b' } });
    await scene.order('RESUME', [id]);
    expect((await scene.events(id)).map(({ actor }) => actor)).toEqual([
      { kind: 'USER', name: 'root', tokenId: 'token a' },
      { kind: 'USER', name: 'root', tokenId: 'token b' },
      { kind: 'USER', name: 'root' },
    ]);
  });

  test('a change of a token is reported like a change of a user; its use is not', async () => {
    const name = await addUser();
    const reported: boolean[] = [];
    const ignore = scene.store.onCommit(({ users }) => reported.push(users));
    const id = await addToken(name);
    await scene.store.touchToken(id, scene.now);
    await scene.store.revokeToken(id);
    ignore();
    expect(reported).toEqual([true, false, true]);
  });
};
