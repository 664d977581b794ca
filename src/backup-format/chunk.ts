/** A chunk of a snapshot: its description in a manifest, and its file in the folder of the backup. */
import { z } from 'zod';
import { NOT_SEALED, type Sealing } from './sealing.ts';

export const MAX_CHUNK_BYTES = 8 * 1024 * 1024;
/** How much larger encryption may make a file. */
const MAX_OVERHEAD_BYTES = 64;

export const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'is not a SHA-256' });
export const SIZE = z.int().min(0);

/** A chunk in the words of the format, which cannot change. */
export const STORED_CHUNK = z.object({
  sha256: SHA256,
  bytes: z.int().min(1).max(MAX_CHUNK_BYTES),
  stored: z.enum(['plain', 'zstd', 'older']),
  storedBytes: SIZE.max(MAX_CHUNK_BYTES + MAX_OVERHEAD_BYTES),
  base: z.array(SHA256).max(64),
  marks: z.array(z.int()).max(16),
});
export type StoredChunk = z.output<typeof STORED_CHUNK>;

export interface Chunk {
  /** The SHA-256 of the content. It is also the chunk's name. */
  readonly sha256: string;
  readonly bytes: number;
  /** plain: uncompressed. zstd: compressed with the dictionary. parent: stored in the parent. */
  readonly stored: 'plain' | 'zstd' | 'parent';
  /** The number of bytes stored in this backup. */
  readonly storedBytes: number;
  /** Chunks of the parent, whose concatenated content is the dictionary. */
  readonly dictionary: readonly string[];
  /** By these, a later backup finds similar chunks. */
  readonly fingerprints: readonly number[];
}

export const chunkOf = ({ sha256, bytes, stored, storedBytes, base, marks }: StoredChunk): Chunk => ({
  sha256,
  bytes,
  stored: stored === 'older' ? 'parent' : stored,
  storedBytes,
  dictionary: base,
  fingerprints: marks,
});

export const storedChunk = ({ sha256, bytes, stored, storedBytes, dictionary, fingerprints }: Chunk): StoredChunk => ({
  sha256,
  bytes,
  stored: stored === 'parent' ? 'older' : stored,
  storedBytes,
  base: [...dictionary],
  marks: [...fingerprints],
});

/** The file with the content of a chunk, in the folder of its backup. */
export const fileOf = (
  chunk: Pick<Chunk, 'sha256' | 'stored'>,
  { nameOf }: Pick<Sealing, 'nameOf'> = NOT_SEALED,
): string => `chunks/${nameOf(`${chunk.sha256}${chunk.stored === 'zstd' ? '.zst' : ''}`)}`;

/** True for the name of a chunk file: the files of a backup other than its manifest and its in-progress marker. */
export const isChunkFile = (name: string): boolean => /^chunks\/[0-9a-f]{64}(\.zst)?$/.test(name);
