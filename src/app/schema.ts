/** The schema, assembled from its subjects and the kinds. */
import { GraphQLSchema } from 'graphql';
import { ERROR_CODES } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { withKinds } from '../graphql/custom-kinds.ts';
import { enforceScopes } from '../graphql/scopes.ts';
import type { Kind } from '../jobs/kind.ts';
import '../graphql/subjects.ts';
import '../kinds/api.ts';

const description = `Runs long jobs on databases, and pauses, resumes and cancels them while they run.

Clients must expect new types, fields and enum values; docs/api-stability.md describes how the API changes.

Every error has \`extensions.code\`, which is one of the following. docs/errors.md describes what a client should do.

${Object.entries(ERROR_CODES)
  .map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
  .join('\n')}`;

const base = new GraphQLSchema({ ...builder.toSchema().toConfig(), description });

/** The schema of a server with these kinds. @throws Error if a kind needs a name that is taken */
export const schemaWith = (kinds: readonly Kind[]): GraphQLSchema => enforceScopes(withKinds(base, kinds));

/** The schema of a server without custom kinds. */
export const schema = schemaWith([]);
