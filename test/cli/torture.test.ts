import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/process.ts';

const torture = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [resolve('dist/signalbox.js'), 'torture', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  // How many steps there are depends on when a checkpoint was saved last.
  return { code, err, out: out.replaceAll(/\d+ steps/g, 'STEPS') };
};

const FILE = 'test/support/torture-kinds.mjs';

test('a kind that can be repeated passes inline, in processes and in workers that are killed', async () => {
  using folder = temporaryFolder();
  expect(await torture([FILE, '--points', '1'], { FOLDER: folder.path })).toEqual({
    code: 0,
    err: '',
    out: [
      'CAREFUL, inline: 4 checkpoints, 5 interruptions, STEPS: no violation',
      'CAREFUL, process: 4 checkpoints, 3 interruptions, STEPS: no violation',
      'CAREFUL, remote: 4 checkpoints, 4 interruptions, STEPS: no violation\n',
    ].join('\n'),
  });
});

test('a double effect is found where the job was killed or taken over, and only there', async () => {
  using folder = temporaryFolder();
  const { code, out } = await torture([FILE, '--where', 'inline,process', '--points', '2'], {
    FOLDER: folder.path,
    DOUBLE: '1',
  });
  expect(code).toBe(1);
  expect(out).toContain('CAREFUL, process: 4 checkpoints, 6 interruptions, STEPS: no violation');
  const wrong = out.split('\n').filter((line) => /after checkpoint/.test(line));
  expect(wrong.map((line) => line.trim().replace(/:.*/, ''))).toEqual([
    ...['killed after checkpoint 1', 'taken over after checkpoint 1'],
    ...['killed after checkpoint 3', 'taken over after checkpoint 3'],
    ...['killed after checkpoint 1', 'killed after checkpoint 3'],
  ]);
  expect(out).toContain("found    'line 1\\nline 1\\nline 2\\nline 3\\nline 4\\n'");
});

test('an effect that reverting leaves is found', async () => {
  using folder = temporaryFolder();
  const { code, out } = await torture([FILE, '--where', 'inline', '--points', '1'], {
    FOLDER: folder.path,
    FORGETFUL: '1',
  });
  expect(code).toBe(1);
  expect(out).toContain('canceled after checkpoint 1: the target differs from that before the job');
});

test('a file without a scene, and a wrong option, are named', async () => {
  expect(await torture(['examples/kinds/hash-files.mjs'], {})).toMatchObject({
    code: 2,
    err: expect.stringContaining('hash-files.mjs exports no scene: export { kind, input, reset(), observe() }'),
  });
  expect(await torture(['nowhere.mjs'], {})).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.mjs') });
  expect(await torture([FILE, '--where', 'mars'], {})).toMatchObject({ code: 2, err: expect.stringContaining('mars') });
});
