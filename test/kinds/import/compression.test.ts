import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compress as zstdCompress } from 'zstd-napi';
import zstd from 'zstd-napi/binding.js';
import { bunzip2 } from '../../../src/storage/compression/bzip2.ts';
import { type Compression, readDecompressed } from '../../../src/storage/compression/compression.ts';
import type { Stored } from '../../../src/storage/storage.ts';
import { StorageError } from '../../../src/storage/url.ts';
import { execute, testKindContract } from '../contract.ts';
import { IMPORT, openScene, PEOPLE_CSV, type SceneInput } from './scene.ts';

const kind = IMPORT;

/** Nothing among the dependencies writes bzip2: this is PEOPLE_CSV, by the program itself. */
const PEOPLE_BZ2 = Buffer.from(
  'QlpoOTFBWSZTWfgMNysAABXfgAAQUAQ7QCCAEAAupxAAIABUUAGI000aEU8o2p5TymnqD2qU7qD+MscRUTjydGyyFljWdjDxfZXYC1qhTKAPi7ki' +
    'nChIfAYblYA=',
  'base64',
);
/** `id,name,age` and 20,000 lines `i % 7,Ada,36`, in two blocks. */
const MANY_BZ2 = Buffer.from(
  'QlpoMTFBWSZTWRf/PHkAw0VdAAAQAAR/ACAAJqMwALtMJJAAMgmqqMAABSpQ0xPJGmuaFKTNClJhFC2ooMyipoUVNSipsUVNyqFxxr4UULNClJhR' +
    'Qt6FKTCKF4IpSeSKUhofwIEhIQ8ZszfMUFZJlNZPe+5/gBM6l0AABAABH8AIAAkADAAsBA0DQE1SgNAQNA0NIJKvaCSrBBXEQVzEFdRBW3cQVqIK' +
    '8iCtKIK8ioRmRBWUQVwgkqwQVtQSVfUElX1BJV+LuSKcKEgJCOCGAA==',
  'base64',
);
/** 46,000,000 zeros. */
const ZEROS_BZ2 = Buffer.from(
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZudCH0AAAxdAAwAAEAAAIIAAgpTQZjUhbBQvF3JFOFCQpcNCbgA==',
  'base64',
);
const MANY_CSV = `id,name,age\n${Array.from({ length: 20_000 }, (_, i) => `${i % 7},Ada,36\n`).join('')}`;
const PEOPLE_ROWS = [
  [1, 'Ada', 36],
  [2, 'Grace, Rear Admiral', 85],
  [3, null, null],
];

const TEXTS = ['id', 'name', 'age'].map((name) => ({ name, type: 'TEXT' }));

const COMPRESSIONS = [
  ['GZIP', 'gz', gzipSync(PEOPLE_CSV), gzipSync(MANY_CSV)],
  ['BROTLI', 'br', brotliCompressSync(PEOPLE_CSV), brotliCompressSync(MANY_CSV)],
  ['ZSTD', 'zst', zstdCompress(Buffer.from(PEOPLE_CSV)), zstdCompress(Buffer.from(MANY_CSV))],
  ['BZIP2', 'bz2', PEOPLE_BZ2, MANY_BZ2],
] as const;

/** Of this, pieces come out before all of it is in. */
const smallWindow = (text: string) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_LGWIN]: 16 } });

const MAX_WINDOW_BYTES = 256 * 1024 * 1024;

