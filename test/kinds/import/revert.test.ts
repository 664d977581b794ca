import { describe, expect, it } from 'vitest';
import { execute } from '../contract.ts';
import { connect, type ExistingScene, openExisting, PEOPLE_TABLE } from './existing-scene.ts';
import { IMPORT } from './scene.ts';

const kind = IMPORT;
const undo = (scene: ExistingScene, epoch = 2) => execute({ kind, scene, epoch, task: 'revert' });
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},n${from + i}\n`);

describe('undoing', () => {
  const MANY = { files: { 'a.csv': `id,name\n${numbered(0, 9000).join('')}` } };

  it('can be stopped at each step and gone on with, while others write between the steps', async () => {
    let ended = false;
    for (let stopAt = 1; !ended; stopAt++) {
      await using scene = await openExisting(PEOPLE_TABLE, MANY);
      using other = connect(scene);
      await execute({ kind, scene, epoch: 1, stopAt: 3 });
      let turn = 0;
      const write = () => {
        turn++;
        const place = `SELECT ${turn}, -102 WHERE NOT EXISTS (SELECT 1 FROM people WHERE _rowid_ = ${turn})`;
        other.exec(`INSERT OR REPLACE INTO people (_rowid_, id, name) VALUES (${8_000 - turn}, -100, 'mine');
          UPDATE people SET _rowid_ = ${20_000 + turn}, id = -101 WHERE _rowid_ = ${8_100 - turn};
          UPDATE people SET name = 'changed' WHERE _rowid_ = ${8_190 - turn};
          INSERT INTO people (_rowid_, id) ${place}`);
      };
      write();
      const reverted = await execute({ kind, scene, epoch: 2, task: 'revert', stopAt, watch: write });
      await execute({ kind, scene, epoch: 3, task: 'revert', watch: write });
      ended = reverted.ended;
      if (ended) expect(stopAt).toBeGreaterThan(3);
      // A row is theirs, or it is gone: none of those that were only changed is left.
      const left = scene.all('SELECT id, count(*) FROM people GROUP BY id ORDER BY id') as [number, number][];
      expect(left.filter(([id]) => ![-102, -101, -100, -1].includes(id))).toEqual([]);
      expect(left.find(([id]) => id === -100)).toEqual([-100, turn]);
      expect(scene.kept()).toEqual([]);
    }
  });

  it('fails, and keeps what it needs to be tried again, as long as a row is referred to', async () => {
    const made = 'CREATE TABLE people (id INTEGER PRIMARY KEY, name, age); CREATE TABLE child (of REFERENCES people)';
    await using scene = await openExisting(made);
    await execute({ kind, scene, epoch: 1, stopAt: 2 });
    scene.exec('INSERT INTO child VALUES (2)');
    await expect(undo(scene)).rejects.toThrow('FOREIGN KEY constraint failed');
    expect(scene.rows()).toHaveLength(3);
    scene.exec('DELETE FROM child');
    await undo(scene, 3);
    expect([scene.rows(), scene.kept()]).toEqual([[], []]);
  });
});
