/** A folder of files that can be fetched again: those used last are kept, up to so many bytes. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Cache {
  /** Null when it is not kept. */
  get(name: string): Promise<Buffer | null>;
  put(name: string, content: Uint8Array): Promise<void>;
}

const MAX_BYTES = 1024 * 1024 * 1024;

/** What is in the folder of an earlier time is used, and never counted. */
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
    get: async (name) => {
      const content = await readFile(path.join(folder, name)).catch(() => null);
      if (content !== null) use(name, content.length);
      return content;
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
