import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importKind } from '../../../src/kinds/import/index.ts';
import type { ImportRequest } from '../../../src/kinds/import/input.ts';
import { inputFor, openPlace, PEOPLE, PEOPLE_CSV } from './scene.ts';

const FILES = {
  'a.csv': PEOPLE_CSV,
  'empty.csv': '',
  'blank.csv': '\n\n',
  'unknown.csv': 'id,name,shoe\n1,2,3\n',
  'twice.csv': 'id,name,ID\n1,2,3\n',
  'nameless.csv': 'id,,age\n1,2,3\n',
  'broken.csv': 'id,"name\n1,2,3\n',
  'few.csv': 'id,name\n1,2\n',
  'packed.csv.br': gzipSync(PEOPLE_CSV),
  "o'hara 100%.csv": PEOPLE_CSV,
};
const column = (changed: Record<string, unknown>) => ({
  columns: [PEOPLE[0], { ...PEOPLE[1], ...changed }, PEOPLE[2]],
});

const refusal = async (changed: Record<string, unknown>, field: string, database?: null) => {
  await using place = openPlace(FILES);
  place.exec('CREATE TABLE "Taken" (a); CREATE VIEW seen AS SELECT 1; CREATE INDEX listed ON bystander (a)');
  mkdirSync(path.join(place.filesDir, 'folder'));
  symlinkSync(place.file, path.join(place.filesDir, 'link.csv'));
  const before = [place.snapshot(), place.hidden()];
  const given = { ...inputFor(['a.csv']), ...changed } as ImportRequest;
  const environment = database === null ? { ...place.environment, database } : place.environment;
  const error: unknown = await importKind.create(given, environment).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field } });
  expect([place.snapshot(), place.hidden()]).toEqual(before);
  expect((error as Error).message).not.toContain(path.dirname(place.file));
  return (error as Error).message;
};

