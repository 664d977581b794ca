import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { changesOf, startApp } from '../support/app.ts';
import { scriptedKind } from '../support/scripted.ts';

const PAUSE_ONE = graphql(/* GraphQL */ `
  mutation PauseOne($id: ID!) {
    pauseJobs(jobs: { ids: [$id] }) {
      changedCount
    }
  }
`);

test('while the data folder is missing every request reports it, and nothing is lost when it is back', async () => {
  const { kind, script } = scriptedKind();
  await using app = await startApp({ kinds: [kind] });
  await using changes = changesOf(app);
  const { id } = await app.create('SCRIPTED', { name: 'a' }, 'root');
  await changes.reaches(id, 'RUNNING');
  const away = join(app.dataDir, '..', 'away');

  renameSync(app.dataDir, away);
  const refused = await app.refuse(PAUSE_ONE, { id });
  expect(refused).toMatchObject({ message: expect.stringContaining('gone'), extensions: { code: 'UNAVAILABLE' } });
  expect((await fetch(new URL('/ready', app.url))).status).toBe(503);
  expect((await fetch(new URL('/health', app.url))).status).toBe(200);
  // The worker has something to save, and cannot: it waits, and does not fail the job.
  script('a').act({ checkpoint: 1, fractionCompleted: 0.5 });

  renameSync(away, app.dataDir);
  script('a').act('finish');
  await changes.reaches(id, 'SUCCEEDED');
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
  expect(app.lost).toEqual([]);
});
