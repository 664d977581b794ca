import { describe, expect, it, vi } from 'vitest';
import { type CsvFormat, RowTooLongError, readCsv } from '../../../src/kinds/import/csv.ts';
import { bytes, CSV, collect, type Row, read, START } from './csv-reading.ts';

async function fieldsOf(source: string | Uint8Array, format: Partial<CsvFormat> = {}) {
  return (await read(source, { format })).map((row) => row.fields);
}

async function faultsOf(source: string | Uint8Array) {
  return (await read(source)).map((row) => row.fault?.reason ?? row.fields);
}

describe('rows and fields', () => {
  it('takes LF and CR LF as line ends, mixed', async () => {
    expect(await fieldsOf('a,b\r\nc,d\ne,f\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
  });

  it('takes CR and CR CR LF as line ends, too, in one file', async () => {
    const rows = await read('a\rb,"\r"\r\r\nc\r\rd\r');
    expect(rows.map(({ fields }) => fields)).toEqual([['a'], ['b', '\r'], ['c'], ['d']]);
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 4, 6]);
  });

  it('takes a last line without a line break', async () => {
    expect(await fieldsOf('a,b\nc,d')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await fieldsOf('a\n"b"')).toEqual([['a'], ['b']]);
  });

  it('keeps delimiters and line breaks inside quotes', async () => {
    expect(await fieldsOf('"a,b","c\r\nd\ne\rf"\ng,h')).toEqual([
      ['a,b', 'c\r\nd\ne\rf'],
      ['g', 'h'],
    ]);
  });

  it('takes a doubled quote inside quotes for one', async () => {
    expect(await fieldsOf('"a ""b"" c","""",""""""\n')).toEqual([['a "b" c', '"', '""']]);
  });

  it('takes a trailing delimiter for an empty last field', async () => {
    expect(await fieldsOf('a,\n,\n"b",')).toEqual([
      ['a', null],
      [null, null],
      ['b', null],
    ]);
  });

  it('skips lines without a character, but neither a quoted empty field nor a space', async () => {
    expect(await fieldsOf('\n\r\na\n\n""\n \n\r\n')).toEqual([['a'], [''], [' ']]);
  });

  it('finds no rows in nothing, in a byte order mark and in blank lines', async () => {
    for (const source of ['', '\ufeff', '\n\r\n\n', '\ufeff\n']) expect(await fieldsOf(source)).toEqual([]);
  });

  it('drops a byte order mark at byte 0 only, and counts its bytes', async () => {
    const rows = await read('\ufeff"a"\n\ufeffb\n');
    expect(rows.map((row) => [row.fields, row.end])).toEqual([
      [['a'], 7],
      [['\ufeffb'], 12],
    ]);
    expect(await read('xx\n\ufeffa', { from: { byte: 3, line: 2 } })).toMatchObject([{ fields: ['\ufeffa'], end: 7 }]);
  });

  it('skips comment lines, which no quote, bad byte or missing line break disturbs', async () => {
    const source = bytes('# "x\na,#b\n#', 0xff, 0, '\r\n"c\n#d"\n#end');
    expect(await fieldsOf(source, { comment: '#' })).toEqual([['a', '#b'], ['c\n#d']]);
    expect(await fieldsOf('#a\n')).toEqual([['#a']]);
  });

  it('takes another delimiter and another quote', async () => {
    expect(await fieldsOf("a\t'b\t''c'''\t\"d\"", { delimiter: '\t', quote: "'" })).toEqual([['a', "b\t'c'", '"d"']]);
  });

  it('takes quotes as data when quoting is off', async () => {
    expect(await fieldsOf('"a,b"\n"c', { quote: null })).toEqual([['"a', 'b"'], ['"c']]);
  });

  it('refuses a format whose marks are not one ASCII character each, or are the same', async () => {
    const wrong: readonly Partial<CsvFormat>[] = [
      { delimiter: '' },
      { delimiter: 'a\r' },
      { delimiter: '\n' },
      { delimiter: '\0' },
      { quote: 'é' },
      { comment: ',' },
      { quote: ',' },
    ];
    for (const format of wrong) await expect(read('a', { format })).rejects.toThrow(RangeError);
  });
});

describe('NULL', () => {
  it('is an unquoted empty field by default, and a quoted one is empty text', async () => {
    expect(await fieldsOf(',"",a\n')).toEqual([[null, '', 'a']]);
  });

  it('is the unquoted text that stands for it, and then an empty field is empty text', async () => {
    expect(await fieldsOf('NULL,"NULL",,xNULL\nNULL', { nullif: 'NULL' })).toEqual([
      [null, 'NULL', '', 'xNULL'],
      [null],
    ]);
  });

  it('may be written beyond ASCII, next to rows of invalid bytes too', async () => {
    expect(await fieldsOf(bytes('–,"–"\n', 0xff, '\n–,é'), { nullif: '–' })).toEqual([[null, '–'], [], [null, 'é']]);
  });
});

