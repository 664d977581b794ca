import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../../src/kinds/import/detect.ts';
import { jsonStart, readJson } from '../../../src/kinds/import/json.ts';
import type { Cell } from '../../../src/kinds/import/rows.ts';
import { COLUMN_RULES } from '../../../src/kinds/import/sqlite/columns.ts';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, PEOPLE, type SceneInput } from './scene.ts';

const json = (content: string | Uint8Array) => ({ format: 'JSON' as const, files: { 'a.json': content } });
const imported = async (input: SceneInput, select = 'SELECT * FROM people') => {
  await using scene = await openScene(input);
  let counters: unknown;
  await execute({ kind: IMPORT, scene, epoch: 1, watch: (step) => (counters = step.counters) });
  return { rows: scene.all(select), counters };
};
const rows = async (input: SceneInput) => (await imported(input)).rows;
const failure = async (input: SceneInput) => {
  await using scene = await openScene(input);
  const error: unknown = await execute({ kind: IMPORT, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  return (error as Error).message;
};

const people = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, name: `a "name"\n{[${from + i}, é`, age: i % 90 }));

testKindContract('import of JSON, in arrays and in a row', IMPORT, () =>
  openScene({
    format: 'JSON',
    files: {
      'a.json': `\ufeff ${JSON.stringify(people(0, 1_200), null, 2)}\n`,
      'b.json': people(10_000, 13_000)
        .map((one) => JSON.stringify(one))
        .join(''),
      'c.json': '[]',
      'e.json': `{"meta":{"a":[{}]},"data":${JSON.stringify(people(30_000, 31_000))},"total":1000}\n`,
      'd.json': `\x1e${people(20_000, 20_010)
        .map((one) => JSON.stringify(one, null, '\t'))
        .join('\n\x1e')}\n`,
    },
  }),
);

