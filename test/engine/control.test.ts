import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

export const PAUSE = graphql(/* GraphQL */ `
  mutation Pause($ids: [ID!]!, $reason: String) {
    pauseJobs(jobs: { ids: $ids }, reason: $reason) {
      commandId
      applied
      selectedCount
      changedCount
      unchangedCount
      refusedCount
      changed {
        jobId
        from
        to
      }
      refusals {
        jobId
        code
        message
      }
      cursor
    }
  }
`);

test('a running job that is asked to pause stops at its next checkpoint, and keeps it', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  script('a').act({ checkpoint: 7, fractionCompleted: 0.5 });

  const { pauseJobs } = await app.execute(PAUSE, { ids: [id], reason: 'lunch' });
  expect(pauseJobs).toMatchObject({
    applied: true,
    changedCount: 1,
    changed: [{ jobId: id, from: 'RUNNING', to: 'PAUSE_REQUESTED' }],
  });
  await changes.reaches(id, 'PAUSED');
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'PAUSED']);
});
