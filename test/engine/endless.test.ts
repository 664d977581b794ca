import { expect, test } from 'vitest';
import { type Kind, Transient } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, order } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

test('a job without an end is tried again for ever, however often it fails in passing', async () => {
  const { kind, script } = scriptedKind();
  const continuous: Kind = { ...kind, continuous: true };
  await using app = await startApp({ kinds: [continuous], retry: { firstWaitMs: 1, maxWaitMs: 1, attempts: 2 } });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  for (let failures = 1; failures <= 5; failures++) {
    script('a').act(new Transient(`away ${failures}`));
    await changes.reaches(id, 'RUNNING', failures + 1);
  }
  expect(changes.statusesOf(id)).not.toContain('REVERTING');
  expect(await jobNow(app, id)).toMatchObject({ status: 'RUNNING', attempts: 5, error: null });
  // What is wrong for good still ends it.
  script('a').act(new Error('broken'), 'finish');
  await changes.reaches(id, 'FAILED');
  expect(await order(app, 'CANCEL', [id])).toMatchObject({ refusedCount: 1 });
});