describe('JSON', () => {
  const one = [[1, 'Ada', 36]];
  test.each([
    ['an array', '[{"id":1,"name":"Ada","age":36}]'],
    ['many lines', '\n{\r\n  "id": 1,\r\n  "name": "Ada",\r\n  "age": 36\r\n}\r\n'],
    ['UTF-16', Buffer.from('\ufeff[{"id":1,"name":"Ada","age":36}]', 'utf16le')],
  ])('of %s', async (_, content) => {
    expect(await rows(json(content))).toEqual(one);
  });

  test('is one value after the other, with anything between them', async () => {
    const two = [
      [1, null, null],
      [2, null, null],
    ];
    for (const between of ['', ' ', '\n', ',', '\n,\n', '\x1e', '\n\x1e']) {
      expect(await rows(json(`{"id":1}${between}{"id":2}`))).toEqual(two);
      expect(await rows(json(`[{"id":1}${between}{"id":2}]`))).toEqual(two);
    }
    expect(await rows(json('[{"id":1}]\n[{"id":2}]'))).toEqual(two);
  });

  test('keeps the digits of numbers, and objects as JSON text', async () => {
    const columns = [
      { name: 'a', type: 'TEXT' },
      { name: 'b', type: 'TEXT' },
    ];
    const content = '[{"a": 9007199254740993, "b": [\n1.10, {"n": 1e400}]}]';
    expect(await rows({ ...json(content), columns })).toEqual([['9007199254740993', '[1.10,{"n":1e400}]']]);
  });

  test('ignores unknown keys on request, and maps keys by name', async () => {
    const content = '[{"id":1,"shoe":{"size":[38]}}]';
    expect(await failure(json(content))).toContain('key "shoe" is not a column of the table');
    expect(await rows({ ...json(content), unknownKeys: 'IGNORE' })).toEqual([[1, null, null]]);
    const fields = [{ from: { name: 'shoe' }, column: 'name' }];
    expect(await rows({ ...json(content), fields })).toEqual([[null, '{"size":[38]}', null]]);
  });

  test('bad rows are set aside, each with its lines', async () => {
    const content = '[{"id":1},\n7, {"id":NaN},\n{"id":\n "x"},\n[1],"a{", null, {"id":2,}, {"id":3}]';
    await using scene = await openScene({ ...json(content), rejectLimit: 9 });
    await execute({ kind: IMPORT, scene, epoch: 1 });
    expect(scene.all('SELECT id FROM people').flat()).toEqual([1, 3]);
    const [[rejects]] = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects'") as [[string]];
    expect(scene.all(`SELECT line, lastLine, text FROM ${rejects}`)).toEqual([
      [2, 2, '7'],
      [2, 2, '{"id":NaN}'],
      [3, 4, '{"id":\n "x"}'],
      [5, 5, '[1]'],
      [5, 5, '"a{"'],
      [5, 5, 'null'],
      [5, 5, '{"id":2,}'],
    ]);
  });

  test('an object in which a key occurs twice is a bad row, as a value would be lost', async () => {
    const good = ['{"id":1,"name":"\\"id\\":2"}', '{"id" :2,"name":{"a":1,"b":[{"a":1}]}}', '{"id":3,"id":3}'];
    const bad = ['{"id":4,"id":5}', '{"id":6,"name":{"a":1,"a":2}}', '{"id":7,"\\u0069d":8}'];
    await using scene = await openScene({ ...json(`[${[...good, ...bad].join(',\n')}]`), rejectLimit: 9 });
    await execute({ kind: IMPORT, scene, epoch: 1 });
    expect(scene.all('SELECT id FROM people').flat()).toEqual([1, 2, 3]);
    const [[rejects]] = scene.all("SELECT name FROM sqlite_schema WHERE name LIKE '%rejects'") as [[string]];
    expect(scene.all(`SELECT line, reason FROM ${rejects}`)).toEqual([
      [4, 'key "id" occurs twice'],
      [5, 'key "a" occurs twice'],
      [6, 'key "id" occurs twice'],
    ]);
  });

  test('a record that is cut short is a bad row where a record separator follows', async () => {
    const content = '\x1e{"id":1}\n\x1e{"id":2,"na\n\x1e{"id":3}\n';
    expect(await imported({ ...json(content), rejectLimit: 1 })).toMatchObject({
      rows: [
        [1, null, null],
        [3, null, null],
      ],
      counters: { rejected: 1 },
    });
  });

  test.each([
    ['[{"id":1},\n{"id":2', 'line 2: the value is never closed: "{\\"id\\":2"'],
    ['[{"id":1},\n{"id":2}\n', 'line 3: the array is never closed: ""'],
    ['{"id":1}\n{"id":2,"name":"x', 'line 2: the value is never closed: '],
    ['[{"id":1}]\n{"id":2}', 'line 2: a value behind the end of the array: "{\\"id\\":2}"'],
    ['[{"id":1,"name":"a"b"},\n{"name":"c""}]', 'line 1: a quote in the wrong place: '],
    ['[{"id":1,"name":"a},\n{"name":"c"}]', 'line 1: the value is never closed: '],
  ])('what loses the end of a value fails the job, however many rows may be rejected: %j', async (content, message) => {
    const found = await failure({ ...json(content), rejectLimit: 1_000 });
    expect(found.slice(0, 21 + message.length + 2)).toContain(`nodelocal:///a.json ${message}`);
  });
});

