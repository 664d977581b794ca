import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectDialect, detectFormat } from '../../../src/kinds/import/detect.ts';
import { inferColumns, inferType } from '../../../src/kinds/import/infer.ts';

describe('the dialect of CSV', () => {
  test.each([
    ['id,name\n1,"Lovelace, Ada"\n2,"Hopper"\n', { delimiter: ',', quote: '"', header: true }],
    ['id;price\n1;1.234,50\n2;2,00\n', { delimiter: ';', quote: '"', header: true }],
    ['a\tb\tc\n1,5\t2,5\t3\n4\t5\t6\n', { delimiter: '\t', quote: '"', header: true }],
    ["x|'a|b'|y\n1|'c'|2\n", { delimiter: '|', quote: "'", header: true }],
    ['1,2\n3,4\n', { delimiter: ',', quote: '"', header: false }],
    ['2024-01-01,x\n2024-01-02,y\n', { delimiter: ',', quote: '"', header: false }],
    ['name\nAda\nGrace\n', { delimiter: ',', quote: '"', header: true }],
    ['a,b\ra,b\rx,y\r', { delimiter: ',', quote: '"', header: false }],
    ['', { delimiter: ',', quote: '"', header: false }],
  ])('%j', (text, dialect) => {
    expect(detectDialect(text, {}, true)).toEqual({ comment: null, skip: 0, ...dialect });
  });

  test.each([
    ['a\tb\nx\tthe "c"\ny\t"d" e\n', { delimiter: '\t', quote: null }],
    ['a,b\n"x",the "c"\n"y","d"\n', { delimiter: ',', quote: '"' }],
    ['# made by hand\n# in 2024\nx;1\n# more\ny;2\n', { comment: '#', skip: 0, header: false }],
    ['# a\n# b\nx;y\nz;w\n', { comment: '#', header: false }],
    ['# a\n# b\nid;y\n1;w\n', { comment: '#', header: true }],
    ['# made by hand\n#id\tname\n1\tx\n2\ty\n', { comment: null, skip: 1, header: true }],
    ['#id,name\n1,x\n2,y\n', { comment: null, skip: 0, header: true }],
    ['Sales\n\nid,name\n1,x\n2,y\n3,z\n', { skip: 2, header: true }],
    ['Sales,,\nid,name,price\n1,x,2\n2,y,3\n', { skip: 1, header: true }],
    [',name\na,x\nb,y\n', { skip: 0, header: true }],
    ['Sales\nid\n1\n', { skip: 0 }],
  ])('%j is in %j', (text, dialect) => {
    expect(detectDialect(text, {}, true)).toMatchObject(dialect);
  });

  test('leaves what a person has decided as it is, and skips lines', () => {
    const text = 'a report; of today\r\nid;x\r\n1;2\r\n';
    expect(detectDialect(text, { skip: 1 }, true)).toMatchObject({ delimiter: ';', quote: '"', header: true });
    expect(detectDialect(text, { delimiter: ',', header: false }, true)).toMatchObject({
      delimiter: ',',
      quote: '"',
      header: false,
    });
  });

  test('is found in tables of any values, whatever the delimiter', () => {
    const value = fc.string({ unit: fc.constantFrom('a', 'b', ',', ';', '|', '\t', '"', '\n', ' ') });
    const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(rows, fc.constantFrom(',', ';', '\t', '|'), (table, delimiter) => {
        const text = [['one', 'two', 'three'], ...table]
          .map((row) => `${row.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter)}\n`)
          .join('');
        expect(detectDialect(text, { quote: '"' }, true).delimiter).toBe(delimiter);
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['nodelocal:///a.jsonl', 'x', 'NDJSON'],
  ['nodelocal:///a.ndjson.gz?key=1', 'x', 'NDJSON'],
  ['nodelocal:///a.csv', '{"a":1}\n', 'CSV'],
  ['https://h/export', ' {"a":1}\n{"a":2}\n', 'NDJSON'],
  ['https://h/export', '[1]\n', 'CSV'],
  ['https://h/export', 'a,b\n', 'CSV'],
] as const)('the format of %s', (url, text, format) => {
  expect(detectFormat(url, text)).toBe(format);
});

describe('the type of a column', () => {
  test.each([
    [['1', '-20', '0'], 'INTEGER'],
    [['1', '1.5', '-2e3'], 'REAL'],
    [['00601', '10001'], 'TEXT'],
    [['+49'], 'TEXT'],
    [['123456789012345678901'], 'TEXT'],
    [['0.12345678901234567'], 'TEXT'],
    [['0.016666666666666666', '.5', '-.25', '1e300'], 'REAL'],
    [['5.'], 'TEXT'],
    [['1e400'], 'TEXT'],
    [['1e-400'], 'TEXT'],
    [['true', 'FALSE'], 'BOOLEAN'],
    [['1', 'true'], 'TEXT'],
    [['2024-01-31'], 'DATE'],
    [['2024-01-31', '2024-01-31T10:00:00Z'], 'TEXT'],
    [['2024-01-31 10:00', '2024-01-31T10:00:00.5+01:00'], 'TIMESTAMP'],
    [['6f1ed002-ab59-4e1c-8b5b-0d8c9f1e3c11'], 'UUID'],
    [[], 'TEXT'],
    [[''], 'TEXT'],
  ])('%j is %s', (values, type) => {
    expect(inferType(values)).toBe(type);
  });

  test('names without a blank or a repetition', () => {
    const columns = inferColumns(['a', '', 'A', ' b\t', 'sqlite_x', 'a'], []);
    expect(columns.map(({ name }) => name)).toEqual(['a', 'column2', 'A_2', 'b', 'column5', 'a_3']);
  });
});
