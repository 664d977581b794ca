/** The clients that front ends use, each as its documentation sets it up: HTTP for requests, a socket for subscriptions. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { fetchExchange, subscriptionExchange, Client as UrqlClient } from '@urql/core';
import { OperationTypeNode } from 'graphql';
import type { Client } from 'graphql-ws';
import { resuming } from '../../examples/resuming.ts';
import type { GraphQLReply } from './wire.ts';

type Variables = Record<string, unknown>;
type Data = Record<string, unknown>;

export interface FrontEnd {
  query(query: string, variables?: Variables): Promise<Data>;
  mutate(mutation: string, variables?: Variables): Promise<Data>;
  /** Returns a function that ends the subscription. */
  subscribe(subscription: string, variables: Variables, next: (data: Data) => void): () => void;
  stop(): void;
}

/** `socket` is the client of graphql-ws for subscriptions; `headers` go with each request. */
export type CreateFrontEnd = (url: string, headers: Record<string, string>, socket: Client) => FrontEnd;

const apollo: CreateFrontEnd = (url, headers, socket) => {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(resuming(socket)),
      new HttpLink({ uri: url, headers }),
    ),
  });
  return {
    query: async (query, variables = {}) => dataOf(await client.query<Data>({ query: gql(query), variables })),
    mutate: async (mutation, variables = {}) =>
      dataOf(await client.mutate<Data>({ mutation: gql(mutation), variables })),
    subscribe: (subscription, variables, next) => {
      const results = client.subscribe<Data>({ query: gql(subscription), variables });
      const subscribed = results.subscribe((result) => next(dataOf(result)));
      return () => subscribed.unsubscribe();
    },
    stop: () => client.stop(),
  };
};

const urql: CreateFrontEnd = (url, headers, socket) => {
  const sockets = resuming(socket);
  const client = new UrqlClient({
    url,
    fetchOptions: { headers },
    preferGetMethod: true,
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({
            unsubscribe: sockets.subscribe<Data, unknown>(
              { query, variables },
              sink as Parameters<Client['subscribe']>[1],
            ),
          }),
        }),
      }),
    ],
  });
  return {
    query: async (query, variables = {}) => dataOf(await client.query<Data>(query, variables)),
    mutate: async (mutation, variables = {}) => dataOf(await client.mutation<Data>(mutation, variables)),
    subscribe: (subscription, variables, next) => {
      const { unsubscribe } = client
        .subscription<Data>(subscription, variables)
        .subscribe((result) => next(dataOf(result)));
      return unsubscribe;
    },
    stop: () => undefined,
  };
};

/** All operations over one socket. */
const graphqlWs: CreateFrontEnd = (_url, _headers, socket) => {
  const client = resuming(socket);
  const once = async (query: string, variables: Variables = {}) => {
    for await (const result of client.iterate<Data>({ query, variables })) return dataOf(result);
    throw new Error('there was no answer');
  };
  return {
    query: once,
    mutate: once,
    subscribe: (query, variables, next) =>
      client.subscribe<Data>(
        { query, variables },
        { next: (result) => next(dataOf(result)), error: (error) => next({ error }), complete: () => undefined },
      ),
    stop: () => undefined,
  };
};

export const FRONT_ENDS = { 'Apollo Client': apollo, urql, 'the client of graphql-ws': graphqlWs };

const dataOf = ({
  data,
  ...others
}: {
  data?: unknown;
  error?: unknown;
  errors?: GraphQLReply['errors'] | unknown;
}): Data => {
  const problem = others.error ?? others.errors;
  if (problem !== undefined || data === null || data === undefined) throw problem ?? new Error('there is no data');
  return data as Data;
};
