import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { goods, startWriter } from '../../support/busy-writer.ts';
import { sqliteAt } from '../../support/places.ts';
import { execute } from '../contract.ts';
import { type Changes, openChange, SCHEMA_CHANGE, snapshotOf } from './scene.ts';

const GOODS = goods(3_000);
const LINKS = `CREATE TABLE links (a TEXT COLLATE NOCASE, b INT, weight, old, PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
  CREATE UNIQUE INDEX weights ON links (weight);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO links SELECT 'k' || (i % 50), i % 99, -i, 1 FROM n;`;

const TABLES: Record<'goods' | 'links', { readonly made: string; readonly changes: Changes }> = {
  goods: {
    made: GOODS,
    changes: [
      { alterColumn: { table: 'goods', column: 'price', nullable: false } },
      { addColumn: { table: 'goods', column: { name: 'unit', type: 'TEXT', nullable: false, default: "'piece'" } } },
      { createIndex: { table: 'goods', name: 'units', columns: ['unit', 'name'], unique: true } },
      { dropIndex: { table: 'goods', name: 'prices' } },
      { dropColumn: { table: 'goods', column: 'old' } },
    ],
  },
  links: {
    made: LINKS,
    changes: [
      { createIndex: { table: 'links', name: 'backwards', columns: ['b', 'a'], unique: true } },
      { renameColumn: { table: 'links', column: 'old', to: 'new' } },
    ],
  },
};

test.each(['goods', 'links'] as const)(
  'what another process writes to %s meanwhile, REPLACE included, comes to the same as if it had been changed at rest',
  async (table) => {
    const { made, changes } = TABLES[table];
    await using scene = await openChange(made, ...changes);
    const writer = await startWriter(scene.file, table);
    const { ended } = await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 });
    const written = await writer.stop();

    expect(ended).toBe(true);
    expect(written.made).toBeGreaterThan(20);
    expect(scene.hidden()).toEqual([]);
    const twin = { ...scene, environment: { ...scene.environment, database: sqliteAt(writer.twin) } };
    await execute({ kind: SCHEMA_CHANGE, scene: twin, epoch: 1 });
    const sql = new Sqlite(writer.twin);
    const [snapshot, expected] = [scene.sql, sql].map(snapshotOf);
    sql.close();
    expect(snapshot).toEqual(expected);
  },
);

test.each(['goods', 'links'] as const)(
  'a change of %s that is undone partway leaves the table as the writers have made it',
  async (table) => {
    const { made, changes } = TABLES[table];
    await using scene = await openChange(made, ...changes);
    const writer = await startWriter(scene.file, table, { seed: 11 });
    const { checkpoints } = await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1, stopAt: 5 });
    await execute({ kind: SCHEMA_CHANGE, scene, epoch: 2, task: 'revert', checkpoint: checkpoints.at(-1) });
    await writer.stop();
    expect(scene.hidden()).toEqual([]);
    const sql = new Sqlite(writer.twin);
    const [snapshot, expected] = [scene.sql, sql].map(snapshotOf);
    sql.close();
    expect(snapshot).toEqual(expected);
  },
);
