import fc from 'fast-check';
import readExcel from 'read-excel-file/node';
import { describe, expect, test } from 'vitest';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openPlace, openScene, type SceneInput } from './scene.ts';
import { type CellInput, number, type SheetInput, shared, type WorkbookInput, workbook, xml } from './workbook.ts';

const xlsx = (content: Uint8Array) => ({ format: 'XLSX' as const, files: { 'a.xlsx': content } });
const typed = (...types: readonly string[]) => ({ columns: types.map((type, i) => ({ name: `c${i}`, type })) });
const header = (width: number) => Array.from({ length: width }, (_, i) => `c${i}`);
const sheet = (rows: SheetInput, more: Omit<WorkbookInput, 'sheets'> = {}) =>
  workbook({ sheets: [['Sheet1', rows]], ...more });

const imported = async (input: SceneInput, select = 'SELECT * FROM people') => {
  await using scene = await openScene(input);
  await execute({ kind: IMPORT, scene, epoch: 1 });
  return scene.all(select);
};
const failure = async (input: SceneInput) => {
  await using scene = await openScene(input);
  const error: unknown = await execute({ kind: IMPORT, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  return (error as Error).message;
};
const refusal = async (input: SceneInput) => {
  const error: unknown = await openScene(input).catch((thrown) => thrown);
  if (!(error instanceof Error && 'extensions' in error)) throw error;
  const { message, extensions } = error as unknown as { message: string; extensions: { field: string } };
  return [extensions.field, message];
};

/** @param every the rows between two with values are blank, which costs little */
const people = (from: number, to: number, every = 1): SheetInput => ({
  1: ['id', 'name', 'age'],
  ...Object.fromEntries(
    Array.from({ length: to - from }, (_, i) => {
      const id = from + i;
      return [2 + 2 * i, i % every === 0 ? [id, shared(id % 50), id % 7 === 0 ? null : id % 90] : []];
    }),
  ),
});
const strings = Array.from({ length: 50 }, (_, i) => `name "${i}" é\n${'x'.repeat(i)}`);
/** Written once, since the contract opens them dozens of times. The rows of the first one make two blocks. */
const workbooks = {
  'a.xlsx': sheet(people(0, 2_200, 10), { strings }),
  'b.xlsx': sheet(people(10_000, 10_001), { strings }),
  'c.xlsx': sheet(people(20_000, 20_050), { strings }),
};

testKindContract('import of Excel', IMPORT, () => openScene({ format: 'XLSX', files: workbooks }));

describe('the values of cells', () => {
  const one = (cells: readonly CellInput[], more: Omit<WorkbookInput, 'sheets'> = {}) =>
    sheet({ 1: header(cells.length), 2: cells }, more);
  const valuesOf = async (cells: readonly CellInput[], types: readonly string[], more = {}) =>
    (await imported({ ...xlsx(one(cells, more)), ...typed(...types) }))[0];

  test('numbers have no more digits than the double needs, and whole numbers keep all of theirs', async () => {
    const texts = [
      '1.1000000000000001',
      '0.30000000000000004',
      '1E-3',
      '9007199254740993',
      '-0.5',
      '1.2345678901234567E+20',
    ];
    const cells = texts.map((text) => number(text));
    expect(
      await valuesOf(
        cells,
        texts.map(() => 'TEXT'),
      ),
    ).toEqual(['1.1', '0.30000000000000004', '0.001', '9007199254740993', '-0.5', '123456789012345670000']);
    expect(
      await valuesOf([number('1.1000000000000001'), number('7'), number('12')], ['DECIMAL(3,1)', 'INTEGER', 'ANY']),
    ).toEqual([1.1, 7, 12]);
  });

  test('texts are shared, inline, rich or results of formulas, with the characters that XML lacks', async () => {
    const rich =
      '<si><r><t>a</t></r><r><rPr><b/></rPr><t xml:space="preserve"> b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si>';
    const cells = [
      shared(0),
      shared(1),
      ' in\tline_x000D_ & <é> ',
      xml('<c t="str"><f>A1</f><v>a_x000d_b_x005F_x000D_</v></c>'),
      xml('<c t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r></is></c>'),
      '00601',
    ];
    expect(
      await valuesOf(
        cells,
        cells.map(() => 'TEXT'),
        { strings: [rich, '𝄞 "'] },
      ),
    ).toEqual(['a b', '𝄞 "', ' in\tline_x000D_ & <é> ', 'a\rb_x000D_', 'xy', '00601']);
  });

  test('booleans, empty cells and texts that are NULL', async () => {
    const cells = [true, false, true, null, xml('<c s="1"/>'), '', 'NA', ' x '];
    const content = one(cells);
    const types = ['BOOLEAN', 'INTEGER', 'ANY', 'INTEGER', 'TEXT', 'TEXT', 'INTEGER', 'TEXT'];
    const csv = { nulls: ['NA'], trim: true };
    expect(await imported({ ...xlsx(content), ...typed(...types), csv })).toEqual([
      [1, 0, 1, null, null, '', null, 'x'],
    ]);
  });

  test('numbers are shown as dates and times where their format is one', async () => {
    const cases = [
      ['yyyy-mm-dd', '45000', '2023-03-15'],
      ['m/d/yy h:mm', '45000.5', '2023-03-15T12:00:00'],
      ['dd.mm.yyyy', '45000.25', '2023-03-15T06:00:00'],
      ['m/d/yy h:mm', '45000', '2023-03-15T00:00:00'],
      ['yyyy-mm-dd hh:mm:ss.000', '44197.000011574075', '2021-01-01T00:00:01'],
      ['h:mm:ss AM/PM', '0.75', '18:00:00'],
      ['[h]:mm:ss', '1.5', '36:00:00'],
      ['[$-409]d\\-mmm\\-yy;@', '1', '1900-01-01'],
      ['d', '59', '1900-02-28'],
      ['d', '61', '1900-03-01'],
      ['mmm', '2958465', '9999-12-31'],
      ['0.00E+00', '45000', '45000'],
      ['"d"0', '45000', '45000'],
      ['[Red]#,##0.00;[Yellow]-0', '45000', '45000'],
      ['General', '45000', '45000'],
      ['h:mm', '0.5', '12:00:00'],
    ] as const;
    const cells = cases.map(([, value], i) => number(value, i + 1));
    const types = cases.map(() => 'TEXT');
    const found = await valuesOf(cells, types, { formats: cases.map(([format]) => format) });
    expect(cases.map(([format, value], i) => [format, value, (found as unknown[])[i]])).toEqual(cases);
  });

  test('dates count from 1904 where the workbook says so, and a built-in format is one', async () => {
    const cells = [number('0', 1), number('43538', 2), number('45000', 3)];
    const more = { date1904: true, formats: ['yyyy-mm-dd', 'yyyy-mm-dd hh:mm'] };
    expect(await valuesOf(cells, ['DATE', 'TIMESTAMP', 'DATE'], more)).toEqual([
      '1904-01-01',
      '2023-03-15T00:00:00',
      '2027-03-16',
    ]);
    expect(await valuesOf([number('45000', 1)], ['DATE'], { formats: ['yyyy-mm-dd hh:mm'] })).toEqual(['2023-03-15']);
  });

  test.each([
    [xml('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'), 'cell A2 holds the error #DIV/0!'],
    [xml('<c t="e"><f>1/0</f><v>a secret</v></c>'), 'cell A2 holds an error: '],
    [xml('<c><f>SUM(1,2)</f></c>'), 'cell A2 holds a formula without a result'],
    [number('60', 1), 'cell A2 holds a number that is no date although it is formatted as one'],
    [number('-1', 1), 'cell A2 holds a number that is no date'],
    [number('abc'), 'cell A2 holds a number that is not written as one'],
    ['a\0b', 'cell A2 holds a NUL character'],
  ])('a cell without a value is a bad row', async (cell, reason) => {
    const content = one([cell, 1], { formats: ['yyyy-mm-dd'] });
    const message = await failure({ ...xlsx(content), ...typed('TEXT', 'TEXT') });
    expect(message).toContain(`nodelocal:///a.xlsx line 2, column c0: ${reason}`);
  });
});

describe('rows', () => {
  test('blank ones are skipped, wherever they are, and lines are the numbers of rows', async () => {
    const rows: SheetInput = {
      3: [null, null],
      4: header(2),
      7: [1, 'a'],
      8: ['', ''],
      9: [null, 'b'],
      12: ['x', 'c'],
      900: [null],
    };
    const content = sheet(rows);
    expect(await failure({ ...xlsx(content), ...typed('INTEGER', 'TEXT') })).toBe(
      'nodelocal:///a.xlsx line 12, column c0: not an integer: "x"',
    );
    expect(await imported({ ...xlsx(content), ...typed('TEXT', 'TEXT') })).toEqual([
      ['1', 'a'],
      [null, 'b'],
      ['x', 'c'],
    ]);
  });

  test('a value right of the header is a bad row, and an empty text there is not', async () => {
    const content = sheet({ 1: header(2), 2: [1, 2, ''], 3: [1, 2, null, 3] });
    expect(await failure({ ...xlsx(content), ...typed('INTEGER', 'INTEGER') })).toContain(
      'line 3: 4 fields, expected 2',
    );
  });

  test('cells and rows need no reference, and merged cells have their value once', async () => {
    const rows =
      '<row><c t="str"><v>c0</v></c><c t="str"><v>c1</v></c></row><row><c><v>1</v></c></row>' +
      '<row r="9"><c r="B9"><v>2</v></c></row>';
    expect(await imported({ ...xlsx(sheet(rows)), ...typed('INTEGER', 'INTEGER') })).toEqual([
      [1, null],
      [null, 2],
    ]);
  });

  test('the first rows are skipped, and fields are mapped by name, by position and with a format of dates', async () => {
    const content = sheet(
      { 1: ['A title'], 3: ['when', 'what', 'x'], 4: ['31.12.2020', 'a', 1], 5: [number('45000', 1), 'b', 2] },
      { formats: ['yyyy'] },
    );
    const columns = [
      { name: 'day', type: 'DATE' },
      { name: 'item', type: 'TEXT' },
    ];
    const fields = [
      { from: { name: 'when' }, column: 'day', dateFormat: 'dd.MM.yyyy' },
      { from: { position: 2 }, column: 'item' },
    ];
    expect(await imported({ ...xlsx(content), columns, fields, csv: { skip: 1 } })).toEqual([
      ['2020-12-31', 'a'],
      ['2023-03-15', 'b'],
    ]);
    const bare = sheet({ 1: [1, null, 'a'], 2: [2] });
    const into = ['c1', 'c2', 'c0'];
    const input = { ...xlsx(bare), ...typed('TEXT', 'INTEGER', 'INTEGER'), into, csv: { header: false } };
    expect(await imported(input)).toEqual([
      ['a', 1, null],
      [null, 2, null],
    ]);
  });

  test('a bad row is kept as CSV', async () => {
    const content = sheet(
      { 1: header(3), 2: ['a, "b"', null, number('45000', 1)], 3: [1, 2, 3] },
      { formats: ['d.m.yy'] },
    );
    await using scene = await openScene({ ...xlsx(content), ...typed('INTEGER', 'TEXT', 'TEXT'), rejectLimit: 1 });
    await execute({ kind: IMPORT, scene, epoch: 1 });
    const [[table]] = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects'") as [[string]];
    expect(scene.all(`SELECT line, "column", text FROM ${table}`)).toEqual([[2, 'c0', '"a, ""b""",,2023-03-15']]);
  });
});

describe('sheets', () => {
  const content = workbook({
    sheets: [
      ['First', { 1: header(1), 2: [1] }],
      ['Zweites "Blatt"', { 1: header(1), 2: [2] }],
    ],
  });
  test('the first is read unless another is named', async () => {
    expect(await imported({ ...xlsx(content), ...typed('INTEGER') })).toEqual([[1]]);
    expect(await imported({ ...xlsx(content), ...typed('INTEGER'), sheet: 'zweites "blatt"' })).toEqual([[2]]);
  });

  test('an unknown name is refused with those that there are', async () => {
    expect(await refusal({ ...xlsx(content), ...typed('INTEGER'), sheet: 'x' })).toEqual([
      'input.sheet',
      'nodelocal:///a.xlsx has no sheet "x": it has "First", "Zweites \\"Blatt\\""',
    ]);
    expect((await refusal({ sheet: 'x' }))[0]).toBe('input.sheet');
  });
});

describe('a preview', () => {
  const preview = async (content: Uint8Array, input: object = {}) => {
    await using place = openPlace({ 'a.bin': content });
    const { preview: ask } = IMPORT.queries as unknown as Record<
      string,
      (...given: unknown[]) => Promise<Record<string, unknown>>
    >;
    return await ask?.({ sources: ['nodelocal:///a.bin'], ...input }, place.environment);
  };
  test('recognizes a workbook by its content, and its header and types', async () => {
    const content = workbook({
      sheets: [
        ['One', { 2: ['id', 'when', 'ok'], 3: [1, number('45000', 1), true], 5: [2, number('45001', 1), false] }],
        ['Two', { 1: ['a', 'b'], 2: ['c', 'd'], 3: ['a', 'b'] }],
      ],
      formats: ['yyyy-mm-dd'],
    });
    expect(await preview(content)).toMatchObject({
      ...{
        format: 'XLSX',
        compression: 'NONE',
        encoding: 'UTF-8',
        sheets: ['One', 'Two'],
        header: true,
        skip: 0,
        delimiter: null,
      },
      fieldNames: ['id', 'when', 'ok'],
      columns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'when', type: 'DATE' },
        { name: 'ok', type: 'BOOLEAN' },
      ],
      rows: [
        [1, '2023-03-15', 1],
        [2, '2023-03-16', 0],
      ],
      problems: [],
    });
    const titled = sheet({
      1: ['Lots of people'],
      2: ['write', null, 'notes'],
      4: header(3),
      5: [1, 2, 3],
      6: [4, 5, 6],
    });
    expect(await preview(titled)).toMatchObject({ skip: 3, header: true, fieldNames: header(3), problems: [] });
    expect(await preview(content, { sheet: 'Two' })).toMatchObject({
      ...{ header: false, fieldNames: ['column1', 'column2'] },
      rows: [
        ['a', 'b'],
        ['c', 'd'],
        ['a', 'b'],
      ],
    });
  });
});

