/** The snippets of docs/own-jobs.md, as they stand there. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';

const SNIPPETS = [...readFileSync('docs/own-jobs.md', 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
  ([, language = '', text = '']) => ({ language, text }),
);
const snippets = (language: string) => SNIPPETS.filter((one) => one.language === language).map(({ text }) => text);

const run = promisify(execFile);

/** Inside the repository, where `signalbox` is this package. */
const FOLDER = resolve('.tmp', `own-jobs-${process.pid}`);

const SIGNALBOX = resolve('dist/signalbox.js');

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
  for (const text of snippets('js')) {
    const name = /^\/\/ (\S+\.mjs)\n/.exec(text)?.[1];
    if (name === undefined) throw new Error(`a snippet names no file: ${text}`);
    writeFileSync(join(FOLDER, name), text.replace('./data', join(FOLDER, 'data')));
  }
});
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test('the first kind runs, and the program of one’s own creates its jobs', async () => {
  const [create = '', list = ''] = snippets('graphql');
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
});

test('the kind that keeps its position passes its own test, and the command prints what the page shows', async () => {
  const options = { cwd: FOLDER };
  await run(process.execPath, ['send.test.mjs'], options);
  const [command = ''] = snippets('sh');
  const args = command.trim().replace('npx signalbox ', '').split(' ');
  const { stdout } = await run(process.execPath, [SIGNALBOX, ...args, '--where', 'inline'], options);
  expect(readFileSync('docs/own-jobs.md', 'utf8')).toContain(stdout);
});