describe('a wrong input is refused by the field that is wrong, and makes nothing', () => {
  const source = (name: string) => ({ sources: ['nodelocal:///a.csv', `nodelocal:///${name}`] });
  const cases: readonly [Record<string, unknown>, string, RegExp][] = [
    [{ table: '' }, 'input.table', /table "" is empty/],
    [{ table: 'a\0b' }, 'input.table', /NUL/],
    [{ table: 'SQLite_x' }, 'input.table', /"SQLite_x" begins with sqlite_/],
    [{ table: '_signalbox_x' }, 'input.table', /reserved/],
    [{ table: 'x'.repeat(256) }, 'input.table', /longer than 255/],
    [{ table: 'tAKEN' }, 'input.table', /has a table named "tAKEN" already/],
    [{ table: 'seen' }, 'input.table', /has a view named/],
    [{ table: 'listed' }, 'input.table', /has an index named/],

    [{ columns: null }, 'input.table', /table "people" does not exist: specify columns to create it/],
    [{ columns: [] }, 'input.columns', /columns is empty/],
    [column({ name: '' }), 'input.columns.1.name', /is empty/],
    [column({ name: 'ID' }), 'input.columns.1.name', /"ID" is named twice/],
    [column({ type: '' }), 'input.columns.1.type', /type "" is not the name of a type/],
    [column({ type: 'TEXT UNIQUE' }), 'input.columns.1.type', /"TEXT UNIQUE"/],
    [column({ type: 'INTEGER PRIMARY KEY' }), 'input.columns.1.type', /not the name of a type/],
    [column({ type: 'TEXT COLLATE NOCASE' }), 'input.columns.1.type', /not the name of a type/],
    [column({ type: 'TEXT NOT NULL' }), 'input.columns.1.type', /not the name of a type/],
    [column({ type: 'TEXT GENERATED ALWAYS' }), 'input.columns.1.type', /not the name of a type/],
    [column({ type: 'TEXT, x TEXT' }), 'input.columns.1.type', /not the name of a type/],
    [column({ type: 'TEXT) STRICT; --' }), 'input.columns.1.type', /not the name of a type/],
    [column({ default: '(1)' }), 'input.columns.1.default', /default "\(1\)" is not one SQL literal/],
    [column({ default: "'a' || 'b'" }), 'input.columns.1.default', /not one SQL literal/],
    [column({ default: "'a" }), 'input.columns.1.default', /not one SQL literal/],
    [column({ default: '1 UNIQUE' }), 'input.columns.1.default', /not one SQL literal/],
    [column({ default: "x'0'" }), 'input.columns.1.default', /not one SQL literal/],
    [column({ default: '1; DROP TABLE bystander' }), 'input.columns.1.default', /not one SQL literal/],
    [column({ type: 'INTEGER', default: "'abc'" }), 'input.columns.1.default', /cannot store TEXT value in INTEGER/],

    [{ sources: [] }, 'input.sources', /sources is empty/],
    [source('none.csv'), 'input.sources.1', /^nodelocal:\/\/\/none.csv does not exist/],
    [source('folder'), 'input.sources.1', /is a folder/],
    [source('../demo.db'), 'input.sources.1', /outside/],
    [source('%2e%2e/demo.db'), 'input.sources.1', /outside/],
    [source('link.csv'), 'input.sources.1', /outside/],
    [{ sources: ['nodelocal:///empty.csv'] }, 'input.sources.0', /empty.csv is empty/],
    [source('blank.csv'), 'input.sources.1', /blank.csv has no header/],
    [
      source('unknown.csv'),
      'input.sources.1',
      /unknown.csv line 1: "shoe" is not a column of the table, in position 3/,
    ],
    [source('twice.csv'), 'input.sources.1', /column "ID" is named twice, in position 3/],
    [source('nameless.csv'), 'input.sources.1', /"" is not a column of the table, in position 2/],
    [source('broken.csv'), 'input.sources.1', /broken.csv line 1: the header has quote never closed/],
    [source('packed.csv.br'), 'input.sources.1', /packed.csv.br is no brotli data: set decompress to GZIP/],
    [{ sources: ['s3://b/k?AWS_SECRET_ACCESS_KEY=hush'] }, 'input.sources.0', /=redacted lacks AWS_ACCESS_KEY_ID/],
    [{ sources: ['/etc/passwd'] }, 'input.sources.0', /not a storage URL/],
    [
      { ...source('few.csv'), ...{ columns: [...PEOPLE.slice(0, 2), { ...PEOPLE[2], nullable: false }] } },
      'input.sources.1',
      /"age" is not named, but is NOT NULL/,
    ],
    [{ csv: { skip: 9 } }, 'input.sources.0', /has 4 line breaks/],

    [{ into: ['id'] }, 'input.into', /needs csv.header to be false/],
    [{ into: [], csv: { header: false } }, 'input.into', /into is empty/],
    [{ into: ['id', 'shoe'], csv: { header: false } }, 'input.into.1', /"shoe" is not a column/],
    [{ into: ['id', 'Id'], csv: { header: false } }, 'input.into.1', /named twice/],
    [
      { csv: { delimiter: ',,,,,,,,,,,' } },
      'input.csv.delimiter',
      /delimiter ",,,,,,,,,,," must have 1 to 10 characters/,
    ],
    [{ csv: { delimiter: '\n' } }, 'input.csv.delimiter', /none a line break or a quote/],
    [{ csv: { quote: '' } }, 'input.csv.quote', /must be one ASCII character/],
    [{ csv: { quote: ',' } }, 'input.csv.quote', /is the delimiter too/],
    [{ csv: { comment: '"' } }, 'input.csv.comment', /is the quote too/],
    [{ csv: { skip: -1 } }, 'input.csv.skip', /-1/],

    [{ format: 'NDJSON', csv: { skip: 1 } }, 'input.csv', /csv is not for format NDJSON/],
    [{ format: 'NDJSON', into: ['id'] }, 'input.into', /into is not for format NDJSON: keys name the columns/],
    [{ decompress: 'GZIP' }, 'input.sources.0', /a.csv is no gzip data: if it is plain text, set decompress to NONE/],
    [{ rejectLimit: -1 }, 'input.rejectLimit', /rejectLimit -1 must be at least 0/],
    [{ maxRowsPerSecond: 0 }, 'input.maxRowsPerSecond', /maxRowsPerSecond 0 must be at least 1/],
  ];
  it.each(cases)('%j', async (changed, field, message) => {
    expect(await refusal(changed, field)).toMatch(message);
  });

  it('a database that is not known', async () => {
    expect(await refusal({}, 'input.database', null)).toBe('database "demo" does not exist');
  });
});

describe('a creation', () => {
  it('says what it stands for, and what it holds', async () => {
    await using place = openPlace(FILES);
    const given = { ...inputFor(['a.csv']), table: 'A "quoted" Ä' };
    expect(await importKind.create(given, place.environment)).toMatchObject({
      description: `IMPORT TABLE "demo"."A ""quoted"" Ä" FROM CSV 'nodelocal:///a.csv'`,
      database: 'demo',
      holds: [{ table: 'a "quoted" Ä', mode: 'make' }],
    });
  });

  it('is described by all its sources, cut at 1,024 characters', async () => {
    await using place = openPlace(FILES);
    const name = "o'hara%20100%25.csv";
    const two = await importKind.create(inputFor(['a.csv', name]), place.environment);
    expect(two.description).toContain(`FROM CSV ('nodelocal:///a.csv', 'nodelocal:///o''hara%20100%25.csv')`);
    const many = await importKind.create(inputFor(Array(100).fill(name)), place.environment);
    expect(many.description).toHaveLength(1024);
  });

  it('keeps details that pass through JSON', async () => {
    await using place = openPlace(FILES);
    const { details } = await importKind.create({ ...inputFor(['few.csv']), csv: null }, place.environment);
    expect(JSON.parse(JSON.stringify(details))).toEqual(details);
    expect(details.sources).toMatchObject([
      { url: 'nodelocal:///few.csv', fields: [0, 1], begin: { byte: 8, line: 2 } },
    ]);
  });
});
