import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectEncoding, encodingNamed, transcode } from '../../../src/kinds/import/encoding.ts';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, type SceneInput } from './scene.ts';

const utf16 = (text: string, bom = '\ufeff') => Buffer.from(bom + text, 'utf16le');
const bigEndian = (bytes: Buffer) => Buffer.from(bytes).swap16();
const latin1 = (text: string) => Buffer.from(text, 'latin1');
/** `日本` and `ア` in Shift_JIS. */
const NIHON = '\x93\xfa\x96\x7b';
const KATAKANA_A = '\x83\x41';

const imported = async (input: SceneInput) => {
  await using scene = await openScene(input);
  await execute({ kind: IMPORT, scene, epoch: 1 });
  return scene.all('SELECT * FROM people');
};
const failure = async (input: SceneInput) => {
  await using scene = await openScene(input);
  const error: unknown = await execute({ kind: IMPORT, scene, epoch: 1 }).catch((thrown: unknown) => thrown);
  return (error as Error).message;
};
const refusal = async (input: SceneInput) => {
  const error: unknown = await openScene(input).catch((thrown) => thrown);
  const { message, extensions } = error as { message: string; extensions: { field: string } };
  return [extensions.field, message];
};

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},"grün\n😀${from + i}",${i % 90}\r\n`).join('');

testKindContract('import of UTF-16, windows-1252 and UTF-8, detected', IMPORT, () =>
  openScene({
    encoding: 'AUTO',
    files: {
      'a.csv': utf16(`id,name,age\r\n${rows(0, 2_500)}`),
      'b.csv': bigEndian(utf16(`name,id\nü,${10_000}\n`)),
      'c.csv.gz': gzipSync(
        latin1(`id,name\n${Array.from({ length: 1_500 }, (_, i) => `${20_000 + i},grün und süß\n`).join('')}`),
      ),
      'd.csv': 'id,name\n30000,grün',
    },
  }),
);

describe('the encoding of a source', () => {
  test('is that of its byte order mark, whatever the input says', async () => {
    const expected = [[1, 'grün 😀 \ufffd', null]];
    const text = 'id,name\n1,grün 😀 \ufffd';
    expect(await imported({ files: { 'a.csv': utf16(text) } })).toEqual(expected);
    expect(await imported({ files: { 'a.csv': bigEndian(utf16(text)) }, encoding: 'latin1' })).toEqual(expected);
    expect(await imported({ files: { 'a.csv': `\ufeff${text}` }, encoding: 'latin1' })).toEqual(expected);
  });

  test('is the one that is given, by any of its labels', async () => {
    const files = { 'a.csv': latin1(`id,name\n1,${NIHON}${KATAKANA_A}\n`) };
    expect(await imported({ files, encoding: 'Shift_JIS' })).toEqual([[1, '日本ア', null]]);
    expect(await imported({ files, encoding: ' SJIS' })).toEqual([[1, '日本ア', null]]);
    const euro = { 'a.csv': latin1('id,name\n1,\x80 5\xa0\xbd \x93x\x94\n') };
    expect(await imported({ files: euro, encoding: 'iso-8859-1' })).toEqual([[1, '€ 5\u00a0½ “x”', null]]);
    const json = { 'a.ndjson': utf16('{"id":1,"name":"ü"}\n', '') };
    expect(await imported({ files: json, encoding: 'utf-16le', format: 'NDJSON' })).toEqual([[1, 'ü', null]]);
  });

  test('must be known', async () => {
    const [field, message] = await refusal({ encoding: 'latin-9000' });
    expect(field).toBe('input.encoding');
    expect(message).toContain('encoding "latin-9000" is not known');
    expect((await refusal({ encoding: 'hz-gb-2312' }))[0]).toBe('input.encoding');
  });

  test('a row with bytes that it does not define is a bad row, and no other', async () => {
    const files = { 'a.csv': latin1(`id,name\n1,${NIHON}\n2,x\x81\xff\n3,${KATAKANA_A}\n`) };
    expect(await failure({ files, encoding: 'Shift_JIS' })).toBe(
      'nodelocal:///a.csv line 3, column name: invalid Shift_JIS: "2,x\ufffd"',
    );
    expect(await imported({ files, encoding: 'Shift_JIS', rejectLimit: 1 })).toEqual([
      [1, '日本', null],
      [3, 'ア', null],
    ]);
    const half = { 'a.csv': Buffer.concat([utf16('id,name\n1,a\n2,'), Buffer.from([0x00, 0xd8, 0x0a, 0x00, 0x33])]) };
    expect(await failure({ files: half })).toBe('nodelocal:///a.csv line 3, column name: invalid UTF-16LE: "2,\ufffd"');
    const odd = { 'a.csv': Buffer.concat([utf16('id,name\n1,a\n2,b'), Buffer.from([0x33])]) };
    expect(await failure({ files: odd })).toBe('nodelocal:///a.csv line 3, column name: invalid UTF-16LE: "2,b\ufffd"');
  });
});

describe('AUTO', () => {
  const poem =
    'Der Mond ist aufgegangen, die goldnen Sternlein prangen am Himmel hell und klar. Für süße Träume, größer.\n';
  test.each([
    ['UTF-8', Buffer.from(poem.repeat(20))],
    ['UTF-8', Buffer.from('plain text\n')],
    ['windows-1252', latin1(poem.repeat(20))],
    ['Shift_JIS', latin1(`${NIHON}${KATAKANA_A}${NIHON} `.repeat(50))],
    ['UTF-16LE', utf16(poem, '')],
    ['UTF-16BE', bigEndian(utf16(poem, ''))],
  ])('detects %s', (encoding, bytes) => {
    expect(detectEncoding(bytes, true)).toBe(encoding);
  });

  test('is UTF-8 although the sample ends inside of a character', () => {
    const bytes = Buffer.from('größer').subarray(0, 3);
    expect(detectEncoding(bytes, false)).toBe('UTF-8');
    expect(detectEncoding(bytes, true)).not.toBe('UTF-8');
  });
});

test('UTF-16 without a byte order mark is named where UTF-8 is expected, and some NULs are not UTF-16', async () => {
  const refused = (label: string) =>
    `nodelocal:///a.csv is ${label} without a byte order mark: set encoding to ${label}`;
  for (const [format, text] of [
    ['CSV', 'id,name\n1,ü\n'],
    ['NDJSON', '{"id":1}\n'],
    ['JSON', '[{"id":1}]'],
  ] as const) {
    const content = utf16(text, '');
    expect((await refusal({ files: { 'a.csv': content }, format }))[1]).toBe(refused('UTF-16LE'));
    expect((await refusal({ files: { 'a.csv': bigEndian(content) }, format }))[1]).toBe(refused('UTF-16BE'));
  }
  const nuls = { 'a.csv': 'id,name\n1,a\0b\0\n' };
  expect(await failure({ files: nuls })).toContain('line 2');
});

