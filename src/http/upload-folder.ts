/**
 * The folder of uploads that are not in their place yet. Each has two files: its bytes, under its id, and its
 * description. What has not changed for a day is removed.
 */
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Metadata = Readonly<Record<string, string | null | undefined>>;

export interface Upload {
  readonly size: number;
  readonly metadata: Metadata;
  /** Whether all bytes are here, and the file is not in its place yet. */
  readonly isComplete: boolean;
  /** The URL of the file in its place; null before. */
  readonly url: string | null;
}

const ID = /^[0-9a-f]{32}$/;
const DAY_MS = 24 * 60 * 60 * 1_000;

export const createUploadFolder = (folder: string) => {
  const fileOf = (id: string) => join(folder, id);
  const descriptionOf = (id: string) => `${fileOf(id)}.json`;
  const describe = async (id: string): Promise<Record<string, unknown> | null> => {
    if (!ID.test(id)) return null;
    try {
      return JSON.parse(await readFile(descriptionOf(id), 'utf8')) as Record<string, unknown>;
    } catch {
      return null;
    }
  };
  const read = async (id: string): Promise<Upload | null> => {
    const described = await describe(id);
    if (described === null) return null;
    const { size, metadata = {}, url = null } = described as { size: number; metadata?: Metadata; url?: string | null };
    const held = url === null ? await lstat(fileOf(id)).catch(() => null) : null;
    return { size, metadata, url, isComplete: held !== null && held.size === size };
  };
  const ids = async () => new Set((await readdir(folder)).map((name) => name.slice(0, 32)).filter((id) => ID.test(id)));
  return {
    fileOf,
    read,
    /** The uploads that are not in their place, by id. */
    unfinished: async (): Promise<ReadonlyMap<string, { readonly owner: string; readonly size: number }>> => {
      const found = new Map<string, { readonly owner: string; readonly size: number }>();
      for (const id of await ids()) {
        const upload = await read(id);
        if (upload !== null && upload.url === null) {
          found.set(id, { owner: upload.metadata.owner ?? '', size: upload.size });
        }
      }
      return found;
    },
    /** Remembers where the file went: a client that missed the last answer asks again. */
    recordEnd: async (id: string, url: string): Promise<void> => {
      const next = `${descriptionOf(id)}.next`;
      await writeFile(next, JSON.stringify({ ...(await describe(id)), url }), { mode: 0o600 });
      await rename(next, descriptionOf(id));
    },
    sweep: async (now: number): Promise<void> => {
      for (const id of await ids()) {
        const files = [fileOf(id), descriptionOf(id), `${descriptionOf(id)}.next`];
        const times = await Promise.all(
          files.map((file) =>
            lstat(file).then(
              ({ mtimeMs }) => mtimeMs,
              () => 0,
            ),
          ),
        );
        if (Math.max(...times) > now - DAY_MS) continue;
        for (const file of files) await rm(file, { force: true });
      }
    },
  };
};
