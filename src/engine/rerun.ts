/**
 * Creates the same job again, under the name of the viewer and with what the viewer may use. The stored input of the
 * first job is used. Its secrets were not kept, so the viewer sends them, by the paths at which the input had them.
 */
import { z } from 'zod';
import { badInput, notFound } from '../errors.ts';
import { type Access, requireCreateJobs } from '../jobs/access.ts';
import type { Job, JobId } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Store } from '../store/store.ts';
import type { Create, Created, Creator } from './create.ts';
import type { KeyOf } from './idempotency.ts';
import { redactedPaths, withValueAt } from './secret-paths.ts';

interface Sources {
  readonly store: Store;
  readonly registry: Registry;
  readonly create: Create;
  readonly keyOf: KeyOf;
}

export interface RerunRequest {
  readonly id: JobId;
  readonly secrets: unknown;
  readonly idempotencyKey: string | null;
}

const SECRETS = z.record(z.string(), z.string());

/** @throws FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, IDEMPOTENCY_CONFLICT, and what the creation of such a job throws */
export const rerun = async (
  { store, registry, create, keyOf }: Sources,
  { id, secrets, idempotencyKey }: RerunRequest,
  creator: Creator,
  access: Access,
): Promise<Created> => {
  const { viewer } = creator;
  requireCreateJobs(viewer);
  const given = readSecrets(secrets);
  const idempotency = await keyOf('rerunJob', idempotencyKey, { id, secrets: given });
  const before = idempotency === null ? null : await store.jobByKey(viewer.name, idempotency);
  if (before !== null) return { id: before, created: false, returnedOnce: {} };
  const first = await store.job(id, access);
  if (first === null) throw notFound(`job ${id} does not exist`);
  if (first.inputJson === null) {
    throw badInput('input.id', `job ${id} cannot be run again: its input was not kept. Create the job with its input`);
  }
  if (registry.find(first.typeName) === undefined) {
    throw badInput('input.id', `job ${id} cannot be run again: no server knows ${first.typeName}`);
  }
  const input = withSecrets(first, given);
  return create(first.typeName, input, creator, {
    again: { rerunOf: id, inputJson: first.inputJson, idempotency },
  });
};

/** By path. A path may also begin with `input.`, as it does in the errors of a creation. */
const readSecrets = (secrets: unknown): Readonly<Record<string, string>> => {
  const parsed = SECRETS.safeParse(secrets ?? {});
  if (!parsed.success) {
    throw badInput(
      'input.secrets',
      'input.secrets must be an object of texts by path, such as {"sources.0": "s3://…"}',
    );
  }
  return Object.fromEntries(Object.entries(parsed.data).map(([path, value]) => [path.replace(/^input\./, ''), value]));
};

const withSecrets = ({ id, inputJson, secretPaths }: Job, secrets: Readonly<Record<string, string>>): unknown => {
  const paths = secretPaths ?? redactedPaths(inputJson);
  const unknown = Object.keys(secrets).find((path) => !paths.includes(path));
  if (unknown !== undefined) {
    const field = `input.secrets.${unknown}`;
    throw badInput(field, `${field}: the input of job ${id} had no secret at ${unknown}`);
  }
  return paths.reduce((input, path) => {
    const value = secrets[path];
    const field = `input.secrets.${path}`;
    if (value !== undefined) return withValueAt(input, path.split('.'), value);
    throw badInput(
      field,
      `${field} is missing: the input of job ${id} had a secret at ${path}, which was not kept. Send its whole value`,
    );
  }, inputJson);
};
