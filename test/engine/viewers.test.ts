import { expect, test } from 'vitest';
import type { User } from '../../src/auth/viewer.ts';
import { startViewers } from '../../src/engine/viewers.ts';
import { startApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';

test('listeners are called when users or tokens have changed, and not when they were only read again', async () => {
  await using app = await startApp();
  const viewers = await startViewers(app.store, (error) => expect.fail(String(error)));
  let calls = 0;
  viewers.onChange(() => {
    calls += 1;
  });
  await viewers.refresh();
  await Promise.all([viewers.refreshOnce(), viewers.refreshOnce()]);
  expect(calls).toBe(0);
  await addUser(app, 'ann', { privileges: [] });
  await viewers.refresh();
  expect(calls).toBe(1);
  expect(viewers.find('ANN')?.name).toBe('ann');
  viewers.stop();
});

test('an answer that comes late does not replace a newer one', async () => {
  await using app = await startApp();
  const before = await app.store.users();
  await addUser(app, 'ann', { privileges: [] });
  const after = await app.store.users();
  const answers: ((users: readonly User[]) => void)[] = [];
  let isHeld = false;
  const users = () => (isHeld ? new Promise<readonly User[]>((resolve) => answers.push(resolve)) : app.store.users());
  const viewers = await startViewers({ ...app.store, users }, (error) => expect.fail(String(error)));
  isHeld = true;
  const older = viewers.refresh();
  const newer = viewers.refresh();
  answers[1]?.(after);
  await newer;
  answers[0]?.(before);
  await older;
  expect(viewers.find('ann')?.name).toBe('ann');
  viewers.stop();
});