const inMemory = (url: string, content: Uint8Array, chunkBytes = content.length): Stored => ({
  url,
  stat: async () => ({ size: content.length, version: '' }),
  read: async function* () {
    for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
  },
});
/** The text of some bytes however they are cut into chunks, or the message of the error. */
const outcome = async (content: Uint8Array, compression: Compression): Promise<string> => {
  const outcomes = await Promise.all(
    [content.length, 1, 7].map((size) =>
      textOf(inMemory('nodelocal:///a', content, size), compression).catch((error: unknown) => {
        if (error instanceof StorageError) return error.message;
        throw error;
      }),
    ),
  );
  expect(new Set(outcomes).size, outcomes.join()).toBe(1);
  return outcomes[0] ?? '';
};
const textOf = async (stored: Stored, compression: Compression, fromByte = 0) => {
  const pieces: Uint8Array[] = [];
  const file = { stored, compression, maxWindowBytes: MAX_WINDOW_BYTES };
  const { chunks } = readDecompressed(file, fromByte, new AbortController().signal);
  for await (const piece of chunks) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

const imported = async (input: SceneInput) => {
  await using scene = await openScene(input);
  await execute({ kind, scene, epoch: 1 });
  return scene.all('SELECT * FROM people');
};

testKindContract('import of sources compressed in all ways', IMPORT, () =>
  openScene({
    files: {
      'a.csv.gz': gzipSync(MANY_CSV.slice(0, MANY_CSV.indexOf('\n', 40_000))),
      'b.csv.br': COMPRESSIONS[1][2],
      'c.csv': PEOPLE_CSV,
      'd.csv': COMPRESSIONS[2][2],
      'e.csv.bz2': PEOPLE_BZ2,
    },
  }),
);

describe.each(COMPRESSIONS)('%s', (decompress, end, people, many) => {
  it('is known by its name, or said', async () => {
    expect(await imported({ files: { [`a.csv.${end.toUpperCase()}`]: people } })).toEqual(PEOPLE_ROWS);
    expect(await imported({ files: { 'a.csv': people }, decompress })).toEqual(PEOPLE_ROWS);
  });

  it(`is ${decompress === 'BROTLI' ? 'not known' : 'known'} by how it begins`, async () => {
    const rows = imported({ files: { 'a.csv': people } });
    if (decompress === 'BROTLI') await expect(rows).rejects.toThrow(/a.csv/);
    else expect(await rows).toEqual(PEOPLE_ROWS);
  });

  it('is text when that is said', async () => {
    const files = { [`a.csv.${end}`]: PEOPLE_CSV };
    expect(await imported({ files, decompress: 'NONE' })).toEqual(PEOPLE_ROWS);
  });

  it('that is cut short is said to be so, at whatever byte', async () => {
    const message = `nodelocal:///a.csv.${end} is cut short: its ${decompress.toLowerCase()} data has no end`;
    for (let size = 1; size < people.length; size++) {
      const stored = inMemory(`nodelocal:///a.csv.${end}`, people.subarray(0, size));
      const error: unknown = await textOf(stored, decompress).catch((thrown: unknown) => thrown);
      expect(error, `cut at ${size}`).toEqual(new StorageError(message));
    }
  });

  it('that is cut short far behind fails the import, and its rows go', async () => {
    // Far enough that a look at its beginning does not meet the end.
    const large = decompress === 'BROTLI' ? smallWindow(MANY_CSV.repeat(9)) : Buffer.concat(Array(9).fill(many));
    await using scene = await openScene({ files: { [`a.csv.${end}`]: large.subarray(0, -4) }, columns: TEXTS });
    const before = scene.snapshot();
    await expect(execute({ kind, scene, epoch: 1 })).rejects.toThrow(/a\.csv\.\w+ is cut short/);
    await execute({ kind, scene, epoch: 2, task: 'revert' });
    expect(scene.snapshot()).toEqual(before);
  });

  it('is read from any place on', async () => {
    const stored = inMemory('nodelocal:///a', many);
    for (const from of [0, 1, 100_000, MANY_CSV.length - 1, MANY_CSV.length, MANY_CSV.length + 1]) {
      expect(await textOf(stored, decompress, from)).toBe(MANY_CSV.slice(from));
    }
  });

  it('that is none is refused when the job is created', async () => {
    await expect(openScene({ files: { [`a.csv.${end}`]: PEOPLE_CSV } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      extensions: { field: 'input.sources.0' },
    });
  });

  it('counts what it read as it is stored, up to all of it', async () => {
    await using scene = await openScene({ files: { [`a.csv.${end}`]: many, 'b.csv': PEOPLE_CSV } });
    const seen: { fraction: number; bytes: number }[] = [];
    await execute({
      kind,
      scene,
      epoch: 1,
      watch: ({ fractionCompleted = -1, counters }) =>
        seen.push({ fraction: fractionCompleted, bytes: counters?.bytes ?? -1 }),
    });
    const total = many.length + PEOPLE_CSV.length;
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ fraction: 1, bytes: total });
    for (const { fraction, bytes } of seen) expect(fraction).toBeCloseTo(bytes / total);
  });
});

