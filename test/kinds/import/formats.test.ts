import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importKind } from '../../../src/kinds/import/index.ts';
import { readNdjson } from '../../../src/kinds/import/ndjson.ts';
import type { Cell } from '../../../src/kinds/import/rows.ts';
import { COLUMN_RULES } from '../../../src/kinds/import/sqlite/columns.ts';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, inputFor, openPlace, openScene, PEOPLE, type SceneInput } from './scene.ts';

const kind = IMPORT;
const imported = async (input: SceneInput, select = 'SELECT * FROM people') => {
  await using scene = await openScene(input);
  await execute({ kind, scene, epoch: 1 });
  return scene.all(select);
};
const failure = async (input: SceneInput) => {
  await using scene = await openScene(input);
  const error: unknown = await execute({ kind, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  return (error as Error).message;
};
const ndjson = (content: string | Uint8Array) => ({ format: 'NDJSON' as const, files: { 'a.ndjson': content } });
const typed = (...types: readonly string[]) => ({ columns: types.map((type, i) => ({ name: `c${i}`, type })) });

const objects = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    if (id % 1000 === 999) return `\n{"age":${id % 90},"ID":${id}}\n`;
    return `{"id":${id},"name":"name\\n${id}","age":${id % 90}}\n`;
  }).join('');

testKindContract('import of NDJSON', IMPORT, () =>
  openScene({
    format: 'NDJSON',
    files: { 'a.ndjson': `\ufeff${objects(0, 13_000)}`, 'b.ndjson': '{"id":-1}', 'c.ndjson': '\n' },
  }),
);

describe('TSV', () => {
  it('is CSV with tabs, quotes and all', async () => {
    const content = 'id\tname\tage\r\n1\t"tab\tquote""line\n"\t3\r\n2\t,\t\r\n';
    expect(await imported({ files: { 'a.tsv': content }, csv: { delimiter: '\t' } })).toEqual([
      [1, 'tab\tquote"line\n', 3],
      [2, ',', null],
    ]);
  });

  it('has bad rows that are named by line and column', async () => {
    const content = 'id\tname\tage\n1\ta\tx\n';
    expect(await failure({ files: { 'a.tsv': content }, csv: { delimiter: '\t' } })).toBe(
      'nodelocal:///a.tsv line 2, column age: not an integer: "x"',
    );
  });
});

