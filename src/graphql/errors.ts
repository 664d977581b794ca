import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { SignalboxError } from '../errors.ts';

/**
 * What leaves the server of an error: what the caller did wrong, as it is; what graphql itself says of a request, with
 * its code; and everything else as INTERNAL_SERVER_ERROR with an id, under which the log has the cause.
 */
export const createMaskError =
  (log: Logger) =>
  (error: unknown): GraphQLError => {
    const cause = rootOf(error);
    if (cause instanceof SignalboxError) {
      return withExtensions(error, cause.message, { code: cause.code, ...cause.extensions });
    }
    if (error instanceof GraphQLError && cause === error) {
      if (error.extensions.code !== undefined) return error;
      return withExtensions(error, error.message, { code: 'BAD_USER_INPUT', ...fieldOf(error.message) });
    }
    const errorId = randomUUID();
    log.error(
      { err: cause, errorId, path: error instanceof GraphQLError ? error.path : undefined },
      'a request failed',
    );
    return withExtensions(error, 'internal server error', { code: 'INTERNAL_SERVER_ERROR', errorId });
  };

const rootOf = (error: unknown): unknown => {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
};

const withExtensions = (error: unknown, message: string, extensions: Record<string, unknown>) => {
  const { nodes, path } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(message, { extensions, ...(nodes ? { nodes } : {}), ...(path ? { path } : {}) });
};

/** Variables that do not fit their types: graphql says which in its sentence only. */
const fieldOf = (message: string): { readonly field?: string } => {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1];
  const field = / at "([^"]+)"; /.exec(message)?.[1] ?? variable;
  return field === undefined ? {} : { field: field.replace(/\[(\d+)\]/g, '.$1') };
};
