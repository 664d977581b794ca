import { expect, test } from 'vitest';
import { ADMIN, LEASE_MS, type Scene } from './scene.ts';

export const testSessions = (scene: Scene): void => {
  test('a session that is silent for longer than a lease is declared dead, and its jobs are taken over', async () => {
    const { id, type, session, claim } = await scene.running();
    await scene.store.save(claim, { checkpoint: '3' }, scene.now);
    expect(await scene.store.heartbeat(session, LEASE_MS, scene.now)).toBe(true);
    const other = await scene.session(type);
    scene.now += LEASE_MS;
    expect(await scene.store.heartbeat(other, LEASE_MS, scene.now)).toBe(true);
    expect((await scene.claim(other, [type])).claimed).toEqual([]);
    scene.now += 1;
    expect(await scene.store.heartbeat(other, LEASE_MS, scene.now)).toBe(true);
    const { claimed } = await scene.claim(other, [type]);
    expect(claimed).toMatchObject([{ claim: { jobId: id, sessionId: other, epoch: 2 }, task: 'run', checkpoint: 3 }]);
    expect(await scene.store.heartbeat(session, LEASE_MS, scene.now)).toBe(false);
    expect((await scene.claim(session, [type])).claimed).toEqual([]);
    expect(await scene.job(id)).toMatchObject({ attempts: 0, claimedBy: other });
    expect(await scene.history(id)).toEqual(['PENDING', 'RUNNING']);
  });

  test('a claim that ends without a report and a checkpoint spends an attempt; after five the job fails', async () => {
    const type = scene.name('TYPE');
    const id = await scene.create(type);
    for (let life = 1; life <= 5; life += 1) {
      const session = await scene.session(type);
      await scene.take(session, type, id);
      await scene.store.endSession(session, scene.now);
      const finder = await scene.session(type);
      expect((await scene.claim(finder, [type], { reverting: 0 })).claimed).toEqual([]);
      await scene.store.endSession(finder, scene.now);
      if (life < 5) expect(await scene.job(id)).toMatchObject({ status: 'PENDING', attempts: life, claimedBy: null });
      scene.now += 600_000;
    }
    expect(await scene.job(id)).toMatchObject({ status: 'REVERTING', error: 'worker lost 5 times', attempts: 0 });
    const actors = (await scene.events(id)).filter(({ actor }) => actor.kind === 'SYSTEM');
    expect(actors).toHaveLength(5);
  });

  test('a pause that a dead worker did not carry out is carried out by the next', async () => {
    const { id, type, session } = await scene.running();
    await scene.order('PAUSE', [id]);
    await scene.store.endSession(session, scene.now);
    const other = await scene.session(type);
    const taken = await scene.taken(other, type, id);
    expect(taken).toMatchObject({ task: 'release', claim: { epoch: 2 } });
    expect(await scene.status(id)).toBe('PAUSE_REQUESTED');
    expect(await scene.settle(taken.claim, 'stopped')).toBe('PAUSED');
  });

  test('a running job whose type no server knows any more waits, and spends nothing', async () => {
    const { id, type, session } = await scene.running();
    await scene.store.endSession(session, scene.now);
    const stranger = await scene.session('OTHER');
    expect((await scene.claim(stranger, ['OTHER'])).claimed).toEqual([]);
    expect(await scene.job(id)).toMatchObject({
      status: 'PENDING',
      statusMessage: `no server knows ${type}`,
      attempts: 0,
      nextAttemptAt: null,
      claimedBy: null,
      error: null,
    });
    const knowing = await scene.session(type);
    expect((await scene.job(id)).statusMessage).toBe('waiting for a worker');
    expect(await scene.taken(knowing, type, id)).toMatchObject({ task: 'run' });
    expect(await scene.history(id)).toEqual(['PENDING', 'RUNNING', 'PENDING', 'RUNNING']);
  });

  test('requests and reverting of a type that no server knows wait as they are', async () => {
    const paused = await scene.running();
    const canceled = await scene.running();
    const reverting = await scene.running();
    await scene.order('PAUSE', [paused.id]);
    await scene.order('CANCEL', [canceled.id]);
    await scene.settle(reverting.claim, 'failed');
    const claim = await scene.take(reverting.session, reverting.type, reverting.id);
    await scene.store.save(claim, { checkpoint: '1' }, scene.now);
    const jobs = [paused, canceled, reverting];
    for (const { session } of jobs) await scene.store.endSession(session, scene.now);
    const stranger = await scene.session('OTHER');
    for (let round = 0; round < 2; round += 1) {
      expect((await scene.claim(stranger, ['OTHER'])).claimed).toEqual([]);
      for (const [at, status] of ['PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING'].entries()) {
        const { id = '', type } = jobs[at] ?? {};
        expect(await scene.job(id)).toMatchObject({ status, attempts: 0, statusMessage: `no server knows ${type}` });
      }
      scene.now += 600_000;
    }
    const types = jobs.map(({ type }) => type);
    const knowing = await scene.session(...types);
    const { claimed } = await scene.claim(knowing, types);
    expect(claimed.map(({ claim, task }) => [claim.jobId, task])).toEqual([
      [paused.id, 'release'],
      [canceled.id, 'revert'],
      [reverting.id, 'revert'],
    ]);
  });

  test('a kind that is registered again is replaced, and the session of a worker in another program is no server', async () => {
    const [one, other] = [scene.name('KIND_A'), scene.name('KIND_B')];
    await scene.store.registerKinds([{ name: other, definition: { pausable: true } }], scene.now);
    scene.now += 1;
    const definition = { pausable: false, inputSchema: { type: 'object' } };
    await scene.store.registerKinds(
      [
        { name: one, definition: {} },
        { name: other, definition },
      ],
      scene.now,
    );
    const found = (await scene.store.registeredKinds()).filter(({ name }) => name === one || name === other);
    expect(found).toEqual([
      { name: one, definition: {}, registeredAt: expect.any(Number) },
      { name: other, definition, registeredAt: expect.any(Number) },
    ]);
    const servers = await scene.store.sessions(ADMIN);
    const id = scene.name('session');
    await scene.store.startSession({ id, name: 'elsewhere', types: [one], remote: true }, scene.now);
    expect(await scene.store.sessions(ADMIN)).toEqual(servers);
    const job = await scene.create(one);
    expect((await scene.claim(id, [one])).claimed).toMatchObject([{ claim: { jobId: job } }]);
    await scene.store.endSession(id, scene.now);
  });

  test('a session that has ended gets nothing', async () => {
    const type = scene.name('TYPE');
    const id = await scene.create(type);
    const session = await scene.session(type);
    await scene.store.endSession(session, scene.now);
    expect(await scene.claim(session, [type])).toMatchObject({ claimed: [], requested: [], nextAttemptInMs: null });
    expect(await scene.status(id)).toBe('PENDING');
  });
};
