/** Changes next to objects that only the application can use, as its databases have them. */
import type Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { schemaChangeKind } from '../../../src/kinds/schema-change/index.ts';
import { createRealSchema, REAL_SCHEMA_NAMES, type RealSchemaName } from '../../support/real-schemas.ts';
import { cleanUp, execute } from '../contract.ts';
import { type Changes, openPlace, SCHEMA_CHANGE, type SchemaPlace, snapshotOf, soundnessOf } from './scene.ts';

const openReal = (name: RealSchemaName): SchemaPlace => {
  const place = openPlace('');
  createRealSchema(place.sql, name);
  return place;
};

const make = async (place: SchemaPlace, ...changes: Changes) => {
  const { details } = await schemaChangeKind.create({ database: 'demo', changes }, place.environment);
  const scene = { ...place, details };
  expect((await execute({ kind: SCHEMA_CHANGE, scene, epoch: 1 })).ended).toBe(true);
  await cleanUp(SCHEMA_CHANGE, scene, 'removed');
};

const columnsOf = (sql: Sqlite.Database, table: string) =>
  sql.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck().all(table) as string[];

/** The views that can be read here, with their rows. */
const readableViews = ({ sql }: SchemaPlace) =>
  (sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").pluck().all() as string[]).flatMap((view) => {
    try {
      return [[view, sql.prepare(`SELECT * FROM ${view}`).raw().all()]];
    } catch {
      return [];
    }
  });

/** Tables of which this program lacks a collation. */
const LACKING = ['notetypes', 'tags'];

/** Columns that a view or a trigger names which SQLite cannot parse. */
const UNPARSED = ['things.id', 'others.a'];

const tablesOf = ({ sql }: SchemaPlace) =>
  (
    sql
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'",
      )
      .pluck()
      .all() as string[]
  ).filter((name) => !name.startsWith('_signalbox'));

const without = (snapshot: ReturnType<typeof snapshotOf>, table: string) => ({
  objects: snapshot.objects.filter((object) => (object as string[])[2] !== table),
  rows: snapshot.rows.filter(([name]) => name !== table),
});

describe.each(REAL_SCHEMA_NAMES)('a database like those of %s', (name) => {
  it('lets each of its tables get a column, by copy and without, and keeps everything else', async () => {
    await using place = openReal(name);
    for (const table of tablesOf(place)) {
      const before = snapshotOf(place.sql);
      const column = { name: 'added', type: 'TEXT' };
      await make(place, { addColumn: { table, column } });
      if (!LACKING.includes(table)) {
        await make(place, {
          addColumn: { table, column: { ...column, name: 'copied', nullable: false, default: "lower('A')" } },
        });
        expect(place.all(`SELECT DISTINCT added, copied FROM "${table}"`).length).toBeLessThan(2);
      }
      expect(without(snapshotOf(place.sql), table)).toEqual(without(before, table));
      expect(soundnessOf(place.sql)).toBe(before.sound);
      const triggers = (all: unknown[]) => all.filter((object) => (object as string[])[0] === 'trigger');
      expect(triggers(snapshotOf(place.sql).objects)).toEqual(triggers(before.objects));
    }
    expect(place.hidden()).toEqual([]);
  });

  it('lets every column of its tables be renamed, one after another, and its views and triggers follow', async () => {
    await using place = openReal(name);
    const before = snapshotOf(place.sql);
    const views = readableViews(place);
    for (const table of tablesOf(place)) {
      const names = columnsOf(place.sql, table).filter((column) => !UNPARSED.includes(`${table}.${column}`));
      await make(place, ...names.map((column) => ({ renameColumn: { table, column, to: `${column} 2` } })));
      expect(columnsOf(place.sql, table)).toEqual(expect.arrayContaining(names.map((column) => `${column} 2`)));
    }
    const after = snapshotOf(place.sql);
    expect(after.rows).toEqual(before.rows);
    expect(after.sound).toBe(before.sound);
    expect(readableViews(place)).toEqual(expect.arrayContaining(views));
  });
});

describe('an object that concerns the change and that this program cannot use', () => {
  const refuse = async (name: RealSchemaName, ...changes: Changes) => {
    await using place = openReal(name);
    const before = snapshotOf(place.sql);
    const error: unknown = await schemaChangeKind.create({ database: 'demo', changes }, place.environment).then(
      () => null,
      (thrown) => thrown,
    );
    expect(snapshotOf(place.sql)).toEqual(before);
    return error;
  };
  const refusal = (field: string, message: string) => ({ code: 'BAD_USER_INPUT', message, extensions: { field } });

  it('is named', async () => {
    expect(await refuse('broken', { renameColumn: { table: 'things', column: 'id', to: 'key' } })).toMatchObject(
      refusal(
        'input.changes.0.renameColumn.column',
        'view "halves" names "id" and cannot be parsed: no such column: absent',
      ),
    );
    expect(await refuse('broken', { dropColumn: { table: 'others', column: 'A' } })).toMatchObject(
      refusal(
        'input.changes.0.dropColumn.column',
        'trigger "lost_others" names "a" and cannot be parsed: no such table: main.nowhere',
      ),
    );
    const index = { createIndex: { table: 'notetypes', name: 'i', columns: ['config'] } };
    expect(await refuse('anki', index)).toMatchObject(
      refusal(
        'input.changes.0.createIndex.table',
        'table "notetypes" cannot be recreated here: no such collation sequence: unicase',
      ),
    );
    expect(await refuse('geopackage', { dropColumn: { table: 'rivers', column: 'geom' } })).toMatchObject({
      message: expect.stringMatching(/error in (view measured|trigger rtree_rivers_geom_\w+)/),
    });
    expect(await refuse('mbtiles', { dropColumn: { table: 'metadata', column: 'name' } })).toMatchObject({
      message: expect.stringContaining('error in index name'),
    });
  });

  it('keeps its meaning: a double-quoted string does not become a column that is added with its name', async () => {
    await using place = openReal('geopackage');
    await make(place, { addColumn: { table: 'rivers', column: { name: 'WIDE', type: 'TEXT' } } });
    expect(place.all('SELECT count(*) FROM wide_rivers')).toEqual([[40n]]);
    const textOf = place.sql.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck();
    expect(textOf.get('wide_rivers')).toContain("WHERE kind = 'wide'");
    expect(textOf.get('kinds')).toContain("NOT IN ('wide', 'narrow')");
  });

  it('is compared within a CHECK and a partial index as before', async () => {
    await using place = openReal('broken');
    const before = place.all("SELECT sql FROM sqlite_schema WHERE tbl_name = 'things' ORDER BY name");
    await make(
      place,
      { createIndex: { table: 'things', name: 'by_note', columns: ['note'] } },
      { dropIndex: { table: 'things', name: 'by_note' } },
    );
    expect(place.all("SELECT sql FROM sqlite_schema WHERE tbl_name = 'things' ORDER BY name")).toEqual(before);
    expect(() => place.exec("INSERT INTO things (state) VALUES ('state')")).toThrow('CHECK');
    place.exec("INSERT INTO things (state) VALUES ('new')");
    expect(place.sql.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
