import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { checkScope, type RootField } from '../auth/scope.ts';
import { requireNoMaintenance } from '../jobs/access.ts';
import type { Context } from './context.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Schemas share fields: each is guarded once. */
const GUARDED = new WeakSet<Resolver>();

/** Checks the scope of the token, and whether the server is in maintenance, before every root field of the schema. */
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
    if (GUARDED.has(inner)) continue;
    const guarded: Resolver = (source, args, context, info) => {
      checkScope(context.identity.scope, { operation, name: field.name, args });
      // A reader of a changefeed acknowledges, and so removes, what came before its cursor.
      const writes = operation === 'mutation' || (operation === 'subscription' && field.name === 'changefeed');
      if (writes) requireNoMaintenance(context.viewer(), context.maintenance);
      return inner(source, args, context, info);
    };
    GUARDED.add(guarded);
    field[how] = guarded;
  }
};
