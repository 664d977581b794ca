import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, type SceneInput } from './scene.ts';

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
