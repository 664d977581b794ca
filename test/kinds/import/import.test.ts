import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fenced, Transient } from '../../../src/jobs/kind.ts';
import { execute } from '../contract.ts';
import { IMPORT, openScene, PEOPLE_CSV } from './scene.ts';

const kind = IMPORT;

describe('a source that changed', () => {
  it('fails the import, before its first run, between two, and while it is read', async () => {
    const changed = 'nodelocal:///a.csv has changed since the job was created';
    const files = { 'a.csv': PEOPLE_CSV, 'b.csv': PEOPLE_CSV };
    for (const stopAt of [0, 1, 2]) {
      await using scene = await openScene({ files });
      if (stopAt > 0) await execute({ kind, scene, epoch: 1, stopAt });
      scene.write('a.csv', `${PEOPLE_CSV}4,,\n`);
      await expect(execute({ kind, scene, epoch: 2 })).rejects.toThrow(changed);
    }
    await using scene = await openScene({ files });
    const watch = (_: unknown, count: number) => count === 2 && scene.write('a.csv', PEOPLE_CSV);
    await expect(execute({ kind, scene, epoch: 1, watch })).rejects.toThrow(changed);
  });

  it('is said to have changed, not to have the bad row that the change brought', async () => {
    const content = `id,name,age\n${'1,"somebody",36\n'.repeat(60_000)}`;
    await using scene = await openScene({ files: { 'a.csv': content } });
    const watch = (_: unknown, count: number) => count === 2 && scene.write('a.csv', content.replaceAll('36', ',,'));
    const changed = 'nodelocal:///a.csv has changed since the job was created';
    await expect(execute({ kind, scene, epoch: 1, watch })).rejects.toThrow(changed);
  });

  it('fails the import when it is gone, without showing a path', async () => {
    await using scene = await openScene();
    rmSync(`${scene.filesDir}/a.csv`);
    await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow(/^nodelocal:\/\/\/a.csv does not exist$/);
  });
});

describe('publishing', () => {
  it('happens once: after it, another run does nothing', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1 });
    scene.exec('ALTER TABLE people RENAME TO renamed');
    const expected = scene.snapshot();
    expect(await execute({ kind, scene, epoch: 2 })).toEqual({ ended: true, checkpoints: [] });
    expect(scene.snapshot()).toEqual(expected);
  });

  it('is asked for with the step that commits, and rolled back when it is refused', async () => {
    await using scene = await openScene();
    const commits: (true | undefined)[] = [];
    const { checkpoints } = await execute({ kind, scene, epoch: 1, watch: ({ commit }) => commits.push(commit) });
    expect(commits).toEqual([undefined, undefined, true]);

    await using refused = await openScene();
    const before = refused.snapshot();
    await execute({ kind, scene: refused, epoch: 1, stopAt: checkpoints.length });
    expect(refused.snapshot()).toEqual(before);
    refused.exec('INSERT INTO bystander VALUES (3)'); // nobody is left waiting for a lock
  });

  it('never takes a name that somebody else took meanwhile', async () => {
    for (const [made, what] of [
      ['TABLE PEOPLE (mine)', 'table'],
      ['VIEW people AS SELECT 1', 'view'],
    ] as const) {
      await using scene = await openScene();
      await execute({ kind, scene, epoch: 1, stopAt: 2 });
      scene.exec(`CREATE ${made}`);
      const before = scene.snapshot();
      const message = `a ${what} named "people" has been created by another program`;
      await expect(execute({ kind, scene, epoch: 2 })).rejects.toThrow(message);
      await execute({ kind, scene, epoch: 3, task: 'revert' });
      expect([scene.snapshot(), scene.hidden()]).toEqual([before, []]);
    }
  });
});

describe('the target', () => {
  it('keeps the row of an undone job, so that its old claims stay out', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    await execute({ kind, scene, epoch: 2, task: 'revert' });
    expect(scene.all('SELECT jobId, epoch FROM _signalbox_jobs')).toEqual([[27536791415282, 2]]);
    await expect(execute({ kind, scene, epoch: 2, task: 'revert' })).rejects.toThrow(Fenced);
  });

  it('may be gone neither when the job is undone nor when it is run, unless it is not listed any more', async () => {
    await using scene = await openScene();
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    for (const end of ['', '-wal', '-shm']) rmSync(scene.file + end, { force: true });
    await expect(execute({ kind, scene, epoch: 2, task: 'revert' })).rejects.toThrow(
      new Transient(
        'the file of database demo is missing, and what job 27536791415282 wrote to "people" is left in it: put the file ' +
          'back, or give the database up with deleteDatabase',
      ),
    );
    const unlisted = { ...scene, environment: { ...scene.environment, database: null } };
    await expect(execute({ kind, scene: unlisted, epoch: 2, task: 'revert' })).resolves.toMatchObject({ ended: true });
    await expect(execute({ kind, scene, epoch: 3 })).rejects.toThrow(
      new Transient('the file of database demo is missing'),
    );
  });

  it('that cannot be written to fails the import, and keeps nobody from undoing it', async () => {
    await using scene = await openScene();
    scene.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const header = openSync(scene.file, 'r+');
    writeSync(header, Buffer.from([3]), 0, 1, 18); // a later format than SQLite knows how to write
    closeSync(header);
    await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow(/^database demo cannot be written to$/);
    expect((await execute({ kind, scene, epoch: 2, task: 'revert' })).ended).toBe(true);
  });

  it('is not written to any more once its file is gone', async () => {
    await using scene = await openScene();
    const watch = (_: unknown, count: number) => count === 1 && rmSync(scene.file);
    await expect(execute({ kind, scene, epoch: 1, watch })).rejects.toThrow('the file of database demo is gone');
  });

  it('that is locked holds the import up, which says so, and can be stopped', async () => {
    await using scene = await openScene();
    const stop = new AbortController();
    const messages: (string | undefined)[] = [];
    const watch = ({ message }: { readonly message?: string }, count: number) => {
      messages.push(message);
      if (count === 1) scene.exec('BEGIN IMMEDIATE');
      if (count === 2) scene.exec('COMMIT');
    };
    expect((await execute({ kind, scene, epoch: 1, watch })).ended).toBe(true);
    expect(messages).toEqual([
      'importing',
      'waiting for the lock of database demo, held by another process',
      'importing',
      'publishing',
    ]);

    await using locked = await openScene();
    const stopping = (_: unknown, count: number) => {
      if (count === 1) locked.exec('BEGIN IMMEDIATE');
      if (count === 2) stop.abort(new Error('told to stop'));
    };
    const stopped = execute({ kind, scene: locked, epoch: 1, watch: stopping, signal: stop.signal });
    await expect(stopped).rejects.toThrow('told to stop');
    locked.exec('COMMIT');
  });
});
