/** A folder of files that can be fetched again. It keeps the most recently used files, up to a number of bytes. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Cache {
  /** Reads a file into a buffer of exactly its size; returns false if the file is not cached. */
  get(name: string, into: Uint8Array): Promise<boolean>;
  put(name: string, content: Uint8Array): Promise<void>;
}

const MAX_BYTES = 1024 * 1024 * 1024;

/** Files that an earlier process left in the folder are used, but count only after their first use. */
export const createCache = (folder: string, maxBytes = MAX_BYTES): Cache => {
  // In the order of their last use.
  const kept = new Map<string, number>();
  let bytes = 0;
  const use = (name: string, size: number) => {
    if (kept.delete(name)) bytes -= size;
    kept.set(name, size);
    bytes += size;
  };
  return {
    get: async (name, into) => {
      const isRead = await readInto(path.join(folder, name), into);
      if (isRead) use(name, into.length);
      return isRead;
    },
    put: async (name, content) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const part = path.join(folder, `${name}.part`);
      await writeFile(part, content);
      await rename(part, path.join(folder, name));
      use(name, content.length);
      for (const [oldest, size] of kept) {
        if (bytes <= maxBytes) break;
        kept.delete(oldest);
        bytes -= size;
        await rm(path.join(folder, oldest), { force: true });
      }
    },
  };
};

const readInto = async (file: string, into: Uint8Array): Promise<boolean> => {
  const handle = await open(file).catch(() => null);
  if (handle === null) return false;
  try {
    for (let at = 0; at < into.length; ) {
      const { bytesRead } = await handle.read(into, at, into.length - at, at);
      if (bytesRead === 0) return false;
      at += bytesRead;
    }
    return true;
  } finally {
    await handle.close();
  }
};