test('JSON in any layout gives the objects that JSON.parse gives, from every row on', async () => {
  const names = PEOPLE.map(({ name }) => name);
  const columns = names.map((name) => ({ name, type: 'ANY', nullable: true, primaryKey: false, default: null }));
  const value = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom('"', '\\', '{', ']', '\n'),
  );
  const object = fc.record(
    { id: value, name: value, age: fc.oneof(fc.integer(), fc.constant(null)) },
    { requiredKeys: ['id'] },
  );
  const layout = fc.constantFrom('array', 'row', 'lines', 'records');
  const textOf = (objects: readonly object[], how: string, indent: number) => {
    if (how === 'array') return JSON.stringify(objects, null, indent);
    return objects.map((one) => JSON.stringify(one, null, indent)).join({ row: '', lines: '\r\n' }[how] ?? '\n\x1e');
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(object, { minLength: 1, maxLength: 5 }),
      layout,
      fc.nat(2),
      fc.integer({ min: 1, max: 40 }),
      async (objects, how, indent, windowBytes) => {
        const bytes = Buffer.from(textOf(objects, how, indent));
        const from = async function* (at: number) {
          for (let i = at; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7);
        };
        const { begin, isArray, isWrapped } = await jsonStart(from(0));
        const expected = objects.map((one) => names.flatMap((name) => (one as Record<string, Cell>)[name] ?? []));
        const options = { columnOf: null, ignoresUnknown: false, isArray, isWrapped, maxRowBytes: 1_000 };
        const read = async (start: typeof begin) => {
          const found: Cell[][] = [];
          const offsets: (typeof begin)[] = [];
          for await (const block of readJson(from(start.byte), columns, COLUMN_RULES, options, start, windowBytes)) {
            expect([...block.faults]).toEqual([]);
            found.push(
              ...block.rows.map((row) =>
                row.filter((cell) => cell !== null).map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)),
              ),
            );
            for (const i of block.rows.keys())
              offsets.push({ byte: block.ends[i] ?? 0, line: block.nextLines[i] ?? 0 });
          }
          return { found, offsets };
        };
        const { found, offsets } = await read(begin);
        expect(found).toEqual(expected);
        for (const [i, offset] of offsets.entries()) expect((await read(offset)).found).toEqual(expected.slice(i + 1));
        const breaks = bytes.toString().split('\n').length;
        expect(offsets.at(-1)?.line).toBeLessThanOrEqual(breaks);
      },
    ),
    { numRuns: 200 },
  );
});

test.each([
  ['a.json', '{"a":1}', 'JSON'],
  ['a', '[\n{"a":1}]', 'JSON'],
  ['a', '{\n  "a": 1\n}', 'JSON'],
  ['a', '\x1e{"a":1}', 'JSON'],
  ['a', '{"a":1}\n{"a":2}', 'NDJSON'],
  ['a', '[1] x,y\n', 'CSV'],
])('the format of %s with %j is %s', (name, text, format) => {
  expect(detectFormat(`nodelocal:///${name}`, text)).toBe(format);
});

describe('an object around the rows', () => {
  const one = '{"meta":{"pages":[1]},\n"data":[{"id":1},\n{"id":2}], "more":"[{"}\n';
  test('is no row: the rows are in its array', async () => {
    expect(await rows({ ...json(one), columns: PEOPLE.slice(0, 1) })).toEqual([[1], [2]]);
    const bad = one.replace('{"id":2}', '{"id":"x"}');
    expect(await failure({ ...json(bad), columns: PEOPLE.slice(0, 1) })).toContain('line 3, column id: not an integer');
  });

  test('is a row where its key names a column, and where it is not alone', async () => {
    const columns = [{ name: 'data', type: 'JSON' }];
    expect(await rows({ ...json('{"data":[{"id":1}]}'), columns })).toEqual([['[{"id":1}]']]);
    const two = '{"n":1,"x":[{"id":1}]}\n{"n":2}';
    expect(await rows({ ...json(two), columns: [{ name: 'n', type: 'INT' }], unknownKeys: 'IGNORE' })).toEqual([
      [1],
      [2],
    ]);
  });

  test('is not one if several keys hold arrays of objects, or none does', async () => {
    const columns = PEOPLE.slice(0, 1);
    for (const text of ['{"a":[{"id":1}],"b":[{"id":2}]}', '{"a":[1,2]}', '{"a":{"b":[{"id":1}]}}']) {
      expect(await failure({ ...json(text), columns })).toContain('is not a column of the table');
    }
  });
});