it.each(COMPRESSIONS.filter(([name]) => name !== 'BROTLI'))(
  '%s can be several, one behind the other',
  async (...given) => {
    const [, end, people] = given;
    const files = { [`a.csv.${end}`]: Buffer.concat([people, people]) };
    const lines = PEOPLE_CSV.trimEnd().split('\n').length;
    expect(await imported({ files, columns: TEXTS })).toHaveLength(2 * lines - 1);
  },
);

describe('bzip2', () => {
  const chunked = async function* (bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

  it('comes out the same however it is cut into chunks', async () => {
    for (const size of [1, 7, 100, 1_000_000]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of bunzip2(chunked(MANY_BZ2, size))) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe(MANY_CSV);
    }
  });

  it('comes in small pieces, however much is in it', async () => {
    let bytes = 0;
    for await (const piece of bunzip2(chunked(ZEROS_BZ2, 1000))) {
      expect(piece.length).toBeLessThanOrEqual(64 * 1024);
      bytes += piece.length;
    }
    expect(bytes).toBe(46_000_000);
  });

  it('that is damaged anywhere is refused, or is no other for it', async () => {
    for (let bit = 0; bit < PEOPLE_BZ2.length * 8; bit++) {
      const damaged = Buffer.from(PEOPLE_BZ2);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const pieces: Uint8Array[] = [];
      const read = (async () => {
        for await (const piece of bunzip2(chunked(damaged, 1000))) pieces.push(piece);
        return Buffer.concat(pieces).toString();
      })();
      expect([PEOPLE_CSV, 'refused']).toContain(await read.catch(() => 'refused'));
    }
  });
});

describe('a stop', () => {
  it('is heard while what was imported before is passed over', { timeout: 60_000 }, async () => {
    const rows = zstdCompress(Buffer.from('1,Ada,36\n'.repeat(1_000_000)));
    // 90 GB: passing over all of it would take longer than this test may.
    const file = Buffer.concat([zstdCompress(Buffer.from('id,name,age\n')), ...Array<Buffer>(10_000).fill(rows)]);
    await using scene = await openScene({ files: { 'a.csv.zst': file } });
    const { details } = scene as { details: { sources: { begin: object }[] } };
    const [source] = details.sources;
    const far = { ...details, sources: [{ ...source, begin: { byte: 90_000_000_000, line: 10_000_000_002 } }] };
    const stop = new AbortController();
    const told = (_: unknown, count: number) => {
      if (count > 1) return;
      // From another turn, as a message from the server comes.
      setImmediate(() => stop.abort(new Error('told to stop')));
    };
    const run = execute({ kind, scene: { ...scene, details: far }, epoch: 1, watch: told, signal: stop.signal });
    await expect(run).rejects.toThrow('told to stop');
  });
});

describe('what follows the end of the data', () => {
  it.each(COMPRESSIONS)('of %s is padding if it is zeros', async (compression, _, people) => {
    expect(await outcome(Buffer.concat([people, Buffer.alloc(1_000)]), compression)).toBe(PEOPLE_CSV);
  });

  it.each(COMPRESSIONS)('of %s is an error otherwise, so that no rows are left out', async (compression, _, people) => {
    const name = compression.toLowerCase();
    const begins = `nodelocal:///a continues behind the end of its ${name} data with `;
    const ends = ': remove it, or unpack the file and compress it again';
    const behind = (...parts: readonly Uint8Array[]) => outcome(Buffer.concat([people, ...parts]), compression);
    const unknown = compression === 'BROTLI' ? 'further data' : `what is no ${name} data`;
    const shown = compression === 'GZIP' ? '' : ' (0x342c4164612c3336)';
    expect(await behind(Buffer.from('4,Ada,36\n'))).toBe(`${begins}${unknown}${shown}${ends}`);
    const [other] = COMPRESSIONS.filter(([one]) => one !== compression && one !== 'BROTLI');
    const format = compression === 'GZIP' ? unknown : `what is compressed with ${other?.[0].toLowerCase()}`;
    expect(await behind(other?.[2] ?? Buffer.of())).toBe(`${begins}${format}${ends}`);
    // The decoder of Node ignores a member behind padding.
    expect(await behind(Buffer.alloc(10), people)).toContain(begins);
  });
});

