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
import { chunkOf, fileOf, SHA256, SIZE, STORED_CHUNK, storedChunk } from './chunk.ts';
import { KEY_PARAMETERS, NOT_SEALED, PassphraseError, type Sealing, type Unlock } from './sealing.ts';

export const MANIFEST = 'manifest.json';
export const FORMAT = 'signalbox-backup';
/** Version 1 has no virtual tables and no encryption, and counts the rows of every table. */
const VERSION = 2;
/** The maximum number of incremental backups in a chain, not counting the full one. */
export const MAX_GENERATION = 16;
/** Enough for some millions of chunks: a snapshot of terabytes. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;

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
  /** Marks the backups of one user of one server; null if the writer does not mark them. */
  createdBy: z.string().nullable().default(null),
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

/** What describes the content is readable only with the passphrase. */
const SEALED = {
  pageSize: true,
  encoding: true,
  tables: true,
  isPartial: true,
  statements: true,
  chunks: true,
} as const;
const HEAD_FIELDS = MANIFEST_FIELDS.omit(SEALED);

const SEALED_FIELDS = HEAD_FIELDS.extend({
  encryption: KEY_PARAMETERS,
  /** The chunk files of this backup, so that a reader can check that they exist. */
  files: z.array(z.object({ name: z.string(), bytes: SIZE })),
  sealed: z.base64(),
});

/** What is readable of any backup. */
export interface Head extends Omit<z.output<typeof HEAD_FIELDS>, 'format' | 'version'> {
  readonly isEncrypted: boolean;
  /** Empty if the backup is encrypted. */
  readonly tables: Manifest['tables'];
  /** The chunk files of this backup, without those of its parent. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** The hash in its first line. */
  readonly sha256: string;
}

const filesOf = ({ chunks }: Manifest, sealing: Sealing): Head['files'] => {
  // A chunk that occurs twice is stored once.
  const files = new Map(
    chunks
      .filter(({ stored }) => stored !== 'parent')
      .map((chunk) => [fileOf(chunk, sealing), { name: fileOf(chunk, sealing), bytes: chunk.storedBytes }]),
  );
  return [...files.values()];
};

export const manifestText = (manifest: Manifest, sealing: Sealing = NOT_SEALED): string => {
  if (sealing.parameters !== null) return sealedText(manifest, sealing);
  const { chunks, ...rest } = manifest;
  const head = JSON.stringify({ format: FORMAT, version: versionOf(manifest), ...rest }, null, 1).slice(0, -2);
  const lines = chunks.map((chunk) => `  ${JSON.stringify(storedChunk(chunk))}`).join(',\n');
  // Without the opening brace, which is in the first line.
  const body = `${head.slice(2)},\n "chunks": [\n${lines}\n ]\n}\n`;
  return `{"sha256":"${hashOf(body)}",\n${body}`;
};

const sealedText = (manifest: Manifest, sealing: Sealing): string => {
  const { pageSize, encoding, tables, isPartial, statements, chunks, ...rest } = manifest;
  const head = { format: FORMAT, version: VERSION, ...rest, encryption: sealing.parameters };
  const content = { pageSize, encoding, tables, isPartial, statements, chunks: chunks.map(storedChunk) };
  const sealed = sealing.seal(Buffer.from(JSON.stringify(content)), contextOf(head)).toString('base64');
  const text = JSON.stringify({ ...head, files: filesOf(manifest, sealing), sealed }, null, 1);
  // Without the opening brace, which is in the first line.
  const body = `${text.slice(2)}\n`;
  return `{"sha256":"${hashOf(body)}",\n${body}`;
};

/** The readable part cannot be changed without the passphrase: the sealed part opens only with the same. */
const contextOf = (head: Readonly<Record<string, unknown>>) => JSON.stringify(BOUND.map((name) => head[name]));

const BOUND = [
  'format',
  'version',
  'id',
  'createdAt',
  'database',
  'sizeBytes',
  'generation',
  'incrementalFrom',
  'encryption',
];

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
  readonly sealing: Sealing;
}

/**
 * Null if there is none.
 * @param unlock null if there is no passphrase
 * @throws StorageError naming the URL and the problem; PassphraseError
 */
export const readManifest = async (
  folder: Folder,
  signal: AbortSignal,
  unlock: Unlock | null = null,
): Promise<ReadManifest | null> =>
  withStored(folder, signal, async ({ stored, sha256 }) => {
    if (stored.kind === 'sealed') return { ...(await unseal(stored.fields, folder.url, unlock)), sha256 };
    return { manifest: stored.manifest, sha256, sealing: NOT_SEALED };
  });

/** Reads what is readable without a passphrase; null if there is none. @throws StorageError as `readManifest` does */
export const readHead = (folder: Folder, signal: AbortSignal): Promise<Head | null> =>
  withStored(folder, signal, async ({ stored, sha256 }) => {
    if (stored.kind === 'plain') {
      const { manifest } = stored;
      return { ...manifest, isEncrypted: false, files: filesOf(manifest, NOT_SEALED), sha256 };
    }
    return { ...stored.fields, isEncrypted: true, tables: [], sha256 };
  });

const withStored = async <R>(
  folder: Folder,
  signal: AbortSignal,
  use: (read: Parsed) => Promise<R>,
): Promise<R | null> => {
  const stat = await folder.stat(MANIFEST, signal);
  if (stat === null) return null;
  const content = await readWhole(folder, signal);
  try {
    return await use(parseManifest(content));
  } catch (error) {
    throw error instanceof ManifestError ? new StorageError(`the backup at ${folder.url} ${error.message}`) : error;
  }
};

const unseal = async (
  { encryption, files: _, sealed, format: __, version: ___, ...head }: z.output<typeof SEALED_FIELDS>,
  url: string,
  unlock: Unlock | null,
): Promise<Omit<ReadManifest, 'sha256'>> => {
  if (unlock === null) throw new PassphraseError(`the backup at ${url} is encrypted: encryptionPassphrase is needed`);
  const sealing = await unlock(encryption);
  const content = sealing.open(
    Buffer.from(sealed, 'base64'),
    contextOf({ ...head, format: FORMAT, version: VERSION, encryption }),
  );
  if (content === null) throw new PassphraseError(`encryptionPassphrase is not that of the backup at ${url}`);
  const manifest = { ...head, ...parse(MANIFEST_FIELDS.pick(SEALED), jsonOf(content.toString())) };
  checkChunks(manifest);
  return { manifest, sealing };
};

/** The problem of a manifest, as the end of a sentence about its backup. */
class ManifestError extends Error {}

const FIRST_LINE = /^\{"sha256":"([0-9a-f]{64})",\n/;

interface Parsed {
  readonly stored:
    | { readonly kind: 'plain'; readonly manifest: Manifest }
    | { readonly kind: 'sealed'; readonly fields: z.output<typeof SEALED_FIELDS> };
  readonly sha256: string;
}

const parseManifest = (content: Buffer): Parsed => {
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
  if (json !== null && typeof json === 'object' && 'encryption' in json) {
    return { stored: { kind: 'sealed', fields: parse(SEALED_FIELDS, json) }, sha256 };
  }
  const { format: _, version: __, ...manifest } = parse(MANIFEST_FIELDS, json);
  checkChunks(manifest);
  return { stored: { kind: 'plain', manifest }, sha256 };
};

const parse = <S extends z.ZodType>(schema: S, json: unknown): z.output<S> => {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new ManifestError(`has an invalid manifest: ${issueOf(parsed.error)}`);
  return parsed.data;
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
