/**
 * A chunk compressed upon others that are like it: zstd with their content as its dictionary, as raw bytes. Where rows
 * changed here and there, nearly all of it is found in them again.
 */
import zstd from 'zstd-napi/binding.js';

/** What is before it in the dictionary and in the chunk has to lie in the window: 32 MiB. */
export const MAX_BASE_BYTES = 24 * 1024 * 1024;

/** Measured, on tables of short rows: one that is as fast as others and finds most. */
const PARAMETERS = [
  [zstd.CParameter.compressionLevel, 1],
  [zstd.CParameter.windowLog, 25],
  [zstd.CParameter.hashLog, 22],
  [zstd.CParameter.minMatch, 6],
] as const;

/** The one that is kept: each has tables of its own, of 32 MiB. */
let compressor: zstd.CCtx | undefined;

/** Takes about a tenth of a second. */
export const compressUpon = (content: Uint8Array, base: Uint8Array): Buffer => {
  compressor ??= new zstd.CCtx();
  compressor.reset(zstd.ResetDirective.sessionAndParameters);
  for (const [parameter, value] of PARAMETERS) compressor.setParameter(parameter, value);
  compressor.loadDictionary(base);
  const stored = Buffer.allocUnsafe(zstd.compressBound(content.length));
  const length = compressor.compress2(stored, content);
  compressor.reset(zstd.ResetDirective.sessionAndParameters);
  return Buffer.from(stored.subarray(0, length));
};

/** Null when it is not what was compressed upon this. @param bytes how many there have to be */
export const decompressUpon = (stored: Uint8Array, base: Uint8Array, bytes: number): Buffer | null => {
  const content = Buffer.allocUnsafe(bytes);
  try {
    return new zstd.DCtx().decompressUsingDict(content, stored, base) === bytes ? content : null;
  } catch {
    return null;
  }
};
