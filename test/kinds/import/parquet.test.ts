import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { type ColumnSource, type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { compress as zstdCompress } from 'zstd-napi';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, type SceneInput } from './scene.ts';

type SchemaElement = NonNullable<ParquetWriteOptions['schema']>[number];

const written = (columnData: ColumnSource[], rowGroupSize = 1_000) =>
  new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
const parquet = (content: Uint8Array) => ({ format: 'PARQUET' as const, files: { 'a.parquet': content } });
const texts = (...names: readonly string[]) => ({ columns: names.map((name) => ({ name, type: 'TEXT' })) });

const imported = async (input: SceneInput, select = 'SELECT * FROM people') => {
  await using scene = await openScene(input);
  await execute({ kind: IMPORT, scene, epoch: 1 });
  return scene.all(select);
};
const refusal = async (input: SceneInput) => {
  const error: unknown = await openScene(input).catch((thrown) => thrown);
  if (!(error instanceof Error && 'extensions' in error)) throw error;
  const { message, extensions } = error as unknown as { message: string; extensions: { field: string } };
  return [extensions.field, message];
};

const people = (from: number, to: number) => {
  const ids = Array.from({ length: to - from }, (_, i) => from + i);
  return written([
    { name: 'id', data: ids.map(BigInt), type: 'INT64' },
    { name: 'name', data: ids.map((id) => (id % 7 === 0 ? null : `name "${id}" é`)), type: 'STRING' },
    { name: 'age', data: ids.map((id) => id % 90), type: 'INT32' },
  ]);
};

testKindContract('import of Parquet', IMPORT, () =>
  openScene({
    format: 'PARQUET',
    files: { 'a.parquet': people(0, 5_500), 'b.parquet': people(10_000, 10_001), 'c.parquet': people(20_000, 22_000) },
  }),
);

describe('Parquet', () => {
  test('has 64 bits, text, bytes and times, exactly', async () => {
    const content = written([
      { name: 'i', data: [9007199254740993n, -9223372036854775808n, null] },
      { name: 't', data: ['00601', 'é', null], type: 'STRING' },
      { name: 'b', data: [new Uint8Array([0, 255]), new Uint8Array([]), null], type: 'BYTE_ARRAY' },
      { name: 'c', data: [new Uint8Array([0, 255]), Buffer.from('\\x41'), null], type: 'BYTE_ARRAY' },
      { name: 'at', data: [new Date('1969-12-31T23:59:59.001Z'), new Date(0), null], type: 'TIMESTAMP' },
      { name: 'd', data: [0.1, 1e300, null], type: 'DOUBLE' },
    ]);
    const columns = [
      { name: 'i', type: 'BIGINT' },
      { name: 't', type: 'TEXT' },
      { name: 'b', type: 'BYTEA' },
      { name: 'c', type: 'BLOB' },
      { name: 'at', type: 'TEXT' },
      { name: 'd', type: 'REAL' },
    ];
    const select = 'SELECT CAST(i AS TEXT), t, hex(b), hex(c), at, d FROM people';
    expect(await imported({ ...parquet(content), columns }, select)).toEqual([
      ['9007199254740993', '00601', '00FF', '00FF', '1969-12-31T23:59:59.001Z', 0.1],
      ['-9223372036854775808', 'é', '', '5C783431', '1970-01-01T00:00:00Z', 1e300],
      [null, null, '', '', null, null],
    ]);
  });

  test('NaN is no NULL in silence', async () => {
    const content = written([{ name: 'd', data: [Number.NaN, 1], type: 'DOUBLE' }]);
    const columns = [{ name: 'd', type: 'ANY' }];
    expect(await imported({ ...parquet(content), columns })).toEqual([['NaN'], [1]]);
  });

  test('what cannot be imported is refused when the job is created', async () => {
    const one = people(0, 3);
    const field = 'input.sources.0';
    expect(await refusal({ ...parquet(one), ...texts('id') })).toEqual([
      field,
      expect.stringContaining('key "name" is not a column'),
    ]);
    expect(await refusal(parquet(one.subarray(0, -9)))).toEqual([
      field,
      'nodelocal:///a.parquet is not a whole Parquet file',
    ]);
    expect(await refusal(parquet(Buffer.from('id,name\n1,2\n')))).toEqual([
      field,
      expect.stringContaining('is not a whole'),
    ]);
    expect((await refusal({ ...parquet(one), decompress: 'GZIP' }))[0]).toBe('input.decompress');
    expect((await refusal({ ...parquet(one), encoding: 'latin1' }))[0]).toBe('input.encoding');
    expect((await refusal({ ...parquet(one), csv: {} }))[0]).toBe('input.csv');
    const ignoring = { ...parquet(one), ...texts('name'), unknownKeys: 'IGNORE' as const };
    expect(await imported(ignoring)).toEqual([[null], ['name "1" é'], ['name "2" é']]);
    const fields = [{ from: { name: 'name' }, column: 'id' }];
    expect((await imported({ ...parquet(one), ...texts('id'), fields })).at(-1)).toEqual(['name "2" é']);
  });
});