describe('NDJSON', () => {
  it('fills the columns that its keys name, in whatever order and case', async () => {
    const content = '{"id":1,"name":"Ada","age":36}\r\n \t\n{"AGE":null,"Id":2,"name":""}\n\n{"id":3}';
    expect(await imported(ndjson(content))).toEqual([
      [1, 'Ada', 36],
      [2, '', null],
      [3, null, null],
    ]);
  });

  it('gives a key that is missing the default of its column, and null NULL', async () => {
    const columns = [...PEOPLE.slice(0, 2), { name: 'age', type: 'INTEGER', default: '-1' }];
    const content = '{"id":1,"age":null}\n{"id":2}\n{"id":3,"age":3}\n{"id":4}\n{"id":5}\n';
    expect(await imported({ ...ndjson(content), columns }, 'SELECT id, age FROM people')).toEqual([
      [1, null],
      [2, -1],
      [3, 3],
      [4, -1],
      [5, -1],
    ]);
  });

  it('keeps the digits of a number, in a column of whatever type', async () => {
    const digits = ['9007199254740993', '-9223372036854775808', '9223372036854775807', '1.10', '1e3', '0.0000001'];
    const lines = digits
      .map((number) => `{"c0":${number},"c1": ${number} ,"c2":[${number},{"n":${number}}]}\n`)
      .join('');
    const select = 'SELECT typeof(c0) || CAST(c0 AS TEXT), c1, c2 FROM people';
    const whole = ['integer9007199254740993', 'integer-9223372036854775808', 'integer9223372036854775807'];
    expect(await imported({ ...ndjson(lines), ...typed('ANY', 'TEXT', 'TEXT') }, select)).toEqual(
      [...whole, 'real1.1', 'real1000.0', 'real1.0e-07'].map((any, i) => [
        any,
        digits[i],
        `[${digits[i]},{"n":${digits[i]}}]`,
      ]),
    );
    const integers = digits.slice(0, 3).map((number) => `{"c0":${number}}\n`);
    expect(
      await imported({ ...ndjson(integers.join('')), ...typed('INTEGER') }, 'SELECT CAST(c0 AS TEXT) FROM people'),
    ).toEqual(digits.slice(0, 3).map((number) => [number]));
  });

  it('makes 1 and 0 of true and false, and JSON text of objects and arrays', async () => {
    const content = `{"c0":true,"c1":false,"c2":{"a":[1, "\\u0000é"]},"c3":[]}\n`;
    const rows = await imported(
      { ...ndjson(content), ...typed('INTEGER', 'ANY', 'TEXT', 'ANY') },
      'SELECT c0, c1, typeof(c1), c2, c3 FROM people',
    );
    expect(rows).toEqual([[1, 0, 'integer', '{"a":[1,"\\u0000é"]}', '[]']]);
  });

  it('keeps text that looks like a number as text where the column does, and bytes in a BLOB', async () => {
    const rows = await imported(
      { ...ndjson('{"c0":"12","c1":12,"c2":"é","c3":"12"}\n'), ...typed('ANY', 'ANY', 'BLOB', 'INTEGER') },
      'SELECT typeof(c0), typeof(c1), hex(c2), typeof(c3) FROM people',
    );
    expect(rows).toEqual([['text', 'integer', 'C3A9', 'integer']]);
  });

  it('takes a column called __proto__, and a key that has the same value twice', async () => {
    const columns = [{ name: '__proto__', type: 'INTEGER' }];
    const content = '{"__proto__":2}\n{"__proto__":3.0,"__proto__":3.0}\n';
    expect(await imported({ ...ndjson(content), columns })).toEqual([[2], [3]]);
  });

  it('goes into a table that is there, whose own defaults and checks hold', async () => {
    await using place = openPlace({
      'a.ndjson': '{"id":1}\n{"ID":2,"age":7}\n{"id":3,"twice":4}\n{"age":1}\n{"id":5,"age":-1}\n',
    });
    place.exec(`CREATE TABLE people (id INTEGER NOT NULL, age INTEGER DEFAULT (abs(-5)) CHECK (age > 0),
      twice INTEGER AS (age * 2))`);
    const { columns: _, ...input } = inputFor(['a.ndjson']);
    const { details } = await importKind.create({ ...input, format: 'NDJSON', rejectLimit: 9 }, place.environment);
    await execute({ kind, scene: { ...place, details }, epoch: 1 });
    expect(place.all('SELECT id, age, twice FROM people')).toEqual([
      [1, 5, 10],
      [2, 7, 14],
    ]);
    const [[rejects]] = place.all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects'") as [[string]];
    expect(place.all(`SELECT line, reason FROM ${rejects}`)).toEqual([
      [3, 'column "twice" is generated: nothing can fill it'],
      [4, 'no key for column "id", which is NOT NULL and has no default'],
      [5, 'CHECK constraint failed: age > 0'],
    ]);
  });

  it('comes with rows of all sorts of keys, each once and in order', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const keysOf = (i: number) => names.filter((_, bit) => (((i * 2_654_435_761) >>> 7) & (1 << bit)) !== 0);
    const lines = Array.from({ length: 5_000 }, (_, i) =>
      JSON.stringify(Object.fromEntries([['id', i], ...keysOf(i).map((name) => [name, i])])),
    );
    const columns = ['id', ...names].map((name) => ({ name, type: 'INTEGER' }));
    const rows = (await imported({ ...ndjson(lines.join('\n')), columns })) as (number | null)[][];
    const expected = lines.map((_, i) => [i, ...names.map((name) => (keysOf(i).includes(name) ? i : null))]);
    expect(rows).toEqual(expected);
  });
});

describe('a bad line of NDJSON fails the import, with its line and text', () => {
  const lineTwo = (line: string | Buffer) =>
    ndjson(Buffer.concat([Buffer.from('{"id":1}\n'), Buffer.from(line), Buffer.from('\n{"id":2}\n')]));
  const required = [{ name: 'id', type: 'INTEGER', nullable: false }, ...PEOPLE.slice(1)];
  const cases: readonly [string, SceneInput, string][] = [
    ['no JSON', lineTwo('{"id":1'), 'line 2: not a JSON object: "{\\"id\\":1"'],
    ['an array', lineTwo('[1]'), 'line 2: not a JSON object: "[1]"'],
    ['null', lineTwo('null'), 'line 2: not a JSON object: "null"'],
    ['two objects', lineTwo('{"id":1}{"id":2}'), 'line 2: not a JSON object: "{\\"id\\":1}{\\"id\\":2}"'],
    ['an unknown key', lineTwo('{"id":1,"shoe":2}'), 'line 2: key "shoe" is not a column of the table: '],
    ['a column twice', lineTwo('{"id":1,"ID":2}'), 'line 2: column "ID" is named twice: '],
    ['no key', lineTwo('{}'), 'line 2: an object without keys: "{}"'],
    [
      'no UTF-8',
      lineTwo(Buffer.from('{"name":"\xff"}', 'latin1')),
      'line 2: invalid UTF-8: "{\\"name\\":\\"\ufffd\\"}"',
    ],
    ['NUL', lineTwo('{"name":"a\\u0000"}'), 'line 2: key "name" holds a NUL character or half a surrogate pair: '],
    [
      'half a pair',
      lineTwo('{"name":"\\ud800"}'),
      'line 2: key "name" holds a NUL character or half a surrogate pair: ',
    ],
    [
      'a nest',
      lineTwo(`{"name":${'['.repeat(100_000)}1${']'.repeat(100_000)}}`),
      'line 2: key "name" is nested too deep: ',
    ],
    ['a wrong type', lineTwo('{"id":1.5}'), 'line 2, column id: not a whole number: "1.5"'],
    ['a large integer', lineTwo('{"id":9223372036854775808}'), 'line 2, column id: out of the range of INTEGER'],
    [
      'a required key left out',
      { ...lineTwo('{"age":1}'), columns: required },
      'line 2: no key for column "id", which is NOT NULL and has no default: "{\\"age\\":1}"',
    ],
    ['a required key null', { ...lineTwo('{"id":null}'), columns: required }, 'line 2, column id: NULL is not allowed'],
  ];
  it.each(cases)('%s', async (_, input, message) => {
    const said = await failure(input);
    expect(said.startsWith(`nodelocal:///a.ndjson ${message}`), said).toBe(true);
    expect(said.length).toBeLessThan(400);
  });

  it('unless there is a place left among those set aside', async () => {
    const content = '{"id":1}\nnonsense\n{"id":2,"shoe":1}\n{"name":"x"}\n{"id":3}\n';
    await using scene = await openScene({ ...ndjson(content), rejectLimit: 2 });
    let counters: unknown;
    await execute({ kind, scene, epoch: 1, watch: (step) => (counters = step.counters) });
    expect(scene.all('SELECT id, name FROM people')).toEqual([
      [1, null],
      [null, 'x'],
      [3, null],
    ]);
    expect(counters).toMatchObject({ rows: 3, rejected: 2 });
  });

  it('a line that is too long, in words for people', async () => {
    const long = `{"name":"${'x'.repeat(17_000_000)}"}`;
    expect(await failure(lineTwo(long))).toBe('nodelocal:///a.ndjson line 2: the row is longer than 16 MiB');
  });
});

