/** Tokens of users, and the mutations that create and revoke them. */
import { SCOPES } from '../auth/scope.ts';
import type { Token } from '../auth/token.ts';
import { createToken, revokeToken } from '../engine/tokens.ts';
import { builder } from './builder.ts';
import { describeValues } from './inputs.ts';

export const TokenScopeEnum = builder.enumType('TokenScope', {
  description: 'What a token permits. A token never permits more than its user may do.',
  values: describeValues(SCOPES, {
    FULL: 'Everything that its user may do.',
    READ: 'Queries and subscriptions.',
    PREVIEW: 'Queries, subscriptions, and mutations with `dryRun: true`.',
    WORKER: 'Only claiming and reporting jobs of the kinds that it names. Of the queries: `viewer` and `server`.',
  }),
});

export const TokenType = builder.objectRef<Token>('Token').implement({
  description: 'A token with which a user signs in. The token itself is shown only when it is created.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id: the part of the token that is not secret.' }),
    name: t.exposeString('name', { nullable: true, description: 'A note about its use.' }),
    scope: t.expose('scope', { type: TokenScopeEnum, description: 'What the token permits.' }),
    kinds: t.field({
      type: ['String'],
      nullable: true,
      description: 'The kinds of jobs that a token of scope WORKER may claim. Null for the other scopes.',
      resolve: ({ kinds }) => kinds,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the token was created.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the token expires. Null if it does not.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody last signed in with the token, to the minute. Null if it was never used.',
    }),
  }),
});

const CreateTokenInput = builder.inputType('CreateTokenInput', {
  description: 'A token to create.',
  fields: (t) => ({
    userName: t.string({ required: true, description: 'The user who signs in with it.' }),
    name: t.string({ description: 'A note about its use, of 1 to 100 characters.' }),
    scope: t.field({
      type: TokenScopeEnum,
      required: true,
      defaultValue: 'FULL' as const,
      description: 'What the token permits: nothing that the token in use does not permit.',
    }),
    kinds: t.stringList({ description: 'The kinds of jobs that it may claim. Required for WORKER, and only for it.' }),
    expiresInSeconds: t.int({
      description: 'The token expires after this time, from 1 second to 10 years. It does not expire if omitted.',
    }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer ' +
        'returns the same token with a new secret, and the earlier secret is no longer valid. With a different input ' +
        'it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

const CreateTokenPayload = builder.objectRef<Awaited<ReturnType<typeof createToken>>>('CreateTokenPayload').implement({
  description: 'The result of `createToken`.',
  fields: (t) => ({
    token: t.exposeString('token', { description: 'The token. It is shown only here: only its hash is stored.' }),
    id: t.exposeID('id', { description: 'The id, to revoke it.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the token expires. Null if it does not.',
    }),
  }),
});

const RevokeTokenPayload = builder.objectRef<{ readonly id: string }>('RevokeTokenPayload').implement({
  description: 'The result of `revokeToken`.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'The id of the token.' }) }),
});

builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreateTokenPayload,
    nullable: true,
    description:
      'Creates a token. Admins create tokens for anyone, and users for themselves, with no wider scope than the token ' +
      'that they use; FORBIDDEN otherwise. NOT_FOUND if there is no such user, TOO_MANY if the user has 100 tokens.',
    args: { input: t.arg({ type: CreateTokenInput, required: true, description: 'The token.' }) },
    resolve: async (_, { input: { idempotencyKey, ...input } }, { store, viewers, viewer, identity, now, keyOf }) => {
      const key = () => keyOf('createToken', idempotencyKey, input);
      const created = await createToken(store, input, viewer(), identity, now(), key);
      // A client that has read this answer may connect with the token immediately.
      await viewers.refresh();
      return created;
    },
  }),
  revokeToken: t.field({
    type: RevokeTokenPayload,
    nullable: true,
    description:
      'Revokes a token. Streams that were opened with it end within a second. Users revoke their own tokens, and admins ' +
      'all; NOT_FOUND otherwise.',
    args: { id: t.arg.id({ required: true, description: 'The id of the token.' }) },
    resolve: async (_, { id }, { store, viewers, viewer, by }) => {
      await revokeToken(store, viewers, id, viewer(), by());
      await viewers.refresh();
      return { id };
    },
  }),
}));