describe('files that are no workbook, or none that can be read', () => {
  const good = sheet({ 1: header(1), 2: [1] });
  const compound = (name: string) => {
    const bytes = Buffer.alloc(2_048);
    bytes.write('d0cf11e0a1b11ae1', 'hex');
    bytes.writeUInt16LE(9, 30);
    bytes.writeUInt32LE(1, 48);
    bytes.write(name, 1_024 + 128, 'utf16le');
    return bytes;
  };
  test.each([
    ['text', Buffer.from('c0\n1\n'), 'is no whole zip archive'],
    ['a part of one', good.subarray(0, good.length - 30), 'is no whole zip archive'],
    ['an old workbook', compound('Workbook'), 'is an Excel 97 workbook (.xls): save it as .xlsx'],
    ['an encrypted one', compound('EncryptedPackage'), 'is encrypted with a password'],
    ['another zip', workbook({ sheets: [] }).subarray(0), 'has no sheet with cells'],
    ['broken XML', sheet({}, { parts: { 'xl/workbook.xml': '<workbook><sheets>' } }), 'is damaged: unclosed tag'],
    [
      'entities',
      sheet({}, { parts: { 'xl/workbook.xml': '<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>' } }),
      'is damaged: undefined entity',
    ],
    ['a deep one', sheet('<a>'.repeat(200)), 'nested more than 100 deep'],
  ])('%s', async (_, content, message) => {
    const [field, found] = await refusal({ ...xlsx(content), ...typed('INTEGER') });
    expect(field).toBe('input.sources.0');
    expect(found).toContain(
      `nodelocal:///a.xlsx ${message.startsWith('nested') ? 'is damaged: elements are ' : ''}${message}`,
    );
  });

  test('one whose content expands beyond measure', async () => {
    const spaces = ' '.repeat(20 * 1024 * 1024);
    const content = sheet(`<row><c t="str"><v>c0</v></c></row>${spaces}`);
    expect(content.length).toBeLessThan(100_000);
    expect(await failure({ ...xlsx(content), ...typed('INTEGER') })).toBe(
      'nodelocal:///a.xlsx is damaged: a text is longer than 16 MiB',
    );
  });

  test('one with a flipped bit', async () => {
    const stored = sheet({ 1: header(1), 2: [4_242] });
    const raw = Buffer.from(stored);
    const { zipSync, unzipSync } = await import('fflate');
    const plain = Buffer.from(zipSync(unzipSync(raw), { level: 0 }));
    plain[plain.indexOf('4242')] = 0x35;
    expect(await failure({ ...xlsx(plain), ...typed('INTEGER') })).toBe(
      'nodelocal:///a.xlsx is damaged: the checksum of xl/worksheets/sheet1.xml is wrong',
    );
  });

  test('a workbook is named where its format is not', async () => {
    expect((await refusal({ files: { 'a.csv': good } }))[1]).toBe(
      'nodelocal:///a.csv is an Excel workbook, or another Office file: use format XLSX',
    );
    expect((await refusal({ ...xlsx(good), csv: { delimiter: ';' } }))[0]).toBe('input.csv.delimiter');
    expect((await refusal({ ...xlsx(good), decompress: 'GZIP' }))[0]).toBe('input.decompress');
  });
});

test('has the values that another reader finds', async () => {
  const runs = Number(process.env.XLSX_RUNS ?? 10);
  const cell = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() === text),
  );
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(table, async (given) => {
      const rows = given.filter((row) => row.some((value) => value !== null));
      fc.pre(rows.length > 0);
      const content = sheet({ 1: header(3), ...Object.fromEntries(rows.map((row, i) => [i + 2, row])) });
      const [, ...expected] = (await readExcel(Buffer.from(content)))[0]?.data ?? [];
      const found = (await imported({ ...xlsx(content), ...typed('TEXT', 'TEXT', 'TEXT') })) as (string | null)[][];
      expect(found).toEqual(rows.map((row) => row.map((value) => (value === null ? null : String(value)))));
      expect(found).toEqual(expected.map((row) => row.map((value) => (value === null ? null : String(value)))));
    }),
    { numRuns: runs },
  );
});
