/** GraphQL types from the JSON Schema of a kind's input. */
import {
  assertScalarType,
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLFloat,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { z } from 'zod';
import type { Kind } from '../jobs/kind.ts';
import type { Context } from './context.ts';
import { inputSchemaOf } from './kinds.ts';

/** The part of JSON Schema that has a type in GraphQL. */
interface Node {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  /** `meta({ scalar: 'Count' })`: a whole number beyond those of Int. */
  readonly scalar?: string;
}

/** REINDEX_ALL → ReindexAll; pageSize → PageSize. */
export const pascalCase = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + (/[a-z]/.test(word) ? word.slice(1) : word.slice(1).toLowerCase()))
    .join('');

const GRAPHQL_NAME = /^(?!__)[_A-Za-z][_0-9A-Za-z]*$/;

/** The types of one kind, whose names begin with its own: ReindexOptions and ReindexOptionsInput for a field `options`. */
export const createTypes = (schema: GraphQLSchema, kind: Kind) => {
  const root = resolved(inputSchemaOf(kind));
  const rootName = pascalCase(kind.typeName);
  const json = scalarNamed(schema, 'JSON');
  const enums = new Map<string, GraphQLEnumType>();
  const enumNamed = (name: string, { enum: values = [], description }: Node) => {
    const known = enums.get(name);
    if (known !== undefined) return known;
    const created = new GraphQLEnumType({
      name,
      ...(description === undefined ? {} : { description }),
      values: Object.fromEntries(values.map((value) => [String(value), { value }])),
    });
    enums.set(name, created);
    return created;
  };
  const leafOf = (node: Node, name: string) => {
    const { type = '', enum: values, scalar } = node;
    if (values?.every((value) => typeof value === 'string' && GRAPHQL_NAME.test(value))) return enumNamed(name, node);
    if (scalar === 'Count') return scalarNamed(schema, scalar);
    return LEAVES[type] ?? json;
  };
  const inputType = (node: Node, name: string): GraphQLInputType => {
    if (node.items !== undefined) return new GraphQLList(new GraphQLNonNull(inputType(withoutNull(node.items), name)));
    if (!isObject(node)) return leafOf(node, name);
    return new GraphQLInputObjectType({ name: `${name}Input`, ...described(node), fields: inputFields(node, name) });
  };
  const inputFields = ({ properties = {}, required = [] }: Node, name: string) => {
    const fields: Record<string, GraphQLInputFieldConfig> = {};
    for (const [field, node] of Object.entries(properties)) {
      const inner = withoutNull(node);
      const type = inputType(inner, `${name}${pascalCase(field)}`);
      const isRequired = required.includes(field) && inner === node && node.default === undefined;
      fields[field] = {
        type: isRequired ? new GraphQLNonNull(type) : type,
        ...described(node),
        ...(node.default === undefined ? {} : { defaultValue: node.default }),
      };
    }
    return fields;
  };
  const outputType = (node: Node, name: string, path: string): GraphQLOutputType => {
    if (node.items !== undefined) return new GraphQLList(outputType(withoutNull(node.items), path, path));
    if (!isObject(node)) return leafOf(node, path);
    const fields: Record<string, GraphQLFieldConfig<Readonly<Record<string, unknown>>, Context>> = {};
    for (const [field, part] of Object.entries(node.properties ?? {})) {
      const inside = `${path}${pascalCase(field)}`;
      fields[field] = {
        type: outputType(withoutNull(part), inside, inside),
        ...described(part),
        resolve: (parent) => parent[field] ?? part.default ?? null,
      };
    }
    return new GraphQLObjectType({ name, ...described(node), fields });
  };
  return {
    json,
    /** The fields of the input. */
    input: inputFields(root, rootName),
    /** The input as an output type, or JSON if it has no fields. */
    output: outputType(root, `${rootName}JobInput`, rootName),
    /** What `run` returns, by its schema; JSON without one. */
    result:
      kind.result === undefined
        ? json
        : outputType(
            resolved(z.toJSONSchema(kind.result, { unrepresentable: 'any' }) as Root),
            `${rootName}Result`,
            `${rootName}Result`,
          ),
  };
};

const LEAVES: Readonly<Record<string, GraphQLScalarType>> = {
  string: GraphQLString,
  boolean: GraphQLBoolean,
  integer: GraphQLInt,
  number: GraphQLFloat,
};

const scalarNamed = (schema: GraphQLSchema, name: string) => assertScalarType(schema.getType(name));

const described = ({ description }: Node) => (description === undefined ? {} : { description });

/** An object whose fields all have names in GraphQL. */
const isObject = ({ type, properties = {} }: Node): boolean => {
  const names = Object.keys(properties);
  return type === 'object' && names.length > 0 && names.every((name) => GRAPHQL_NAME.test(name));
};

/** A type or null is the type. Any other union has no type in GraphQL. */
const withoutNull = (node: Node): Node => {
  const [inner, ...others] = node.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  return inner === undefined || others.length > 0 ? node : inner;
};

interface Root extends Node {
  readonly $defs?: Readonly<Record<string, Node>>;
}

/** The schema with each reference replaced by what it refers to. A schema that refers to itself is left open there. */
const resolved = (root: Root): Node => {
  const replace = (value: unknown, above: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((part) => replace(part, above));
    if (typeof value !== 'object' || value === null) return value;
    const { $ref } = value as Node;
    if ($ref !== undefined) {
      const { $defs = {} } = root;
      return above.includes($ref) ? {} : replace($defs[$ref.replace('#/$defs/', '')] ?? {}, [...above, $ref]);
    }
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replace(part, above)]));
  };
  return replace(root, ['#']) as Node;
};
