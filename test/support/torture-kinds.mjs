// Two kinds that write lines to a file, and what `signalbox torture` needs to know of them. FOLDER is where they write.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defineKind } from '../../dist/index.js';

const input = z.object({ lines: z.int() });
const LINE = 8;

const sceneOf = (name, write, more = {}) => {
  const file = join(process.env.FOLDER ?? '.', `${name}.txt`);
  return {
    kind: defineKind({
      name,
      input,
      async *run({ input: { lines }, checkpoint }) {
        for (let n = (checkpoint ?? 0) + 1; n <= lines; n += 1) {
          write(file, n);
          yield { checkpoint: n, fractionCompleted: n / lines };
        }
        return { lines };
      },
      async revert() {
        rmSync(file, { force: true });
      },
      ...more,
    }),
    input: { lines: 4 },
    reset: () => rmSync(file, { force: true }),
    observe: () => (existsSync(file) ? readFileSync(file, 'utf8') : null),
  };
};

/** Each line has a place of its own, so that writing it again changes nothing. */
export const careful = sceneOf('CAREFUL', (file, n) => {
  const target = openSync(file, existsSync(file) ? 'r+' : 'w+');
  writeSync(target, `line ${n}`.padEnd(LINE - 1).concat('\n'), (n - 1) * LINE);
  closeSync(target);
});

/** Appends: after a crash, the line after the last saved checkpoint is there twice. */
const appending = (file, n) => writeFileSync(file, `line ${n}\n`, { flag: 'a' });
export const double = process.env.DOUBLE ? sceneOf('DOUBLE', appending) : undefined;

/** Its revert forgets the first line. */
export const forgetful = process.env.FORGETFUL
  ? sceneOf('FORGETFUL', appending, {
      async revert({ checkpoint }) {
        const file = join(process.env.FOLDER ?? '.', 'FORGETFUL.txt');
        if (checkpoint === null || !existsSync(file)) return;
        const target = openSync(file, 'r+');
        ftruncateSync(target, LINE - 1);
        closeSync(target);
      },
    })
  : undefined;
