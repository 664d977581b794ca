/**
 * What a backup is, as it says itself: docs/backup-format.md. The first line of `manifest.json` holds the SHA-256 of all
 * lines behind it, so that one changed byte is found. It is written last: a place without it holds no backup.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cutText } from '../errors.ts';
import type { Folder } from '../storage/storage.ts';
import { StorageError } from '../storage/url.ts';

export const MANIFEST = 'manifest.json';
const FORMAT = 'signalbox-backup';
const VERSION = 1;
/** As many backups may lie between one and the whole one that it is made upon. */
export const MAX_GENERATION = 16;
export const MAX_CHUNK_BYTES = 8 * 1024 * 1024;
/** Of some millions of chunks: a snapshot of terabytes. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'is no SHA-256' });
const SIZE = z.int().min(0);

const CHUNK = z.object({
  /** Of its content, and its name. */
  sha256: SHA256,
  bytes: z.int().min(1).max(MAX_CHUNK_BYTES),
  /** plain: as it is. zstd: compressed, upon `base`. older: in the backup that this one is made upon. */
  stored: z.enum(['plain', 'zstd', 'older']),
  /** What it takes here. */
  storedBytes: SIZE.max(MAX_CHUNK_BYTES),
  /** Chunks of the older backup: with their content, one behind the other, for a dictionary it is decompressed. */
  base: z.array(SHA256).max(64),
  /** By which a later backup finds what is like it. */
  marks: z.array(z.int()).max(16),
});

const MANIFEST_FIELDS = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  program: z.string(),
  /** Of the job that made it, and unique. */
  id: z.string(),
  /** The moment of the snapshot. */
  createdAt: z.iso.datetime(),
  database: z.string(),
  pageSize: SIZE,
  encoding: z.string(),
  sizeBytes: SIZE,
  tables: z.array(z.object({ name: z.string(), rows: SIZE })),
  /** Those of the catalogue, in its order. */
  statements: z.array(z.string()),
  /** How many backups it is made upon, one upon the other. */
  generation: z.int().min(0).max(MAX_GENERATION),
  /** The backup that it is made upon; `sha256` is that of its manifest. */
  incrementalFrom: z.object({ url: z.string(), sha256: SHA256 }).nullable(),
  /** In order: they make up the snapshot. */
  chunks: z.array(CHUNK),
});

export type Manifest = Omit<z.output<typeof MANIFEST_FIELDS>, 'format' | 'version'>;
export type Chunk = Manifest['chunks'][number];

/** Where the content of a chunk lies in the folder of a backup. */
export const fileOf = (chunk: Pick<Chunk, 'sha256' | 'stored'>): string =>
  `chunks/${chunk.sha256}${chunk.stored === 'zstd' ? '.zst' : ''}`;

/** Whether a file has a name of one that a backup writes, beside its manifest and its mark. */
export const isChunkFile = (name: string): boolean => /^chunks\/[0-9a-f]{64}(\.zst)?$/.test(name);

export const manifestText = (manifest: Manifest): string => {
  const { chunks, ...rest } = manifest;
  const head = JSON.stringify({ format: FORMAT, version: VERSION, ...rest }, null, 1).slice(0, -2);
  const lines = chunks.map((chunk) => `  ${JSON.stringify(chunk)}`).join(',\n');
  // Without the brace that the first line begins with.
  const body = `${head.slice(2)},\n "chunks": [\n${lines}\n ]\n}\n`;
  return `{"sha256":"${hashOf(body)}",\n${body}`;
};

/** A manifest as it was read. */
export interface ReadManifest {
  readonly manifest: Manifest;
  /** As its first line says. */
  readonly sha256: string;
}

/** Null where there is none. @throws StorageError, naming the place and what is wrong */
export const readManifest = async (folder: Folder, signal: AbortSignal): Promise<ReadManifest | null> => {
  const stat = await folder.stat(MANIFEST, signal);
  if (stat === null) return null;
  const content = await readWhole(folder, signal);
  try {
    return parseManifest(content);
  } catch (error) {
    throw error instanceof Refused ? new StorageError(`the backup at ${folder.url} ${error.message}`) : error;
  }
};

/** What is wrong with a manifest: a sentence about it. */
class Refused extends Error {}

const FIRST_LINE = /^\{"sha256":"([0-9a-f]{64})",\n/;

const parseManifest = (content: Buffer): ReadManifest => {
  const [line, sha256] = FIRST_LINE.exec(content.subarray(0, 128).toString('latin1')) ?? [];
  const isWhole = line !== undefined && sha256 === hashOf(content.subarray(line.length));
  const json = jsonOf(content.toString());
  const { format, version } = z
    .object({ format: z.unknown(), version: z.unknown() })
    .catch({ format: null, version: null })
    .parse(json);
  // Of another form altogether: not ours, or of a time to come.
  if (line === undefined && json !== null && format !== FORMAT)
    throw new Refused('was made by another program: its manifest is not one of ours');
  if ((isWhole || line === undefined) && format === FORMAT && typeof version === 'number' && version > VERSION) {
    throw new Refused(`is of format version ${version}, and this server reads up to version ${VERSION}`);
  }
  if (!isWhole) throw new Refused('is damaged: its manifest is not what its SHA-256 says');
  const parsed = MANIFEST_FIELDS.safeParse(json);
  if (!parsed.success) throw new Refused(`has a manifest that is wrong: ${issueOf(parsed.error)}`);
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
    throw new Refused(`has a manifest that is wrong: its chunks have ${sum} bytes, not ${sizeBytes}`);
  const needsOlder = chunks.some(({ stored, base }) => stored === 'older' || base.length > 0);
  if (needsOlder && incrementalFrom === null)
    throw new Refused('has a manifest that is wrong: it is made upon no other');
  if ((incrementalFrom === null) !== (generation === 0)) throw new Refused('has a manifest that is wrong: generation');
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
