// The kind of bench/own-jobs.ts, as a module that processes and workers load.

import { z } from 'zod';
import { defineKind } from '../../dist/index.js';

export const empty = defineKind({
  name: 'EMPTY',
  input: z.object({}),
  async *run({ checkpoint }) {
    if (checkpoint !== null) yield { checkpoint };
  },
});
