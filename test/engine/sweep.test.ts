import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { untilTrue } from '../support/alive.ts';
import { temporaryFolder } from '../support/process.ts';
import { startScripted } from '../support/scripted-app.ts';

test('work directories of jobs that have ended or are unknown go at the start, and those of live jobs stay', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const [live, ended] = await (async () => {
    await using scene = await startScripted({ dataDir });
    const { script, changes } = scene;
    const id = await scene.start('ended');
    script('ended').act('finish');
    await changes.reaches(id, 'SUCCEEDED');
    return [await scene.start('live'), id];
  })();
  const work = join(dataDir, 'data', 'work');
  const names = [live, ended, '123456', 'not-a-job'];
  for (const name of names) {
    mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, name, 'part'), 'x');
  }

  await using scene = await startScripted({ dataDir });
  await scene.changes.reaches(live, 'RUNNING', 2);
  await untilTrue(() => !existsSync(join(work, ended)) && !existsSync(join(work, '123456')));
  expect(names.filter((name) => existsSync(join(work, name, 'part')))).toEqual([live, 'not-a-job']);
});
