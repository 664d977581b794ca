import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

test('a type that cannot be paused refuses it in every status, by its name, and can be canceled', async () => {
  const { kind, script } = scriptedKind('TABLE_REBUILD', { pausable: false });
  await using app = await startApp({ kinds: [kind], settings: { WORKERS: '1' } });
  await using changes = changesOf(app);
  const refusesPause = async (id: string, status: string) => {
    const held = status === 'REVERTING';
    const before = await jobWhen(app, id, (job) => job.status === status && !(held && job.coordinator === null));
    expect(before.availableCommands).not.toContain('PAUSE');
    expect((await order(app, 'PAUSE', [id])).refusals).toEqual([
      { jobId: id, code: 'NOT_PAUSABLE', message: `table rebuild job ${id} cannot be paused` },
    ]);
    expect(await jobNow(app, id)).toEqual(before);
  };
  const create = async (name: string) => (await app.create('TABLE_REBUILD', { name }, 'root')).id;
  const canceled = await create('canceled');
  const failing = await create('failing');

  await refusesPause(canceled, 'RUNNING');
  await refusesPause(failing, 'PENDING');
  {
    using _ = script('canceled').lingers();
    await order(app, 'CANCEL', [canceled]);
    await refusesPause(canceled, 'CANCEL_REQUESTED');
  }
  await refusesPause(canceled, 'REVERTING');
  script('canceled').act('finish');
  await changes.reaches(canceled, 'CANCELED');
  await refusesPause(canceled, 'CANCELED');
  script('failing').act({ checkpoint: 1, commit: true }, 'finish');
  await refusesPause(failing, 'SUCCEEDED');
  const wrong = await create('wrong');
  script('wrong').act(new Error('wrong'), 'finish');
  await refusesPause(wrong, 'FAILED');
});

test('a type that cannot be canceled refuses it, and can be paused and resumed', async () => {
  const { kind, script } = scriptedKind('AUDIT', { cancelable: false });
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('AUDIT', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  const before = await jobNow(app, id);

  expect(before.availableCommands).toEqual(['PAUSE']);
  expect((await order(app, 'CANCEL', [id])).refusals).toEqual([
    { jobId: id, code: 'NOT_CANCELABLE', message: `audit job ${id} cannot be canceled` },
  ]);
  expect(await jobNow(app, id)).toEqual(before);
  await order(app, 'PAUSE', [id]);
  await changes.reaches(id, 'PAUSED');
  await order(app, 'RESUME', [id]);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
});
