// HASH_FILES: writes the SHA-256 of every file in a folder to a list, one file at a time. It can be paused after each
// file. Run it with `npm start -- --kinds examples/kinds/hash-files.mjs`.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { defineKind } from 'signalbox';
import { z } from 'zod';

export const hashFiles = defineKind({
  name: 'HASH_FILES',
  description: 'Writes the SHA-256 of every file in a folder to a list, as sha256sum does.',
  input: z.object({
    folder: z.string().describe('The folder whose files are read.'),
    list: z.string().describe('The file that the list is written to.'),
  }),
  describe: ({ folder, list }) => `HASH FILES IN '${folder}' INTO '${list}'`,
  // Two jobs that write the same list run one after the other.
  exclusive: ({ list }) => list,
  async *run({ input, checkpoint }, { signal }) {
    const entries = await readdir(input.folder, { withFileTypes: true });
    const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
    let done = checkpoint?.done ?? 0;
    // Lines after the checkpoint were written before a crash: they are written again.
    const lines = done === 0 ? [] : (await readFile(input.list, 'utf8')).split('\n').slice(0, done);
    for (const name of names.slice(done)) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(join(input.folder, name)), hash, { signal });
      lines.push(`${hash.digest('hex')}  ${name}`);
      await writeFile(input.list, `${lines.join('\n')}\n`);
      done += 1;
      yield { checkpoint: { done }, fractionCompleted: done / names.length, counters: { files: done } };
    }
    return { files: done };
  },
  async revert({ input }) {
    await rm(input.list, { force: true });
  },
});