test.each(['utf-16le', 'utf-16be', 'windows-1251', 'koi8-r', 'iso-8859-7'])(
  'pieces of %s become the text that the decoder of Node makes of the whole, and invalid bytes invalid UTF-8',
  async (label) => {
    const piece = fc.uint8Array({ maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const stream = (async function* () {
          yield* pieces;
        })();
        const found: Uint8Array[] = [];
        for await (const chunk of transcode(stream, encodingNamed(label) ?? '')) found.push(chunk);
        const whole = new TextDecoder(label, { ignoreBOM: true }).decode(Buffer.concat(pieces));
        // Half a pair and half a unit at the end are one fault to Node, and two here.
        const text = Buffer.concat(found).toString('utf8');
        expect(text.replace(/\ufffd+$/, '\ufffd')).toBe(whole.replace(/\ufffd+$/, '\ufffd'));
        expect(Buffer.concat(found).includes('\ufffd')).toBe(
          label.startsWith('utf-16') && hasReplacement(pieces, label),
        );
      }),
      { numRuns: 200 },
    );
  },
);

/** The text itself has U+FFFD. */
const hasReplacement = (pieces: readonly Uint8Array[], label: string) => {
  const bytes = Buffer.concat(pieces);
  return Array.from({ length: Math.floor(bytes.length / 2) }, (_, i) =>
    label === 'utf-16le' ? bytes.readUInt16LE(2 * i) : bytes.readUInt16BE(2 * i),
  ).includes(0xfffd);
};
