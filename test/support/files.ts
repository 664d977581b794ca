/** What is in the files of a folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file, at any depth, in whose bytes a text occurs. */
export const filesWith = (folder: string, text: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => {
    const stats = statSync(join(folder, path), { throwIfNoEntry: false });
    return stats?.isFile() === true && readFileSync(join(folder, path)).includes(text);
  });
