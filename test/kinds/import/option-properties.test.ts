/** Each option of CSV reads back what was written with it: the writer here, csv-parse or Intl are the oracle. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateReader } from '../../../src/kinds/import/date-format.ts';
import { execute } from '../contract.ts';
import { read } from './csv-reading.ts';
import { IMPORT as kind, openScene, type SceneInput } from './scene.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const windowBytes = fc.integer({ min: 1, max: 40 });
const textOf = (...marks: readonly string[]) =>
  fc.array(fc.constantFrom('a', 'é', '😀', ...marks), { maxLength: 6 }).map((parts) => parts.join(''));
const tableOf = <T>(cell: fc.Arbitrary<T>) =>
  fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });

const fieldsIn = async (source: string, reading: Parameters<typeof read>[1]) =>
  (await read(source, reading)).map(({ fields, fault }) => fault?.reason ?? fields);

const imported = async (input: SceneInput, select = 'SELECT * FROM people ORDER BY _rowid_') => {
  await using scene = await openScene(input);
  await execute({ kind, scene, epoch: 1 });
  return scene.all(select);
};

test('escape: what is escaped is literal, quoted or not', async () => {
  const cell = fc.record({ value: textOf('"', ',', '\\', '\n', '\r'), quoted: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(tableOf(cell), sizes, windowBytes, async (rows, sizes, windowBytes) => {
      const write = ({ value, quoted }: { value: string; quoted: boolean }) =>
        quoted ? `"${value.replace(/["\\]/g, '\\$&')}"` : value.replace(/["\\,\r\n]/g, '\\$&');
      const source = rows.map((row) => `${row.map(write).join(',')}\n`).join('');
      const expected = rows.map((row) => row.map(({ value, quoted }) => (value === '' && !quoted ? null : value)));
      expect(await fieldsIn(source, { format: { escape: '\\' }, sizes, windowBytes })).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('nulls and quotedNulls: the texts are NULL as csv-parse finds them', async () => {
  const cell = fc.record({ value: fc.constantFrom('', 'NA', '-', 'é', 'N/A', 'x'), quoted: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(tableOf(cell), fc.subarray(['NA', '-', 'é']), fc.boolean(), async (rows, nulls, quotedNulls) => {
      const write = ({ value, quoted }: { value: string; quoted: boolean }) => (quoted ? `"${value}"` : value);
      const source = rows.map((row) => `${row.map(write).join(',')}\n`).join('');
      const expected: unknown = parse(source, {
        relax_column_count: true,
        cast: (value, { quoting }) =>
          (value === '' || nulls.includes(value)) && (quotedNulls || !quoting) ? null : value,
      });
      expect(await fieldsIn(source, { format: { nulls, quotedNulls } })).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('maxFieldLines: a field that spans more lines is a fault, and no other', async () => {
  const cell = fc.array(fc.constantFrom('a', '\n', '\r\n', '\r'), { maxLength: 6 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(
      cell,
      fc.integer({ min: 1, max: 4 }),
      sizes,
      windowBytes,
      async (value, most, sizes, windowBytes) => {
        const lines = value.split(/\r*\n|\r/).length;
        const [row] = await read(`"x","${value}"\n`, { format: { maxFieldLines: most }, sizes, windowBytes });
        expect(row?.fault?.reason ?? row?.fields).toEqual(
          lines > most ? `a quoted field that spans more than ${most} lines` : ['x', value],
        );
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['PGCOPY', { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' }],
  ['MYSQL_OUTFILE', { '\b': 'b', '\n': '\n', '\t': '\t', '\x1a': 'Z' }],
] as const)('%s: what the database writes is read back', async (format, letters: Readonly<Record<string, string>>) => {
  const cell = fc.option(textOf('\\', '"', ',', 'N', '.', ...Object.keys(letters)), { nil: null });
  const columns = ['a', 'b'].map((name) => ({ name, type: 'TEXT' }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }), async (rows) => {
      const write = (value: string | null) =>
        value === null
          ? '\\N'
          : [...value].map((c) => (c === '\\' ? '\\\\' : c in letters ? `\\${letters[c]}` : c)).join('');
      const content = rows.map((row) => `${row.map(write).join('\t')}\n`).join('');
      expect(await imported({ format, columns, files: { 'a.txt': content } })).toEqual(rows);
    }),
    { numRuns: 20 },
  );
});

test('skip, header and shortRows: rows begin after the lines, and those that are short have defaults', async () => {
  const line = textOf('"', ',', ';').map((text) => text);
  const row = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom('x', 'y'), fc.integer({ min: 1, max: 3 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 4 }),
      fc.boolean(),
      fc.array(row, { minLength: 1, maxLength: 9 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (before, header, rows, end) => {
        const lines = [...before, ...(header ? ['id,name,age'] : [])];
        const body = rows.map(([id, name, width]) => [id, name, 7].slice(0, width).join(','));
        const csv = { skip: before.length, header, shortRows: true };
        const columns = [
          { name: 'id', type: 'INTEGER' },
          { name: 'name', type: 'TEXT', default: "'none'" },
          { name: 'age', type: 'INTEGER' },
        ];
        const found = await imported({ csv, columns, files: { 'a.csv': [...lines, ...body, ''].join(end) } });
        expect(found).toEqual(rows.map(([id, name, width]) => [id, width > 1 ? name : 'none', width > 2 ? 7 : null]));
      },
    ),
    { numRuns: 20 },
  );
});

test.each(['de-DE', 'en-US', 'fr-FR', 'de-CH'])('numbers: as people write them in %s', async (locale) => {
  const parts = new Intl.NumberFormat(locale).formatToParts(1_000.5);
  const partOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const numbers = { decimal: partOf('decimal'), group: partOf('group') };
  const value = fc.integer({ min: -(10 ** 11), max: 10 ** 11 }).map((n) => n / 1_000);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 100 }), async (values) => {
      const text = (n: number, useGrouping: boolean) =>
        new Intl.NumberFormat(locale, { useGrouping, maximumFractionDigits: 3 }).format(n);
      const rows = values.map(([n, isGrouped]) => `"${text(n, isGrouped)}"\n`).join('');
      const columns = [{ name: 'n', type: 'REAL' }];
      const found = await imported({ csv: { numbers }, columns, files: { 'a.csv': `n\n${rows}` } });
      expect(found.flat()).toEqual(values.map(([n]) => n + 0));
    }),
    { numRuns: 5 },
  );
});

test('dateFormat: a date reads as ISO 8601, however it is written', () => {
  const date = fc.date({ min: new Date('1970-01-01'), max: new Date('2069-12-31'), noInvalidDate: true });
  const pad = (n: number, width = 2) => String(n).padStart(width, '0');
  const written: Readonly<Record<string, (at: Date) => string>> = {
    yyyy: (at) => pad(at.getUTCFullYear(), 4),
    MM: (at) => pad(at.getUTCMonth() + 1),
    M: (at) => String(at.getUTCMonth() + 1),
    dd: (at) => pad(at.getUTCDate()),
    d: (at) => String(at.getUTCDate()),
    HH: (at) => pad(at.getUTCHours()),
    H: (at) => String(at.getUTCHours()),
    hh: (at) => pad(at.getUTCHours() % 12 || 12),
    mm: (at) => pad(at.getUTCMinutes()),
    ss: (at) => pad(at.getUTCSeconds()),
    SSS: (at) => pad(at.getUTCMilliseconds(), 3),
    a: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
  };
  const formats = [
    'dd.MM.yyyy HH:mm:ss.SSS',
    'M/d/yyyy hh:mm:ss.SSS a',
    'yyyy MM dd, H.mm.ss.SSS',
    'd-M-yyyy HHmmssSSS',
  ];
  fc.assert(
    fc.property(date, fc.constantFrom(...formats), (at, format) => {
      const text = format.replace(/[A-Za-z]+/g, (run) =>
        run.replace(/yyyy|MM?|dd?|HH?|hh|mm|ss|SSS|a/g, (letters) => written[letters]?.(at) ?? letters),
      );
      const reader = dateReader(format);
      if ('problem' in reader) throw new Error(reader.problem);
      expect(reader(text)?.replace(' ', 'T')).toBe(at.toISOString().slice(0, -1));
    }),
    { numRuns: 500 },
  );
});
