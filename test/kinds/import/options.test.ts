import { describe, expect, test } from 'vitest';
import { execute } from '../contract.ts';
import { IMPORT, openScene, type SceneInput } from './scene.ts';

const PAIR = [
  { name: 'a', type: 'TEXT' },
  { name: 'b', type: 'TEXT' },
];
const rejectsIn = (all: (sql: string) => unknown[]) => {
  const [[table] = []] = all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects%'") as [string][];
  return table === undefined ? [] : all(`SELECT line, lastLine, reason FROM "${table}" ORDER BY id`);
};

/** The rows of `people`, and the rejected rows. */
const imported = async (content: string | Uint8Array, input: SceneInput = {}) => {
  await using scene = await openScene({ files: { 'a.csv': content }, columns: PAIR, rejectLimit: 5, ...input });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  return { rows: scene.all('SELECT * FROM people'), rejects: rejectsIn(scene.all) };
};
const rows = async (content: string | Uint8Array, input: SceneInput = {}) => {
  const { rows, rejects } = await imported(content, input);
  expect(rejects).toEqual([]);
  return rows;
};
const failure = async (content: string, input: SceneInput = {}) => {
  await using scene = await openScene({ files: { 'a.csv': content }, columns: PAIR, ...input });
  const error: unknown = await execute({ kind: IMPORT, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  return (error as Error).message;
};
const refusal = async (input: SceneInput, content = 'a,b\n1,2\n') => {
  const error: unknown = await openScene({ files: { 'a.csv': content }, columns: PAIR, ...input }).catch(
    (thrown) => thrown,
  );
  const { message, extensions } = error as { message: string; extensions: { field: string } };
  return [extensions?.field, message];
};

describe('line ends', () => {
  test.each(['\n', '\r\n', '\r', '\r\r\n'])('%j ends a row', async (end) => {
    const content = ['a,b', '1,2', '"3\r\n",4', '5,6'].join(end);
    expect(await rows(content)).toEqual([
      ['1', '2'],
      ['3\r\n', '4'],
      ['5', '6'],
    ]);
  });

  test('mixed, and skipped lines with them', async () => {
    expect(await rows('title\r\rmore\na,b\r1,2\r\n3,4\n5,6\r\r\n', { csv: { skip: 3 } })).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
  });

  test('a blank line is NULL where rows have one field, and nothing elsewhere', async () => {
    const columns = PAIR.slice(0, 1);
    expect(await rows('a\nx\n\ny\n', { columns })).toEqual([['x'], [null], ['y']]);
    expect(await rows('a\r\nx\r\n\r\ny', { columns, csv: { nullif: '-' } })).toEqual([['x'], [''], ['y']]);
    expect(await rows('a,b\n1,2\n\n3,4\n')).toHaveLength(2);
  });
});

describe('a quote that is never closed', () => {
  test('fails the job, whatever may be rejected, and the rows before it are counted', async () => {
    expect(await failure('a,b\n1,2\n3,"4\n5,6\n', { rejectLimit: 1_000 })).toBe(
      'nodelocal:///a.csv line 3, column b: quote never closed: "3,\\"4\\n5,6"',
    );
  });

  test('is found early with maxFieldLines', async () => {
    const content = `a,b\n1,"2\n${'x\n'.repeat(10)}y"\n`;
    expect(await failure(content, { csv: { maxFieldLines: 3 }, rejectLimit: 9 })).toContain(
      'line 2, column b: a quoted field that spans more than 3 lines',
    );
    expect(await rows('a,b\n1,"2\nx\ny"\n', { csv: { maxFieldLines: 3 } })).toEqual([['1', '2\nx\ny']]);
  });
});

test('a rejected row names its first and last line', async () => {
  const { rows, rejects } = await imported('a,b\n1,"x\ny",3\n4,5\n6\n');
  expect(rows).toEqual([['4', '5']]);
  expect(rejects).toEqual([
    [2, 3, '3 fields, expected 2'],
    [5, 5, '1 fields, expected 2'],
  ]);
});

test('the generated columns of an export are skipped', async () => {
  await using place = await openScene({
    files: { 'a.csv': 'a,twice,b\n1,2,x\n' },
    columns: [...PAIR, { name: 'twice', type: 'TEXT' }],
  });
  place.exec('CREATE TABLE t (a INT, twice AS (a * 2), b TEXT)');
  const input = { database: 'demo', table: 't', sources: ['nodelocal:///a.csv'] };
  const { details } = await IMPORT.create(input, place.environment);
  await execute({ kind: IMPORT, scene: { ...place, details }, epoch: 1 });
  expect(place.all('SELECT a, twice, b FROM t')).toEqual([[1, 2, 'x']]);
});

test('an empty source among several is no error, and neither is one of white space in gzip', async () => {
  const files = { 'a.csv': 'a,b\n1,2\n', 'b.csv': '', 'c.csv': 'b,a\n4,3\n' };
  await using scene = await openScene({ files, columns: PAIR });
  await execute({ kind: IMPORT, scene, epoch: 1 });
  expect(scene.all('SELECT * FROM people')).toEqual([
    ['1', '2'],
    ['3', '4'],
  ]);
  expect(await refusal({}, '')).toEqual(['input.sources.0', 'nodelocal:///a.csv is empty']);
});

describe('NULL', () => {
  test('nulls are NULL in addition to an empty field', async () => {
    expect(await rows('a,b\nNA,\n-,"NA"\n"",x\n', { csv: { nulls: ['NA', '-'] } })).toEqual([
      [null, null],
      [null, 'NA'],
      ['', 'x'],
    ]);
  });
  test('quotedNulls are NULL for exports that quote everything', async () => {
    expect(await rows('"a","b"\n"NULL",""\n"x","y"\n', { csv: { nulls: ['NULL'], quotedNulls: true } })).toEqual([
      [null, null],
      ['x', 'y'],
    ]);
  });
});

describe('fields', () => {
  test.each([
    ['escape', 'a,b\n1\\,2,"x\\"y"\n', { escape: '\\' }, [['1,2', 'x"y']]],
    ['trim', 'a , b\n  1 ,\t" 2 " \n', { trim: true }, [['1', ' 2 ']]],
    ['a long delimiter', 'a||b\n1|x||"2||3"\n', { delimiter: '||' }, [['1|x', '2||3']]],
    ['a delimiter beyond ASCII', 'a·b\nä·ö\n', { delimiter: '·' }, [['ä', 'ö']]],
    [
      'short rows',
      'a,b\n1\n2,3\n',
      { shortRows: true },
      [
        ['1', null],
        ['2', '3'],
      ],
    ],
    ['delimiters at the end of lines', 'a,b,\n1,2,\n', {}, [['1', '2']]],
  ] as const)('%s', async (_, content, csv, expected) => {
    expect(await rows(content, { csv })).toEqual(expected);
  });

  test('a delimiter beyond ASCII is found next to bytes that are no UTF-8', async () => {
    const content = Buffer.concat([Buffer.from('a·b\n1·2\n'), Buffer.from([0xff]), Buffer.from('·3\n4·5\n')]);
    const { rows: found, rejects } = await imported(content, { csv: { delimiter: '·' } });
    expect(found).toEqual([
      ['1', '2'],
      ['4', '5'],
    ]);
    expect(rejects).toEqual([[3, 3, 'invalid UTF-8']]);
  });

  test('a short row gets the defaults of the columns that it lacks', async () => {
    const columns = [PAIR[0] ?? { name: 'a', type: 'TEXT' }, { name: 'b', type: 'TEXT', default: "'none'" }];
    expect(await rows('a,b\n1\n', { columns, csv: { shortRows: true } })).toEqual([['1', 'none']]);
  });

  test('a value under no name is a bad row', async () => {
    const { rejects } = await imported('a,b,\n1,2,3\n4,5,\n');
    expect(rejects).toEqual([[2, 2, 'a value in field 3, which has no name']]);
  });

  test('numbers are read as they are written', async () => {
    const columns = [
      { name: 'a', type: 'DECIMAL(10,2)' },
      { name: 'b', type: 'INTEGER' },
    ];
    const csv = { delimiter: ';', numbers: { decimal: ',', group: '.' } };
    const { rows, rejects } = await imported('a;b\n1.234,50;1.000\n-0,5;7\n1.5;1\n12,34;1.00\n', { columns, csv });
    expect(rows).toEqual([
      [1234.5, 1000],
      [-0.5, 7],
    ]);
    expect(rejects).toEqual([
      [4, 4, 'not a number with decimal ","'],
      [5, 5, 'not a number with decimal ","'],
    ]);
  });
});

describe('fields that are mapped', () => {
  const columns = [
    { name: 'id', type: 'INTEGER' },
    { name: 'born', type: 'DATE' },
  ];

  test('by name and by position, with dates; all others are ignored', async () => {
    const content = 'x,ID No,x,when\nq,1,r,31.12.1999\nq,2,r,1.1.2000\n';
    const fields = [
      { from: { name: 'ID No' }, column: 'id' },
      { from: { position: 4 }, column: 'born', dateFormat: 'd.M.yyyy' },
    ];
    expect(await rows(content, { columns, fields })).toEqual([
      [1, '1999-12-31'],
      [2, '2000-01-01'],
    ]);
    const { rejects } = await imported('a,when\n1,12/31/1999\n2,31.02.2000\n', {
      columns,
      fields: [
        { from: { name: 'a' }, column: 'id' },
        { from: { name: 'when' }, column: 'born', dateFormat: 'dd.MM.yyyy' },
      ],
    });
    expect(rejects).toEqual([
      [2, 2, 'not a date written as dd.MM.yyyy'],
      [3, 3, 'not a date as YYYY-MM-DD'],
    ]);
  });

  test('without a header, by position', async () => {
    const fields = [{ from: { position: 2 }, column: 'id' }];
    expect(await rows('x,7\ny,8\n', { columns, csv: { header: false }, fields })).toEqual([
      [7, null],
      [8, null],
    ]);
  });

  test('a row with another number of fields is a bad row', async () => {
    const fields = [{ from: { name: 'a' }, column: 'id' }];
    const { rejects } = await imported('a,b\n1\n2,3,4\n', { columns, fields });
    expect(rejects.map((row) => (row as unknown[])[2])).toEqual(['1 fields, expected 2', '3 fields, expected 2']);
  });

  test('keys of NDJSON', async () => {
    const content = '{"ID No":1,"x":{},"b":"2000-01-01"}\n{"x":1}\n';
    const fields = [{ from: { name: 'ID No' }, column: 'id' }];
    const { rows, rejects } = await imported(content, { columns, fields, format: 'NDJSON' });
    expect(rows).toEqual([[1, null]]);
    expect(rejects).toEqual([[2, 2, 'an object without a key of a column']]);
    const ignoring = { columns, unknownKeys: 'IGNORE', format: 'NDJSON' } as const;
    expect((await imported('{"id":1,"x":2}\n', ignoring)).rows).toEqual([[1, null]]);
  });

  test.each<[SceneInput, string, string]>([
    [{ fields: [] }, 'input.fields', 'fields is empty'],
    [{ fields: [{ from: { name: 'c' }, column: 'a' }] }, 'input.fields.0.from.name', 'the header has no field "c"'],
    [{ fields: [{ from: { position: 3 }, column: 'a' }] }, 'input.fields.0.from.position', 'none in position 3'],
    [{ fields: [{ from: { name: 'a' }, column: 'z' }] }, 'input.fields.0.column', '"z" is not a column'],
    [{ fields: [{ from: {}, column: 'a' }] }, 'input.fields.0.from', 'either name or position'],
    [
      { fields: [{ from: { name: 'a' }, column: 'a', dateFormat: 'dd.QQ' }] },
      'input.fields.0.dateFormat',
      'the letter "Q"',
    ],
    [{ csv: { nullif: 'x', nulls: ['y'] } }, 'input.csv.nulls', 'use nulls only'],
    [{ csv: { delimiter: '' } }, 'input.csv.delimiter', '1 to 10 characters'],
    [{ csv: { escape: '\n' } }, 'input.csv.escape', 'one ASCII character'],
    [{ csv: { numbers: { decimal: '.', group: '.' } } }, 'input.csv.numbers.decimal', 'is the group too'],
    [{ unknownKeys: 'IGNORE' }, 'input.unknownKeys', 'it has no keys'],
  ])('%j is refused', async (input, field, message) => {
    const [path, text] = await refusal(input);
    expect([path, text]).toEqual([field, expect.stringContaining(message)]);
  });
});

describe('what databases write', () => {
  test('the text format of COPY', async () => {
    const content = '1\t\\N\nx\\ty\\\\\tz\\nw\n\t\\x41\\102\n\\.\n';
    expect(await rows(content, { format: 'PGCOPY' })).toEqual([
      ['1', null],
      ['x\ty\\', 'z\nw'],
      ['', 'AB'],
    ]);
  });
  test('INTO OUTFILE', async () => {
    expect(await rows('1\t\\N\na\\\tb\tc\\\nd\n\t\\Z\n', { format: 'MYSQL_OUTFILE' })).toEqual([
      ['1', null],
      ['a\tb', 'c\nd'],
      ['', '\x1a'],
    ]);
  });
});
