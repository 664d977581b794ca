/** The input of a creation: parsed once, here, with the field that is wrong named in every refusal. */
import { z } from 'zod';
import { badInput } from '../../errors.ts';

const MOST_TABLES = 100;
const LONGEST_RESOLVED_MS = 24 * 60 * 60 * 1_000;

const INPUT = z
  .object({
    database: z.string(),
    tables: z
      .array(z.string())
      .min(1, { error: 'tables is empty' })
      .max(MOST_TABLES, { error: `tables are more than ${MOST_TABLES}` }),
    sink: z.string().nullish().default(null),
    envelope: z.enum(['WRAPPED', 'BARE', 'KEY_ONLY']).default('WRAPPED'),
    diff: z.boolean().default(false),
    updated: z.boolean().default(false),
    resolvedEveryMs: z
      .number()
      .refine((ms) => Number.isInteger(ms) && ms >= 1 && ms <= LONGEST_RESOLVED_MS, {
        error: ({ input }) => `resolvedEveryMs ${input} must be from 1 to ${LONGEST_RESOLVED_MS}`,
      })
      .nullish()
      .default(null),
    initialScan: z.enum(['YES', 'NO', 'ONLY']).default('YES'),
    onError: z.enum(['FAIL', 'PAUSE']).default('FAIL'),
  })
  .superRefine(({ diff, envelope }, context) => {
    if (!diff || envelope === 'WRAPPED') return;
    const message = `diff is for envelope WRAPPED: ${envelope} has no place for the row as it was`;
    context.addIssue({ code: 'custom', path: ['diff'], message });
  });

export type GivenInput = z.input<typeof INPUT>;
export type Input = z.output<typeof INPUT>;

/** @throws badInput naming the first field that is wrong */
export const parseInput = (input: unknown): Input => {
  const parsed = INPUT.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badInput(['input', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not the input of a changefeed');
};
