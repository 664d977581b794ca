import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { SignalboxError } from '../errors.ts';
import { fieldOf } from './error-field.ts';

type Extensions = Readonly<Record<string, unknown>>;

/**
 * What leaves the server of an error, each with one code of the closed list: what the caller did wrong, as it is; what
 * graphql and yoga say of a request as a whole; and everything else as INTERNAL_SERVER_ERROR with an id, under which
 * the log has the cause. An error that has been through here comes back as it is. `extensions.http` is for the answer's
 * status and is not sent.
 */
export const createMaskError = (log: Logger) => {
  const masked = new WeakSet<object>();
  const internal = (error: unknown, cause: unknown) => {
    const errorId = randomUUID();
    log.error(
      { err: cause, errorId, path: error instanceof GraphQLError ? error.path : undefined },
      'a request failed',
    );
    return withExtensions(error, 'internal server error', { code: 'INTERNAL_SERVER_ERROR', errorId });
  };
  return (error: unknown): GraphQLError => {
    const chain = chainOf(error);
    const known = chain.find((link) => masked.has(link as object));
    if (known !== undefined) return known as GraphQLError;
    const cause = chain.at(-1);
    const answer =
      cause instanceof SignalboxError ? ofSignalbox(error, cause) : (ofRequest(error, chain) ?? internal(error, cause));
    masked.add(answer);
    return answer;
  };
};

/** An error and what it wraps, the first cause last. */
const chainOf = (error: unknown): readonly unknown[] => {
  const chain = [error];
  for (let link = error; link instanceof GraphQLError && link.originalError; link = chain.at(-1)) {
    chain.push(link.originalError);
  }
  return chain;
};

const ofSignalbox = (error: unknown, { code, message, extensions }: SignalboxError) => {
  const status = code === 'UNAUTHENTICATED' ? 401 : code === 'UNAVAILABLE' ? 503 : null;
  const isWhole = !(error instanceof GraphQLError) || error.path === undefined;
  return withExtensions(error, message, {
    code,
    ...extensions,
    ...(isWhole && status !== null ? { http: { status } } : {}),
  });
};

/** What graphql and yoga refuse by themselves. Null for what is none of that: a resolver's own fault, wrapped or not. */
const ofRequest = (error: unknown, chain: readonly unknown[]): GraphQLError | null => {
  if (!(error instanceof GraphQLError)) return null;
  // graphql wraps what it says of variables and arguments as it wraps the faults of resolvers: only the sentence differs.
  const said =
    chain.length === 1 ? error : chain.find((link) => link instanceof GraphQLError && OF_INPUT.test(link.message));
  if (!(said instanceof GraphQLError)) return null;
  const { code, http } = said.extensions;
  if (code === 'GRAPHQL_PARSE_FAILED' || said.message.startsWith('Syntax Error')) {
    return withExtensions(error, said.message, { code: 'GRAPHQL_PARSE_FAILED', http: http ?? BAD_REQUEST });
  }
  if (code === 'GRAPHQL_VALIDATION_FAILED') return withExtensions(error, said.message, { code, http });
  return withExtensions(error, said.message, {
    code: 'BAD_USER_INPUT',
    field: fieldOf(said),
    ...(error.path === undefined ? { http: http && !OF_INPUT.test(said.message) ? http : BAD_REQUEST } : {}),
  });
};

const OF_INPUT = /^(Variable "\$|Argument ")/;

/** 400, but to a client that takes only application/json 200, as GraphQL over HTTP has it. */
const BAD_REQUEST = { spec: true, status: 400 };

const withExtensions = (error: unknown, message: string, extensions: Extensions) => {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { extensions, nodes, source, positions, path });
};
