/** The snippets of docs/own-jobs.md, as they stand there. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';

const SNIPPETS = [...readFileSync('docs/own-jobs.md', 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
);
const snippets = (language: string) => SNIPPETS.filter((one) => one.language === language).map(({ text }) => text);

const run = promisify(execFile);

/** Inside the repository, where `signalbox` is this package. */
const FOLDER = resolve('.tmp', `own-jobs-${process.pid}`);

test('the first kind runs, and the program of one’s own creates its jobs', async () => {
  const [kind = '', program = ''] = snippets('js');
  const [create = '', list = ''] = snippets('graphql');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'count.mjs'), kind);
  writeFileSync(join(FOLDER, 'program.mjs'), program.replace('./data', join(FOLDER, 'data')));
  try {
    const module = { url: `file://${FOLDER}/count.mjs`, exportName: 'countUp' };
    await using app = await startApp({ kinds: [module] });
    await using changes = changesOf(app);
    const { data, errors } = await app.send({ query: create.replace('600', '2') });
    expect(errors).toBeUndefined();
    const { job } = (data as { createCountUp: { job: { id: string } } }).createCountUp;
    await changes.reaches(job.id, 'SUCCEEDED');
    expect((await app.send({ query: list })).data).toEqual({
      jobs: {
        nodes: [{ id: job.id, status: 'SUCCEEDED', fractionCompleted: 1, input: { to: 2 }, result: { counted: 2 } }],
      },
    });
    const { stdout } = await run(process.execPath, [join(FOLDER, 'program.mjs')]);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql: job \d+\n$/);
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
});
