/** Formats that are recognized by their first bytes, which are in hexadecimal here. */

/** Enough to recognize a format. */
export const START_BYTES = 64;

/** For zstd also the skippable frames with which files of parallel programs begin. */
export const COMPRESSED: readonly (readonly ['GZIP' | 'ZSTD' | 'BZIP2', RegExp])[] = [
  ['GZIP', /^1f8b08/],
  ['ZSTD', /^(28b52ffd|5.2a4d18)/],
  ['BZIP2', /^425a683[1-9](314159265359|177245385090)/],
];

/** Formats that people have, and that would otherwise be read as text. */
const UNSUPPORTED: readonly (readonly [string, string])[] = [
  ['fd377a585a00', 'compressed with xz'],
  ['504b0304', 'a zip archive'],
  ['377abcaf271c', 'a 7-Zip archive'],
  ['526172211a07', 'a RAR archive'],
  ['04224d18', 'compressed with lz4'],
  ['1f9d', 'compressed with compress'],
  ['25504446', 'a PDF document'],
  ['53514c69746520666f726d6174203300', 'a SQLite database'],
];
/** Zip archives whose first entry is one of those with which Office begins. */
const OFFICE = /^504b0304.{52}(5b436f6e74656e745f54797065735d2e786d6c|5f72656c732f|786c2f)/;
const INSTEAD = 'unpack it, or compress it with gzip, brotli, zstd or bzip2';

/** What a format that cannot be read is, and what to do; null for any other. */
export const refusalOf = (start: string): string | null => {
  if (OFFICE.test(start)) return 'is an Excel workbook, or another Office file: use format XLSX';
  const found = UNSUPPORTED.find(([magic]) => start.startsWith(magic));
  return found === undefined ? null : `is ${found[1]}: ${INSTEAD}`;
};

/** Continues `it is …`; null for one that is not known. */
export const nameOfFormat = (start: string): string | null => {
  const compressed = COMPRESSED.find(([, magic]) => magic.test(start));
  if (compressed !== undefined) return `compressed with ${compressed[0].toLowerCase()}`;
  return UNSUPPORTED.find(([magic]) => start.startsWith(magic))?.[1] ?? null;
};