describe('faults', () => {
  it('spoil one row where a quote stands in an unquoted field', async () => {
    expect(await faultsOf('a\nb"c,"d\ne\n "f"\n')).toEqual([
      ['a'],
      'a quote in an unquoted field',
      ['e'],
      'a quote in an unquoted field',
    ]);
  });

  it('spoil one row where text follows a closing quote', async () => {
    expect(await faultsOf('"a"b,"c\nd\r\n"e"f\rg')).toEqual([
      'text after a closing quote',
      ['d'],
      'text after a closing quote',
      ['g'],
    ]);
  });

  it('are one row from a quote that is never closed to the end of the input', async () => {
    const rows = await read('a\nb,"c\nd,e\nf\n');
    expect(rows[1]).toMatchObject({
      fields: [],
      line: 2,
      nextLine: 5,
      end: 13,
      fault: { reason: 'quote never closed', column: 2, text: 'b,"c\nd,e\nf' },
    });
    expect(rows).toHaveLength(2);
  });

  it('are invalid UTF-8 and NUL bytes, which leave the rows around them alone', async () => {
    const source = bytes('é,1\nb,', 0xc3, '\n"c', 0, '",2\n"\n', 0xff, '"\nü,3\n', 0xe2, 0x82);
    expect(await faultsOf(source)).toEqual([
      ['é', '1'],
      'invalid UTF-8',
      'a NUL byte',
      'invalid UTF-8',
      ['ü', '3'],
      'invalid UTF-8',
    ]);
  });

  it('refuse overlong forms, surrogates and characters beyond Unicode', async () => {
    for (const sequence of [
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      expect(await faultsOf(bytes('a\n', ...sequence, '\nb'))).toEqual([['a'], 'invalid UTF-8', ['b']]);
    }
  });

  it('name the field, and show the raw text of the row with U+FFFD for what is no UTF-8', async () => {
    const rows = await read(bytes('a\nb,c', 0xff, ',d\r\n"e",f"\n'));
    expect(rows[1]?.fault).toEqual({ reason: 'invalid UTF-8', column: 2, text: 'b,c\ufffd,d' });
    expect(rows[2]?.fault).toEqual({ reason: 'a quote in an unquoted field', column: 2, text: '"e",f"' });
  });

  it('keep the whole raw text, however long', async () => {
    const [row] = await read(`"${'😀'.repeat(5_000)}"y\n`);
    expect(row?.fault?.text).toBe(`"${'😀'.repeat(5_000)}"y`);
  });
});

describe('environment', () => {
  it('count bytes and physical lines, those inside quotes, of comments and blank ones too', async () => {
    const rows = await read('#é\n\na,"é\r\né"\r\n\nb\n"😀"', { format: { comment: '#' } });
    expect(rows.map(({ end, line, nextLine, text }) => [end, line, nextLine, text])).toEqual([
      [17, 3, 5, 'a,"é\r\né"'],
      [20, 6, 7, 'b'],
      [26, 7, 7, '"😀"'],
    ]);
  });

  it('come in blocks of at most 4,096 rows, also from a single chunk', async () => {
    const rows = await read('1\n'.repeat(300_000), { sizes: [600_000] });
    expect(rows).toHaveLength(300_000);
    expect(rows.at(-1)).toMatchObject({ fields: ['1'], end: 600_000, line: 300_000, nextLine: 300_001 });
  });
});

describe('memory', () => {
  it('is bounded: a row above the limit ends the parse behind the rows before it', async () => {
    const rows: Row[] = [];
    const error = await collect(`a\n\n${'b'.repeat(11)}\nc\n`, rows, { format: { maxRowBytes: 10 } });
    expect(rows.map((row) => row.fields)).toEqual([['a']]);
    expect(error).toBeInstanceOf(RowTooLongError);
    expect(error).toMatchObject({ line: 3, message: 'the row on line 3 is longer than 10 bytes' });
  });

  it('counts a row without its line break, and a comment like a row', async () => {
    const format = { maxRowBytes: 10, comment: '#' };
    expect(await read(`${'b'.repeat(10)}\r\n"${'é'.repeat(4)}"\n#${'c'.repeat(9)}\n`, { format })).toHaveLength(2);
    await expect(read(`#${'c'.repeat(10)}\n`, { format })).rejects.toThrow(RowTooLongError);
  });

  it('counts no CR that may still turn out to be a line break', async () => {
    const reading = { format: { maxRowBytes: 10 }, sizes: [11], windowBytes: 11 };
    expect(await read(`${'b'.repeat(10)}\r\nc\n`, reading)).toHaveLength(2);
    expect(await read(`${'b'.repeat(10)}\r\r\nc\n`, reading)).toHaveLength(2);
    await expect(read(`${'b'.repeat(11)}\rc\n`, reading)).rejects.toThrow(RowTooLongError);
  });

  it('is bounded behind a quote that is never closed: the source is not read to its end', async () => {
    let taken = 0;
    async function* continuous(): AsyncGenerator<Uint8Array> {
      for (yield Buffer.from('"'); ; taken++) yield Buffer.from('line\n'.repeat(1000));
    }
    const reading = readCsv(continuous(), { ...CSV, maxRowBytes: 1_000_000 }, START);
    await expect(reading.next()).rejects.toThrow(RowTooLongError);
    expect(taken).toBeLessThan(500);
  });

  it('is let go of when the reader stops: the source is closed', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('a,b\n'.repeat(50_000));
      } finally {
        closed = true;
      }
    }
    for await (const block of readCsv(source(), CSV, START)) {
      expect(block.rows).toHaveLength(4096);
      break;
    }
    expect(closed).toBe(true);
  });

  it('does not hold rows of a slow source back until a window is full', async () => {
    let now = 0;
    using _clock = stopClock(() => now);
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a\nb\n');
      now += 100;
      yield Buffer.from('c\nd');
      expect(handedOut).toEqual([['a'], ['b'], ['c']]);
    }
    const handedOut: (readonly (string | null)[])[] = [];
    for await (const block of readCsv(slow(), CSV, START)) handedOut.push(...block.rows);
    expect(handedOut).toEqual([['a'], ['b'], ['c'], ['d']]);
  });
});

function stopClock(now: () => number): Disposable {
  const spy = vi.spyOn(performance, 'now').mockImplementation(now);
  return { [Symbol.dispose]: () => spy.mockRestore() };
}
