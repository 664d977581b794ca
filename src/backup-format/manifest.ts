/**
 * The manifest describes a backup: docs/backup-format.md. The first line of `manifest.json` contains the SHA-256 of all
 * lines after it, so that a single changed byte is detected. The manifest is written last: a folder without one holds
 * no backup.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cutText } from '../errors.ts';
import type { Folder } from '../storage/storage.ts';
import { StorageError } from '../storage/url.ts';

export const MANIFEST = 'manifest.json';
const FORMAT = 'signalbox-backup';
/** Version 1 has no virtual tables, and counts the rows of every table. */
const VERSION = 2;
/** The maximum number of incremental backups in a chain, not counting the full one. */
export const MAX_GENERATION = 16;
export const MAX_CHUNK_BYTES = 8 * 1024 * 1024;
/** Enough for some millions of chunks: a snapshot of terabytes. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'is not a SHA-256' });
const SIZE = z.int().min(0);

/** A chunk in the words of the format, which cannot change. */
const STORED_CHUNK = z.object({
  sha256: SHA256,
  bytes: z.int().min(1).max(MAX_CHUNK_BYTES),
  stored: z.enum(['plain', 'zstd', 'older']),
  storedBytes: SIZE.max(MAX_CHUNK_BYTES),
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

const TABLE = z.object({
  name: z.string(),
  /** Null if the writer could not count them. */
  rows: SIZE.nullable(),
  /** The virtual table that keeps its content in this one; null for all other tables. */
  shadowOf: z.string().nullable().default(null),
});

const MANIFEST_FIELDS = z.object({
  format: z.literal(FORMAT),
  version: z.union([z.literal(1), z.literal(VERSION)]),
  program: z.string(),
  /** Unique: the id of the job that created the backup. */
  id: z.string(),
  /** The moment of the snapshot. */
  createdAt: z.iso.datetime(),
  database: z.string(),
  pageSize: SIZE,
  encoding: z.string(),
  sizeBytes: SIZE,
  tables: z.array(TABLE),
  /** Only some tables of the database were backed up, so objects may refer to others that are missing. */
  isPartial: z.boolean().default(false),
  /** The statements of the catalogue, in catalogue order. */
  statements: z.array(z.string()),
  /** The number of parents in the chain: 0 for a full backup. */
  generation: z.int().min(0).max(MAX_GENERATION),
  /** The parent; `sha256` is that of its manifest. */
  incrementalFrom: z.object({ url: z.string(), sha256: SHA256 }).nullable(),
  /** In order: concatenated, they are the snapshot. */
  chunks: z.array(STORED_CHUNK.transform(chunkOf)),
});

export type Manifest = Omit<z.output<typeof MANIFEST_FIELDS>, 'format' | 'version'>;

/** The file with the content of a chunk, in the folder of its backup. */
export const fileOf = (chunk: Pick<Chunk, 'sha256' | 'stored'>): string =>
  `chunks/${chunk.sha256}${chunk.stored === 'zstd' ? '.zst' : ''}`;

/** True for the name of a chunk file: the files of a backup other than its manifest and its in-progress marker. */
export const isChunkFile = (name: string): boolean => /^chunks\/[0-9a-f]{64}(\.zst)?$/.test(name);

export const manifestText = (manifest: Manifest): string => {
  const { chunks, ...rest } = manifest;
  const head = JSON.stringify({ format: FORMAT, version: versionOf(manifest), ...rest }, null, 1).slice(0, -2);
  const lines = chunks.map((chunk) => `  ${JSON.stringify(storedChunk(chunk))}`).join(',\n');
  // Without the opening brace, which is in the first line.
  const body = `${head.slice(2)},\n "chunks": [\n${lines}\n ]\n}\n`;
  return `{"sha256":"${hashOf(body)}",\n${body}`;
};

/** The least version that can express it, so that older programs read all that they can. */
const versionOf = ({ statements, tables }: Manifest): number =>
  statements.some((statement) => statement.startsWith('CREATE VIRTUAL ')) || tables.some(({ rows }) => rows === null)
    ? VERSION
    : 1;

/** A manifest as it was read. */
export interface ReadManifest {
  readonly manifest: Manifest;
  /** The hash in its first line. */
  readonly sha256: string;
}

/** Null if there is none. @throws StorageError naming the URL and the problem */
export const readManifest = async (folder: Folder, signal: AbortSignal): Promise<ReadManifest | null> => {
  const stat = await folder.stat(MANIFEST, signal);
  if (stat === null) return null;
  const content = await readWhole(folder, signal);
  try {
    return parseManifest(content);
  } catch (error) {
    throw error instanceof ManifestError ? new StorageError(`the backup at ${folder.url} ${error.message}`) : error;
  }
};

/** The problem of a manifest, as the end of a sentence about its backup. */
class ManifestError extends Error {}

const FIRST_LINE = /^\{"sha256":"([0-9a-f]{64})",\n/;

const parseManifest = (content: Buffer): ReadManifest => {
  const [line, sha256] = FIRST_LINE.exec(content.subarray(0, 128).toString('latin1')) ?? [];
  const isWhole = line !== undefined && sha256 === hashOf(content.subarray(line.length));
  const json = jsonOf(content.toString());
  const { format, version } = z
    .object({ format: z.unknown(), version: z.unknown() })
    .catch({ format: null, version: null })
    .parse(json);
  // An unknown format: another program's file, or a later version.
  if (line === undefined && json !== null && format !== FORMAT)
    throw new ManifestError('was created by another program: its manifest has another format');
  if ((isWhole || line === undefined) && format === FORMAT && typeof version === 'number' && version > VERSION) {
    throw new ManifestError(`is of format version ${version}, and this server reads up to version ${VERSION}`);
  }
  if (!isWhole) throw new ManifestError('is damaged: its manifest does not match its SHA-256');
  const parsed = MANIFEST_FIELDS.safeParse(json);
  if (!parsed.success) throw new ManifestError(`has an invalid manifest: ${issueOf(parsed.error)}`);
  const { format: _, version: __, ...manifest } = parsed.data;
  checkChunks(manifest);
  return { manifest, sha256 };
};

const issueOf = ({ issues }: z.ZodError): string => {
  const [issue] = issues;
  return cutText(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 200);
};

const checkChunks = ({ chunks, sizeBytes, incrementalFrom, generation }: Manifest) => {
  const sum = chunks.reduce((total, { bytes }) => total + bytes, 0);
  if (sum !== sizeBytes)
    throw new ManifestError(`has an invalid manifest: its chunks have ${sum} bytes, not ${sizeBytes}`);
  const needsParent = chunks.some(({ stored, dictionary }) => stored === 'parent' || dictionary.length > 0);
  if (needsParent && incrementalFrom === null) throw new ManifestError('has an invalid manifest: it names no parent');
  if ((incrementalFrom === null) !== (generation === 0)) throw new ManifestError('has an invalid manifest: generation');
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const hashOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

const readWhole = async (folder: Folder, signal: AbortSignal): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of folder.read(MANIFEST, 0, signal)) {
    bytes += piece.length;
    if (bytes > MAX_MANIFEST_BYTES) throw new StorageError(`${folder.url}/${MANIFEST} is too large to be a manifest`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};
