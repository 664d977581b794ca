import { expect, test } from 'vitest';
import type { Environment, Kind } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush' };

test("the server's own keys reach what admins create, and nobody else's", async () => {
  const { kind, script } = scriptedKind('SEEING');
  const seen: Record<string, Environment['serverCredentials'][]> = {};
  const see = (name: string, { serverCredentials }: Environment) => {
    seen[name] = [...(seen[name] ?? []), serverCredentials];
  };
  const seeing: Kind<{ name: string }, { name: string }> = {
    ...(kind as Kind<{ name: string }, { name: string }>),
    create: (input, environment) => {
      see(input.name, environment);
      return (kind as Kind<{ name: string }, { name: string }>).create(input, environment);
    },
    run: (work, io) => {
      see(work.details.name, io.environment);
      return (kind as Kind<{ name: string }, { name: string }>).run(work, io);
    },
  };
  await using app = await startApp({ kinds: [seeing as Kind], settings: { ...KEYS, WORKERS: '8' } });
  await using changes = changesOf(app);
  await addUser(app, 'boss', { admin: true });
  await addUser(app, 'max', { privileges: ['CREATEJOB', 'VIEWJOB', 'CONTROLJOB'] });
  for (const name of ['root', 'boss', 'max']) {
    const { id } = await app.create('SEEING', { name }, name);
    script(name).act('finish');
    await changes.reaches(id, 'SUCCEEDED');
  }
  expect(seen).toEqual({ root: [KEYS, KEYS], boss: [KEYS, KEYS], max: [null, null] });
});