describe('the compression of columns', () => {
  /** A block of LZ4 without repetitions. */
  const lz4 = (bytes: Uint8Array) => {
    const more = bytes.length - 15;
    if (more < 0) return Buffer.concat([Buffer.of(bytes.length << 4), bytes]);
    return Buffer.concat([Buffer.of(0xf0), Buffer.alloc(Math.floor(more / 255), 255), Buffer.of(more % 255), bytes]);
  };
  const compressors = { GZIP: gzipSync, ZSTD: zstdCompress, BROTLI: brotliCompressSync, LZ4_RAW: lz4 } as const;
  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI', 'LZ4_RAW'] as const)('may be %s', async (codec) => {
    const names = Array.from({ length: 300 }, (_, i) => `name ${i} ${'é'.repeat(i % 40)}`);
    const columnData: ColumnSource[] = [
      { name: 'id', data: names.map((_, i) => i), type: 'INT32' },
      { name: 'name', data: names, type: 'STRING' },
    ];
    const content = parquetWriteBuffer({ columnData, codec, compressors });
    const columns = parquetMetadata(content).row_groups.flatMap((group) => group.columns);
    expect(columns.map(({ meta_data: column }) => column?.codec)).toEqual([codec, codec]);
    expect(await imported(parquet(new Uint8Array(content)))).toEqual(names.map((name, i) => [i, name, null]));
  });
});

describe('nested columns', () => {
  const [required, optional, repeated] = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const;
  const group = (name: string, children: number, more: Partial<SchemaElement> = {}): SchemaElement => ({
    ...{ name, repetition_type: optional, num_children: children },
    ...more,
  });
  const int = (name: string): SchemaElement => ({ name, type: 'INT32', repetition_type: optional });
  const text = (name: string): SchemaElement => ({
    ...{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: optional },
  });
  const list = (name: string, ...item: readonly SchemaElement[]): readonly SchemaElement[] => [
    group(name, 1, { converted_type: 'LIST' }),
    group('list', 1, { repetition_type: repeated }),
    ...item,
  ];
  const map = (name: string, key: SchemaElement): readonly SchemaElement[] => [
    group(name, 1, { converted_type: 'MAP' }),
    group('key_value', 2, { repetition_type: repeated }),
    { ...key, repetition_type: required },
    int('value'),
  ];
  const long = (name: string, more: Partial<SchemaElement> = {}): SchemaElement => ({
    ...{ name, type: 'INT64', repetition_type: optional },
    ...more,
  });
  const file = (schema: readonly (readonly SchemaElement[])[], data: readonly (readonly unknown[])[]) => {
    const names = schema.map(([column]) => column?.name ?? '');
    const root = { name: 'root', num_children: names.length };
    const columnData = names.map((name, i) => ({ name, data: [...(data[i] ?? [])] }));
    const options = { columnData, schema: [root, ...schema.flat()], rowGroupSize: 3 };
    return { ...parquet(new Uint8Array(parquetWriteBuffer(options))), columns: names.map(json) };
  };
  const json = (name: string) => ({ name, type: 'JSON' });

  test('are JSON text: lists, structs and maps, in each other, empty and NULL', async () => {
    const input = file(
      [
        list('tags', text('element')),
        list('lists', ...list('element', int('element'))),
        list('structs', group('element', 2), int('a'), text('b')),
        map('map', text('key')),
      ],
      [
        [['a', 'é"'], [], null, ['x', null]],
        [[[1, 2], []], [], null, [null, [null, 3]]],
        [
          [
            { a: 1, b: 'x' },
            { a: null, b: null },
          ],
          [],
          null,
          [null],
        ],
        [{ a: 1, __proto__x: null }, {}, null, { 7: 7 }],
      ],
    );
    expect(await imported(input)).toEqual([
      ['["a","é\\""]', '[[1,2],[]]', '[{"a":1,"b":"x"},{"a":null,"b":null}]', '{"a":1,"__proto__x":null}'],
      ['[]', '[]', '[]', '{}'],
      [null, null, null, null],
      ['["x",null]', '[null,[null,3]]', '[null]', '{"7":7}'],
    ]);
  });

  test('keep the digits of numbers, and have times as ISO 8601', async () => {
    const fields = [
      long('n'),
      long('d', { converted_type: 'DECIMAL', precision: 18, scale: 2 }),
      long('at', { converted_type: 'TIMESTAMP_MICROS' }),
      { name: 'ok', type: 'BOOLEAN', repetition_type: optional },
      { name: 'r', type: 'DOUBLE', repetition_type: optional },
    ] as const;
    const values = [
      { n: 9007199254740993n, d: 12.5, at: new Date('2020-01-02T03:04:05.006Z'), ok: true, r: 0.5 },
      { n: -1n, d: -0.25, at: new Date(0), ok: false, r: Number.NaN },
      { n: null, d: null, at: null, ok: null, r: null },
    ];
    expect(await imported(file([[group('s', fields.length), ...fields]], [values]))).toEqual([
      ['{"n":9007199254740993,"d":12.50,"at":"2020-01-02T03:04:05.006000Z","ok":true,"r":0.5}'],
      ['{"n":-1,"d":-0.25,"at":"1970-01-01T00:00:00Z","ok":false,"r":"NaN"}'],
      ['{"n":null,"d":null,"at":null,"ok":null,"r":null}'],
    ]);
  });

  test('that JSON cannot hold make a bad row, or are refused when the job is created', async () => {
    const bytes = { name: 'element', type: 'BYTE_ARRAY', repetition_type: optional } as const;
    const broken = file([list('b', bytes)], [[[new Uint8Array([0x61])], [new Uint8Array([0xff])]]]);
    await expect(imported(broken)).rejects.toThrow(
      'nodelocal:///a.parquet line 2: key "b" holds bytes that are no text',
    );
    const interval = {
      name: 'element',
      type: 'FIXED_LEN_BYTE_ARRAY',
      type_length: 12,
      converted_type: 'INTERVAL',
    } as const;
    const refused = file([list('b', { ...interval, repetition_type: optional })], [[[]]]);
    expect(await refusal(refused)).toEqual([
      'input.sources.0',
      'nodelocal:///a.parquet: column "b" is of a type that cannot be imported',
    ]);
  });
});
