/** The input of a creation: parsed once, here, with the field that is wrong named in every refusal. */
import { z } from 'zod';
import { isReserved } from '../../databases/sqlite/names.ts';
import { show } from '../../databases/sqlite/show.ts';
import { badInput } from '../../errors.ts';
import type { Change } from './details.ts';

export interface Input {
  readonly database: string;
  readonly changes: readonly Change[];
}

/** @throws badInput naming the first field that is wrong */
export const parseInput = (input: unknown): Input => {
  const parsed = INPUT.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badInput(['input', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not the input of a schema change');
};

const MAX_NAME = 255;
const MAX_TEXT = 10_000;
const MAX_CHANGES = 100;

const nameWrong = (name: string): string | null => {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL character';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  return name.length > MAX_NAME ? `is longer than ${MAX_NAME} characters` : null;
};

const reservedWrong = (name: string): string | null =>
  isReserved(name) ? 'begins with sqlite_ or _signalbox_, which are reserved' : nameWrong(name);

const checked = (what: string, wrong: (value: string) => string | null) =>
  z.string().superRefine((value, context) => {
    const message = wrong(value);
    if (message !== null) context.addIssue({ code: 'custom', message: `${what} ${show(value)} ${message}` });
  });

/** Left out and null mean the same. */
const or = <T extends z.ZodType, D>(schema: T, missing: D) => schema.nullish().transform((value) => value ?? missing);

const table = checked('table', reservedWrong);
const column = checked('column', nameWrong);
const index = checked('index', reservedWrong);
const text = z.string().max(MAX_TEXT, { error: `is longer than ${MAX_TEXT} characters` });

const CHANGES = {
  addColumn: z.object({
    table,
    column: z.object({
      name: column,
      type: text,
      nullable: or(z.boolean(), true),
      primaryKey: or(z.literal(false, { error: 'a column that is added cannot be the primary key' }), false),
      default: or(text, null),
    }),
  }),
  dropColumn: z.object({ table, column }),
  renameColumn: z.object({ table, column, to: column }),
  alterColumn: z
    .object({
      table,
      column,
      type: or(text, null),
      nullable: or(z.boolean(), null),
      default: or(text, null),
      dropDefault: or(z.boolean(), false),
    })
    .superRefine((change, context) => {
      const { type, nullable, dropDefault } = change;
      if (change.default !== null && dropDefault) {
        context.addIssue({ code: 'custom', path: ['dropDefault'], message: 'default and dropDefault are both given' });
      }
      if (type === null && nullable === null && change.default === null && !dropDefault) {
        const message = 'nothing is changed: give type, nullable, default or dropDefault';
        context.addIssue({ code: 'custom', path: [], message });
      }
    }),
  createIndex: z.object({
    table,
    name: index,
    columns: z.array(column).min(1, { error: 'columns is empty' }),
    unique: or(z.boolean(), false),
    where: or(text, null),
  }),
  dropIndex: z.object({ table, name: index }),
} as const satisfies Record<Change['what'], z.ZodType>;

/** One of them, and no other, as in the API. */
const CHANGE = z
  .record(z.string(), z.unknown())
  .superRefine((change, context) => {
    const given = Object.keys(change).filter((what) => change[what] !== null && change[what] !== undefined);
    const known = given.every((what) => what in CHANGES);
    if (given.length === 1 && known) return;
    const message = `a change is one of ${Object.keys(CHANGES).join(', ')}: ${show(given.join(', '))} is given`;
    context.addIssue({ code: 'custom', message });
  })
  .transform((change, context): Change => {
    const [what] = Object.keys(change).filter((name) => change[name] !== null && change[name] !== undefined);
    const parsed = CHANGES[what as Change['what']].safeParse(change[what as string]);
    if (parsed.success) return { what, ...parsed.data } as Change;
    for (const { path, message } of parsed.error.issues) {
      context.addIssue({ code: 'custom', path: [what as string, ...path], message });
    }
    return z.NEVER;
  });

const INPUT = z.object({
  database: z.string(),
  changes: z
    .array(CHANGE)
    .min(1, { error: 'changes is empty' })
    .max(MAX_CHANGES, { error: `changes are more than ${MAX_CHANGES}` }),
});

export type GivenInput = z.input<typeof INPUT>;
