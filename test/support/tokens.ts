/** A server that wants tokens, and a token of root for it. */
import { createToken } from '../../src/engine/tokens.ts';
import { startApp, type TestApp } from './app.ts';
import { type GraphQLReply, postJson } from './wire.ts';

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export interface Created {
  readonly token: string;
  readonly id: string;
  readonly expiresAt: string | null;
}

/** A token as `npm run token` creates it. */
export const tokenFor = async (
  { store }: Pick<TestApp, 'store'>,
  userName: string,
  more: object = {},
  now = Date.now(),
): Promise<{ readonly token: string; readonly id: string }> => {
  const root = { name: 'root', isAdmin: true, privileges: [], databases: [], files: 'none' as const };
  const created = await createToken(store, { userName, scope: 'FULL', ...more }, root, { scope: 'FULL' }, now);
  // The server reads the tokens after the commit, and before this.
  await store.tokens();
  return created;
};

export const startWithTokens = async ({ settings, ...more }: NonNullable<Parameters<typeof startApp>[0]> = {}) => {
  const app = await startApp({ ...more, settings: { AUTH: 'token', ...settings } });
  const root = await tokenFor(app, 'root', {}, more.now?.());
  const ask = async (token: string, query: string, variables: object = {}): Promise<GraphQLReply> =>
    (await postJson(app.url, { query, variables }, bearer(token))).json;
  const run = async <T = unknown>(token: string, query: string, variables: object = {}): Promise<T> => {
    const { data, errors } = await ask(token, query, variables);
    if (errors?.[0] !== undefined) throw Object.assign(new Error(errors[0].message), errors[0].extensions);
    return Object.values(data ?? {})[0] as T;
  };
  return {
    app,
    url: app.url,
    root: root.token,
    ask,
    /** The only field of an operation; its first error is thrown. */
    run,
    addUser: (name: string, rights: object = {}) => run(root.token, ADD_USER, { input: { name, ...rights } }),
    create: (token: string, input: object) => run<Created>(token, CREATE_TOKEN, { input }),
    revoke: (token: string, id: string) => run(token, 'mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
};

const ADD_USER = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { name } } }';
const CREATE_TOKEN = 'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token id expiresAt } }';
