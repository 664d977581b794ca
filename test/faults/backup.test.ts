import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openScene } from '../kinds/backup/scene.ts';
import { contentOf } from '../kinds/restore/scene.ts';
import { type Launched, launch, temporaryFolder, watchJob } from '../support/process.ts';

const CRASHING = ['dist-test/crash-server.js'];
const PLACE = 'nodelocal:///backup';

interface Seen {
  readonly status: string;
  readonly error: string | null;
  readonly fractionCompleted: number;
}

const create = async (
  server: Launched,
  what: 'Backup' | 'Restore',
  input: Record<string, unknown>,
): Promise<string> => {
  const { made } = (await server.send(
    `mutation ($input: Create${what}Input!) { made: create${what}(input: $input) { job { id } } }`,
    { input },
  )) as unknown as { made: { job: { id: string } } };
  return made.job.id;
};
const watch = (server: Launched, id: string, isWanted: (job: Seen) => boolean) =>
  watchJob(server, id, 'status error fractionCompleted', isWanted);
const ended = ({ status }: Seen) => ['SUCCEEDED', 'FAILED', 'CANCELED'].includes(status);
const SUCCEEDED = { status: 'SUCCEEDED', error: null, fractionCompleted: 1 };

/** A data folder with a database `demo` of so many MiB, and with another, empty one. */
const openFolder = async (mebibytes: number) => {
  const folder = temporaryFolder();
  const server = await launch(folder.path);
  for (const name of ['demo', 'there']) {
    await server.send(`mutation { createDatabase(input: { name: "${name}" }) { database { name } } }`);
  }
  await server.kill();
  const databases = join(folder.path, 'databases');
  await using scene = await openScene(mebibytes);
  scene.sql.pragma('wal_checkpoint(TRUNCATE)');
  for (const end of ['', '-wal', '-shm']) rmSync(join(databases, `demo.db${end}`), { force: true });
  copyFileSync(scene.file, join(databases, 'demo.db'));
  const file = (name: string) => join(databases, `${name}.db`);
  return {
    path: folder.path,
    file,
    /** A server that is started once more removes what the killed ones could not, and nothing else is left. */
    expectTidy: async () => {
      const last = await launch(folder.path);
      await expect.poll(() => readdirSync(join(folder.path, 'work'))).toEqual([]);
      await last.kill();
      expect(readdirSync(databases).filter((name) => name.includes('restore'))).toEqual([]);
      const { chunks } = JSON.parse(readFileSync(join(folder.path, 'files/backup/manifest.json'), 'utf8')) as {
        chunks: { sha256: string }[];
      };
      expect(readdirSync(join(folder.path, 'files/backup')).sort()).toEqual(['chunks', 'manifest.json']);
      const files = readdirSync(join(folder.path, 'files/backup/chunks'));
      expect(files.sort()).toEqual(chunks.map(({ sha256 }) => sha256).sort());
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
};

test('a backup and its restores that are killed at random moments end as if they had not been', {
  timeout: 600_000,
}, async () => {
  using folder = await openFolder(16);
  let server = await launch(folder.path);
  const runs = [
    ['Backup', { database: 'demo', destination: PLACE }],
    ['Restore', { source: PLACE, database: 'made' }],
    ['Restore', { source: PLACE, database: 'there' }],
  ] as const;
  for (const [what, input] of runs) {
    const id = await create(server, what, input);
    for (let kills = 0; kills < 2; kills += 1) {
      const least = Math.random() * 0.9;
      await watch(server, id, (job) => job.fractionCompleted >= least || ended(job));
      await server.kill();
      expect(existsSync(join(folder.path, 'files/backup/manifest.json')) || what === 'Backup').toBe(true);
      server = await launch(folder.path);
    }
    expect(await watch(server, id, ended)).toEqual(SUCCEEDED);
  }
  await server.kill();
  await folder.expectTidy();
  const expected = contentOf(folder.file('demo'));
  for (const name of ['made', 'there']) expect(contentOf(folder.file(name))).toEqual(expected);
});

test.each(['after markCommitting', 'before settle'])(
  'a server that dies %s of a backup and of its restores leaves what ends as if it had not',
  async (point) => {
    using folder = await openFolder(1);
    for (const [what, input] of [
      ['Backup', { database: 'demo', destination: PLACE }],
      ['Restore', { source: PLACE, database: 'made' }],
      ['Restore', { source: PLACE, database: 'there' }],
    ] as const) {
      const dying = await launch(folder.path, CRASHING, { CRASH_AT: point });
      const id = await create(dying, what, input);
      await dying.ended;
      if (what === 'Backup')
        expect(existsSync(join(folder.path, 'files/backup/manifest.json'))).toBe(point.endsWith('settle'));
      const server = await launch(folder.path);
      expect(await watch(server, id, ended)).toEqual(SUCCEEDED);
      await server.kill();
    }
    await folder.expectTidy();
    const expected = contentOf(folder.file('demo'));
    for (const name of ['made', 'there']) expect(contentOf(folder.file(name))).toEqual(expected);
  },
);