describe('windows of zstd', () => {
  /** A frame that a program wrote without knowing the size of the content. */
  const withWindow = (windowLog: number) => {
    const context = new zstd.CCtx();
    context.setParameter(zstd.CParameter.windowLog, windowLog);
    const pieces: Uint8Array[] = [];
    for (const [text, end] of [
      [PEOPLE_CSV.slice(0, 10), zstd.EndDirective.continue],
      [PEOPLE_CSV.slice(10), zstd.EndDirective.end],
    ] as const) {
      const piece = new Uint8Array(1_000);
      const [, produced] = context.compressStream2(piece, Buffer.from(text), end);
      pieces.push(piece.subarray(0, produced));
    }
    return Buffer.concat(pieces);
  };
  const frame = (...bytes: readonly number[]) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...bytes]);
  const refusal = (bytes: number) =>
    `nodelocal:///a needs a window of ${bytes} bytes to be decompressed, and ${MAX_WINDOW_BYTES} are allowed: ` +
    'raise MAX_WINDOW_BYTES, or compress it with a shorter window (zstd --long)';

  it('are read up to MAX_WINDOW_BYTES', async () => {
    const long = withWindow(28);
    expect(long[5]).toBe((28 - 10) << 3);
    expect(await outcome(long, 'ZSTD')).toBe(PEOPLE_CSV);
    expect(await imported({ files: { 'a.csv.zst': long } })).toEqual(PEOPLE_ROWS);
  });

  it.each([
    ['a window an eighth larger', frame(0, (18 << 3) | 1), 2 ** 28 + 2 ** 25],
    ['the largest of the program', frame(0, 21 << 3), 2 ** 31],
    ['the largest of the format', frame(0, 0xff), 2 ** 41 + 7 * 2 ** 38],
    ['content that is one segment', frame(0xa0, 0x01, 0, 0, 0x10), 2 ** 28 + 1],
    ['one segment of a long size', frame(0xe0, 0, 0, 0, 0, 1, 0, 0, 0), 2 ** 32],
  ])('beyond it are an error: %s', async (_, header, bytes) => {
    expect(await outcome(header, 'ZSTD')).toBe(refusal(bytes));
    expect(await outcome(Buffer.concat([zstdCompress(Buffer.from('1')), header]), 'ZSTD')).toBe(refusal(bytes));
    await expect(openScene({ files: { 'a.csv.zst': header } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: refusal(bytes).replace('///a', '///a.csv.zst'),
    });
  });

  it('that need a dictionary are named', async () => {
    expect(await outcome(frame(0x01, 0x08, 7), 'ZSTD')).toBe(
      'nodelocal:///a is compressed with a dictionary: compress it without one',
    );
  });

  it('are of frames: one that is skipped has none', async () => {
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const people = zstdCompress(Buffer.from(PEOPLE_CSV));
    expect(await outcome(Buffer.concat([skipped, people, skipped, people, skipped]), 'ZSTD')).toBe(
      PEOPLE_CSV + PEOPLE_CSV,
    );
  });
});

describe('a format that cannot be read is named, with what to do', () => {
  it.each([
    ['fd377a585a000004e6d6b446', 'compressed with xz'],
    ['504b0304140000000800', 'a zip archive'],
    ['377abcaf271c0004', 'a 7-Zip archive'],
    ['255044462d312e37', 'a PDF document'],
  ])('%s', async (start, what) => {
    const files = { 'a.csv': Buffer.from(`${start}00ff00ff00ff00ff`, 'hex') };
    const error: unknown = await openScene({ files }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { field: 'input.sources.0' } });
    expect((error as Error).message).toBe(
      `nodelocal:///a.csv is ${what}: unpack it, or compress it with gzip, brotli, zstd or bzip2`,
    );
  });

  it('also where its name is that of another', async () => {
    const messageFor = async (content: Uint8Array) => {
      const error: unknown = await openScene({ files: { 'a.csv.gz': content } }).catch((thrown: unknown) => thrown);
      return (error as Error).message;
    };
    const begins = 'nodelocal:///a.csv.gz is no gzip data: ';
    const zip = Buffer.from('504b030414000000080000ff00ff', 'hex');
    expect(await messageFor(zip)).toBe(
      `${begins}it is a zip archive: unpack it, or compress it with gzip, brotli, zstd or bzip2`,
    );
    expect(await messageFor(zstdCompress(Buffer.from(PEOPLE_CSV)))).toBe(`${begins}set decompress to ZSTD`);
    expect(await messageFor(Buffer.from(PEOPLE_CSV))).toBe(`${begins}if it is plain text, set decompress to NONE`);
  });
});
