/** Operations that select every field of the schema: what a viewer can see at all. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

export type Operation = 'query' | 'mutation' | 'subscription';

export const rootOf = (schema: GraphQLSchema, operation: Operation): GraphQLObjectType => {
  const root = {
    query: schema.getQueryType,
    mutation: schema.getMutationType,
    subscription: schema.getSubscriptionType,
  };
  const type = root[operation].call(schema);
  if (type == null) throw new Error(`the schema has no ${operation}`);
  return type;
};

/** The fields of types that lead further, as `Type.field`: those of objects that implement an interface, by it. */
export const leadingFields = (schema: GraphQLSchema): readonly string[] =>
  Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields())
      .filter((field) => isCompositeType(getNamedType(field.type)))
      .map((field) => ownerOf(type, field.name));
  });

/** The interface that declares a field, or the type itself. */
const ownerOf = (type: GraphQLObjectType, field: string) =>
  `${type.getInterfaces().find((one) => field in one.getFields())?.name ?? type.name}.${field}`;

/** Selects all below a field, no type more than twice on the way down, and records each field that is selected. */
export const selectAll = (schema: GraphQLSchema, type: GraphQLOutputType, seen: Set<string>): string => {
  const select = (named: GraphQLOutputType, above: readonly string[]): string => {
    const one = getNamedType(named);
    if (!isCompositeType(one)) return '';
    const parts = isAbstractType(one) ? schema.getPossibleTypes(one) : [one];
    const below = [...above, one.name];
    const selections = parts.map((part) => {
      const fields = Object.values(part.getFields()).flatMap((field) => selectField(part, field, below));
      return parts.length === 1 && part === one ? fields.join(' ') : `... on ${part.name} { ${fields.join(' ')} }`;
    });
    return `{ __typename ${selections.join(' ')} }`;
  };
  const selectField = (part: GraphQLObjectType, field: GraphQLField<unknown, unknown>, above: readonly string[]) => {
    if (field.args.some(isRequiredArgument)) throw new Error(`${part.name}.${field.name} needs arguments: say which`);
    const target = getNamedType(field.type);
    const isLeading = isCompositeType(target);
    // Every job has a schedule, which has jobs: a node alone would select more than a document may contain.
    if (part.name === 'Schedule' && field.name === 'jobs' && above[0] !== 'Schedule') return [];
    if (target.name === 'Schedule' && above[0] === 'Node' && above.length > 1) return [];
    if (isLeading && (above.filter((name) => name === target.name).length > 0 || above.length > 6)) return [];
    if (isLeading) seen.add(ownerOf(part, field.name));
    // Fields of the same name may differ in whether they can be null: no two of these are merged.
    const alias = isNonNullType(field.type) ? `${field.name}_` : field.name;
    return [`${alias}${part.getInterfaces().length > 0 ? part.name : ''}: ${field.name} ${select(field.type, above)}`];
  };
  return select(type, []);
};
