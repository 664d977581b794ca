import { act, createElement } from 'react';
import { create, type ReactTestRenderer } from 'react-test-renderer';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, type JobFilter } from '../../src/client/index.ts';
import {
  type ControlState,
  type JobState,
  type JobsState,
  useControl,
  useJob,
  useJobs,
} from '../../src/react/index.ts';
import { startScripted } from '../support/scripted-app.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

test('a list and a job stay up to date, a command has its outcome, and an unmounted component listens no more', async () => {
  await using scene = await startScripted();
  const client = createClient({ url: scene.app.url, user: 'root', webSocket: WebSocket });
  const one = await scene.start('one');
  const two = await scene.start('two');
  let list: JobsState | undefined;
  let shown: JobState | undefined;
  let control: ControlState | undefined;
  const View = ({ where }: { readonly where: JobFilter }) => {
    list = useJobs(client, where);
    shown = useJob(client, one);
    control = useControl(client);
    return null;
  };
  let tree: ReactTestRenderer | undefined;
  await act(async () => {
    tree = create(createElement(View, { where: { status: { equals: 'RUNNING' } } }));
  });
  const settles = (read: () => unknown, expected: unknown) =>
    expect
      .poll(async () => {
        await act(async () => undefined);
        return read();
      })
      .toEqual(expected);
  await settles(() => list?.jobs.map(({ id }) => id), [two, one]);
  await settles(() => shown?.job?.status, 'RUNNING');
  await act(async () => void (await control?.pause({ ids: [one] }, { reason: 'lunch' })));
  expect(control).toMatchObject({ isPending: false, error: null, outcome: { changedCount: 1 } });
  await settles(() => shown?.job?.pauseReason, 'lunch');
  await settles(() => list?.jobs.map(({ id }) => id), [two]);
  // A filter that is equal to the last one keeps the list; another one begins again.
  await act(async () => tree?.update(createElement(View, { where: { status: { equals: 'RUNNING' } } })));
  expect(list?.isLoading).toBe(false);
  await act(async () => tree?.update(createElement(View, { where: { id: { equals: '1' } } })));
  await settles(() => list, { jobs: [], isLoading: false, error: null });
  await act(async () => void (await control?.cancel({ ids: [] })));
  expect(control).toMatchObject({ outcome: null, error: { code: 'BAD_USER_INPUT' } });
  await act(async () => tree?.unmount());
  client.close();
});
