/** The requests of workers in other programs. docs/worker-protocol.md describes them for authors of workers. */
import { z } from 'zod';
import { badInput, cutText } from '../errors.ts';
import { RETRY_POLICY } from '../jobs/kind-options.ts';
import { KIND_NAME, REMOTE_DEFINITION } from '../jobs/remote.ts';

/** The largest body of a request. */
export const MAX_WORKER_BODY_BYTES = 4_194_304;
const MAX_CHECKPOINT_BYTES = 1_048_576 + 1_024;
const MAX_RESULT_BYTES = 65_536;
/** Saves or reports in one request. */
const MAX_BATCH = 100;
const MAX_SLOTS = 1_024;

const text = z.string().max(65_536);
const jobId = z.string().regex(/^\d{1,16}$/, 'must be the id of a job');
const jobIds = z.array(jobId).max(10_000);
const session = z.string().max(16_384);
/** Converted to JSON, of at most so many bytes. */
const json = (maxBytes: number) =>
  z.json().transform((value, context) => {
    const written = JSON.stringify(value);
    const bytes = Buffer.byteLength(written);
    if (bytes > maxBytes) context.addIssue(`has ${bytes} bytes: at most ${maxBytes} are allowed`);
    return written;
  });

const counters = z
  .record(z.string().min(1).max(100), z.int().min(0))
  .refine((all) => Object.keys(all).length <= 100, 'must have at most 100 entries');

const saved = {
  checkpoint: json(MAX_CHECKPOINT_BYTES).optional(),
  fractionCompleted: z.number().min(0).max(1).optional(),
  message: text.optional(),
  counters: counters.optional(),
  warnings: z.array(text).max(100).optional(),
};
const claim = { jobId, epoch: z.int().min(1) };

export const START = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, 'must not have control characters'),
  kinds: z
    .array(REMOTE_DEFINITION.extend({ name: z.string().regex(KIND_NAME, 'must be upper-case letters, digits and _') }))
    .min(1)
    .max(100),
});

export const CLAIM = z.strictObject({
  session,
  /** Free slots. */
  running: z.int().min(0).max(MAX_SLOTS),
  reverting: z.int().min(0).max(MAX_SLOTS),
  holding: jobIds,
  /** Those of `holding` that have been asked to stop. */
  stopping: jobIds.default([]),
  /** Whether to wait if there is nothing to do. */
  wait: z.boolean().default(true),
});

export const SAVE = z.strictObject({
  session,
  jobs: z
    .array(z.strictObject({ ...claim, ...saved, commit: z.boolean().default(false) }))
    .min(1)
    .max(MAX_BATCH),
});

export const SETTLE = z.strictObject({
  session,
  jobs: z
    .array(
      z.strictObject({
        ...claim,
        report: z.enum(['finished', 'stopped', 'failed', 'retry', 'pauseAsked', 'reverted', 'revertFailed']),
        error: text.optional(),
        /** With values of a row: only for those who may read rows. */
        rowError: text.optional(),
        /** With `retry`: how the job is tried again, where that differs from the policy of the server. */
        retry: RETRY_POLICY.optional(),
        ...saved,
        result: json(MAX_RESULT_BYTES).optional(),
      }),
    )
    .min(1)
    .max(MAX_BATCH),
});

export const STOP = z.strictObject({ session });

type Save = z.output<typeof SAVE>['jobs'][number];
export type SavedFields = Pick<Save, 'checkpoint' | 'fractionCompleted' | 'message' | 'counters' | 'warnings'>;

/** @throws BAD_USER_INPUT naming the field */
export const parseMessage = <S extends z.ZodType>(schema: S, body: unknown): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'body';
  throw badInput(field, `${field}: ${cutText(issue?.message ?? 'is invalid')}`);
};
