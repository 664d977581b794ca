/** The job of a schedule, as a client gives it: a field for each kind, with the input of its own creation. */
import type { InputFieldMap, InputObjectRef } from '@pothos/core';
import type { ScheduledJob } from '../engine/scheduled-job.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';

type Input = Readonly<Record<string, unknown>>;

interface Schedulable {
  readonly type: InputObjectRef<typeof builder.$inferSchemaTypes, unknown>;
  readonly description: string;
  /** @param path that of the field in the request */
  read(given: Input, path: string): ScheduledJob;
}

const FIELDS = new Map<string, Schedulable>();

/** Adds a field to `ScheduledJobInput`. */
export const addSchedulable = (field: string, schedulable: Schedulable): void => {
  FIELDS.set(field, schedulable);
};

/** The same for a kind whose field takes the input of its creation. */
export const addSchedulableKind = (field: string, typeName: string, type: Schedulable['type'], description: string) =>
  addSchedulable(field, {
    type,
    description,
    read: (input, path) => ({ typeName, input, priority: 0, fullEvery: null, typeField: path, field: path }),
  });

export const ScheduledJobInput = builder.inputType('ScheduledJobInput', {
  description:
    'The job that a schedule creates at each run. In URLs, `{date}` and `{time}` are replaced by the local date and time ' +
    'at which the run is due, such as `2026-12-01` and `02-30-00`, and `{run}` by its number.',
  isOneOf: true,
  // The kinds add their fields before the schema is built.
  fields: (t): InputFieldMap =>
    Object.fromEntries([...FIELDS].map(([field, { type, description }]) => [field, t.field({ type, description })])),
});

/** @param path that of the input in the request */
export const readScheduledJobInput = (given: object, path: string): ScheduledJob => {
  const [[field, value] = ['', null]] = Object.entries(given).filter(([, inner]) => inner != null);
  const schedulable = FIELDS.get(field);
  if (schedulable === undefined)
    throw badInput(path, `${path} names no kind: give one of ${[...FIELDS.keys()].join(', ')}`);
  return schedulable.read(value as Input, `${path}.${field}`);
};
