import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

/**
 * What of a contract a schema does not keep, one line each: what is missing, and what has another type, another default
 * or lost its @oneOf. Unlike graphql's `findBreakingChanges` it counts every change of nullability: a field that
 * becomes non-null takes away the null that keeps one failing field from hiding the others.
 */
export const differencesFrom = (contract: GraphQLSchema, schema: GraphQLSchema): readonly string[] =>
  Object.values(contract.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type))
    .flatMap((type) => {
      const found = schema.getType(type.name);
      if (found === undefined) return [`${type.name} is missing`];
      if (found.constructor !== type.constructor) return [`${type.name} is another kind of type`];
      return membersLost(type, found);
    })
    .sort();

const membersLost = (wanted: GraphQLNamedType, found: GraphQLNamedType): readonly string[] => {
  if (isEnumType(wanted) && isEnumType(found)) {
    return missing(wanted.name, namesOf(wanted.getValues()), namesOf(found.getValues()));
  }
  if (isUnionType(wanted) && isUnionType(found)) {
    return missing(wanted.name, namesOf(wanted.getTypes()), namesOf(found.getTypes()));
  }
  if (isInputObjectType(wanted) && isInputObjectType(found)) {
    const lost = wanted.isOneOf && !found.isOneOf ? [`${wanted.name} is not @oneOf`] : [];
    return [...lost, ...inputsLost(wanted.name, Object.values(wanted.getFields()), Object.values(found.getFields()))];
  }
  if (!hasFields(wanted) || !hasFields(found)) return [];
  const interfaces = missing(wanted.name, namesOf(wanted.getInterfaces()), namesOf(found.getInterfaces()));
  const fields = Object.values(wanted.getFields()).flatMap((field) => {
    const path = `${wanted.name}.${field.name}`;
    const other = found.getFields()[field.name];
    if (other === undefined) return [`${path} is missing`];
    return [...typeLost(path, field, other), ...inputsLost(path, field.args, other.args)];
  });
  return [...interfaces, ...fields];
};

const hasFields = (type: GraphQLNamedType) => isObjectType(type) || isInterfaceType(type);
const namesOf = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

const missing = (path: string, wanted: readonly string[], found: readonly string[]) =>
  wanted.filter((name) => !found.includes(name)).map((name) => `${path}: ${name} is missing`);

interface Typed {
  readonly type: { toString(): string };
}

const typeLost = (path: string, wanted: Typed, found: Typed) =>
  String(wanted.type) === String(found.type) ? [] : [`${path} is ${found.type} instead of ${wanted.type}`];

type Given = Pick<GraphQLArgument, 'name' | 'type' | 'defaultValue'>;

/** Arguments of a field, or fields of an input. */
const inputsLost = (path: string, wanted: readonly Given[], found: readonly Given[]) =>
  wanted.flatMap((input) => {
    const at = `${path}(${input.name})`;
    const other = found.find(({ name }) => name === input.name);
    if (other === undefined) return [`${at} is missing`];
    const [before, after] = [input.defaultValue, other.defaultValue].map((value) => JSON.stringify(value) ?? 'none');
    return [
      ...typeLost(at, input, other),
      ...(before === after ? [] : [`${at} has the default ${after} instead of ${before}`]),
    ];
  });