describe('reading NDJSON', () => {
  const read = async (content: Uint8Array, names: readonly string[], size: number, windowBytes: number) => {
    const chunks = async function* () {
      for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
    };
    const columns = names.map((name) => ({ name, type: 'ANY', nullable: true, primaryKey: false, default: null }));
    const rows: { cells: Record<string, Cell> | null; line: number; end: number }[] = [];
    const blocks = readNdjson(
      chunks(),
      columns,
      COLUMN_RULES,
      { columnOf: null, ignoresUnknown: false, maxRowBytes: 100_000 },
      { byte: 0, line: 1 },
      windowBytes,
    );
    for await (const block of blocks) {
      for (const [i, row] of block.rows.entries()) {
        const cells = row.map((cell, at) => [names[block.shapes?.[i]?.[at] ?? -1] ?? '', cell] as const);
        const fault = block.faults.has(i);
        rows.push({
          cells: fault ? null : Object.fromEntries(cells),
          line: block.lines[i] ?? 0,
          end: block.ends[i] ?? 0,
        });
      }
    }
    return rows;
  };
  /** As the API says it: what JSON.parse finds, numbers in the words of SQLite. */
  const expected = (value: unknown): Cell => {
    if (typeof value === 'boolean') return BigInt(value);
    if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? BigInt(value) : value;
    if (value === null || typeof value === 'string') return value;
    return JSON.stringify(value);
  };
  const cellText = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0'));
  const value = fc.oneof(
    cellText,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 }).filter((n) => !Number.isInteger(n)),
    fc.array(fc.oneof(cellText, fc.integer()), { maxLength: 3 }),
  );
  const row = fc.dictionary(fc.constantFrom('a', 'b', 'é', '__proto__', 'constructor'), value, { minKeys: 1 });

  it('finds what JSON.parse finds, however it is spaced and cut', async () => {
    const lines = fc.array(
      fc.record({ row, space: fc.constantFrom(0, 1), end: fc.constantFrom('\n', '\r\n', '\n \n') }),
    );
    const sizes = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(lines, sizes, sizes, async (lines, size, windowBytes) => {
        const texts = lines.map(({ row, space, end }) => {
          const text = JSON.stringify(row, null, space).replaceAll('\n', '');
          return text + end;
        });
        const rows = await read(
          Buffer.from(texts.join('')),
          ['a', 'b', 'é', '__proto__', 'constructor'],
          size,
          windowBytes,
        );
        expect(rows.map(({ cells }) => cells)).toEqual(
          lines.map(({ row }) => Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, expected(cell)]))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('takes a line of any text exactly when JSON.parse finds an object of known keys in it', async () => {
    const marks = fc.constantFrom(
      '{',
      '}',
      '"a"',
      '"b"',
      ':',
      ',',
      '1',
      '-0',
      '1.0',
      '12345678901234567890',
      '1e5',
      '[',
      ']',
      'true',
      ' ',
      '"',
    );
    const wild = fc.array(marks, { maxLength: 12 }).map((parts) => `{"a":1}\n${parts.join('')}\n{"a":2}\n`);
    const isRow = (line: string) => {
      try {
        const value = JSON.parse(line);
        return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
      } catch {
        return false;
      }
    };
    await fc.assert(
      fc.asyncProperty(wild, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        const rows = await read(Buffer.from(text), ['a', 'b'], size, 16);
        expect(rows.map(({ cells }) => cells !== null)).toEqual(lines.map(isRow));
      }),
      { numRuns: 2000 },
    );
  });
});
