/**
 * The client of graphql-ws for Apollo Client and urql: when it reconnects, a subscription with the variable `after`
 * continues after the last event that it has received. By itself, graphql-ws repeats the first variables.
 *
 *     new GraphQLWsLink(resuming(createClient({ url, connectionParams })))
 */
import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';

export const resuming = (client: Client): Client => ({
  ...client,
  subscribe: <D, E>({ variables, ...payload }: SubscribePayload, sink: Sink<FormattedExecutionResult<D, E>>) => {
    const current = { ...variables };
    const next = (result: FormattedExecutionResult<D, E>) => {
      const cursor = cursorOf(result.data);
      if ('after' in current && cursor !== undefined) current.after = cursor;
      sink.next(result);
    };
    return client.subscribe<D, E>({ ...payload, variables: current }, { ...sink, next });
  },
});

/** The cursor of the event that an answer carries in its only field. */
const cursorOf = (data: unknown): string | undefined => {
  const [event] = Object.values(data ?? {}) as readonly { readonly cursor?: string }[];
  return event?.cursor;
};
