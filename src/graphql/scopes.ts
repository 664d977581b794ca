import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { checkScope, type RootField } from '../auth/scope.ts';
import type { Context } from './context.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Checks the scope of the token before every root field of the schema, including those that are added later. */
export const enforceScopes = (schema: GraphQLSchema): GraphQLSchema => {
  guard(schema.getQueryType(), 'query', 'resolve');
  guard(schema.getMutationType(), 'mutation', 'resolve');
  guard(schema.getSubscriptionType(), 'subscription', 'subscribe');
  return schema;
};

const guard = (
  type: GraphQLObjectType | null | undefined,
  operation: RootField['operation'],
  how: 'resolve' | 'subscribe',
) => {
  for (const field of Object.values(type?.getFields() ?? {})) {
    const inner: Resolver = field[how] ?? defaultFieldResolver;
    const guarded: Resolver = (source, args, context, info) => {
      checkScope(context.identity.scope, { operation, name: field.name, args });
      return inner(source, args, context, info);
    };
    field[how] = guarded;
  }
};
