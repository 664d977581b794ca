/**
 * The cost of a query, before it is executed: the number of objects and fields that it may read. A field counts once
 * for each object that it is read from, so that the sizes of pages multiply along a path, as do aliases. A field that makes the
 * server read more than a value declares that as `extensions: { cost }`.
 *
 * Selections are merged by response key as execution merges them, with fragments expanded. The time is bounded, because
 * the walk ends with the first limit that is exceeded.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  valueFromASTUntyped,
} from 'graphql';
import { queryTooCostly } from '../errors.ts';
import { overLimit, type QueryLimits } from './limits.ts';

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** How many plain fields one resolution of this field costs, in addition to itself. */
    readonly cost?: number;
  }
}

/** What a request asks for. */
export interface Request {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A connection without `first` or `last` has a page of this many. */
const DEFAULT_PAGE = 100;
/** A larger page is refused by its own field, which names the argument. */
const LARGEST_PAGE = 10_000;
/** The estimate for a list without a page, such as the columns of a table. */
const LIST = 10;
/** Introspection is answered from memory: its lists are estimated so that the queries of tools cost about half the limit. */
const INTROSPECTION_LISTS: Readonly<Record<string, number>> = { types: 100 };
const INTROSPECTION_LIST = 2;
/** Validation compares fields with the same response key in pairs. */
const MOST_PAIRS = 50_000;
const MOST_NODES = 50_000;

/** A selection set, with the type of the object that it selects from. Undefined for a type that does not exist. */
interface Selected {
  readonly set: SelectionSetNode;
  readonly type: GraphQLNamedType | undefined;
}
interface Field {
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown> | undefined;
}

/** The position of a walk. `page` is the size of the page whose connection was entered last. */
interface Position {
  readonly times: number;
  readonly depth: number;
  readonly page: number | null;
  readonly isIntrospection: boolean;
}

const START: Position = { times: 1, depth: 1, page: null, isIntrospection: false };

/**
 * Returns the cost of the operation that is to be executed.
 * @throws QUERY_TOO_COSTLY for a query above a limit, in any operation or fragment of the document
 */
export const checkCost = (request: Request, limits: QueryLimits): number => {
  const { schema, document } = request;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one);
  const walk = walker(schema, fragments, limits);
  const executed = getOperationAST(document, request.operationName);
  let cost = 0;
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition') {
      const type = schema.getRootType(definition.operation) ?? undefined;
      const selected = { set: definition.selectionSet, type };
      const found = walk(selected, variablesOf(definition, request.variables), { isRoot: true });
      if (definition === executed || executed === null || executed === undefined) cost = Math.max(cost, found);
    } else if (definition.kind === 'FragmentDefinition') {
      const type = schema.getType(definition.typeCondition.name.value);
      walk({ set: definition.selectionSet, type }, {}, { isRoot: false });
    }
  }
  return cost;
};

const walker = (schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, limits: QueryLimits) => {
  let nodes = 0;
  let pairs = 0;

  const collect = (selected: readonly Selected[]) => {
    const groups = new Map<string, Field[]>();
    const spread = new Set<string>();
    const add = ({ set, type }: Selected) => {
      for (const selection of set.selections) {
        nodes += 1;
        if (nodes > MOST_NODES) throw overSize('expands to', 'selections', nodes, MOST_NODES);
        if (selection.kind === 'Field') {
          const key = selection.alias?.value ?? selection.name.value;
          const field = { node: selection, definition: definitionOf(schema, type, selection.name.value) };
          const group = groups.get(key);
          if (group === undefined) groups.set(key, [field]);
          else group.push(field);
        } else if (selection.kind === 'InlineFragment') {
          const name = selection.typeCondition?.name.value;
          add({ set: selection.selectionSet, type: name === undefined ? type : schema.getType(name) });
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment === undefined) continue;
          add({ set: fragment.selectionSet, type: schema.getType(fragment.typeCondition.name.value) });
        }
      }
    };
    for (const one of selected) add(one);
    return groups;
  };

  const costOf = (selected: readonly Selected[], variables: Variables, at: Position): number => {
    if (at.depth > limits.depth) throw overLimit('depth', at.depth, limits);
    const groups = collect(selected);
    if (at.depth === 1 && groups.size > limits.rootFields) throw overLimit('rootFields', groups.size, limits);
    let cost = 0;
    for (const group of groups.values()) {
      pairs += group.length * (group.length - 1);
      if (pairs > MOST_PAIRS) throw overSize('repeats', 'fields', pairs, MOST_PAIRS);
      cost += costOfGroup(group, variables, at);
    }
    return cost;
  };

  const costOfGroup = (group: readonly Field[], variables: Variables, at: Position): number => {
    const [field] = group;
    if (field === undefined) return 0;
    const { node, definition } = field;
    const inner = group.flatMap((one) =>
      one.node.selectionSet === undefined
        ? []
        : [{ set: one.node.selectionSet, type: one.definition && getNamedType(one.definition.type) }],
    );
    const own = at.times * (1 + (definition?.extensions.cost ?? 0));
    if (inner.length === 0) return own;
    const isIntrospection = at.isIntrospection || node.name.value === '__schema' || node.name.value === '__type';
    const page = pageSize(field, variables);
    const isList = definition !== undefined && isListType(getNullableType(definition.type));
    const size = isIntrospection
      ? (INTROSPECTION_LISTS[node.name.value] ?? INTROSPECTION_LIST)
      : (page ?? at.page ?? LIST);
    const times = at.times * (isList ? size : 1);
    const objects = isList ? times : 0;
    return (
      own +
      objects +
      costOf(inner, variables, { times, depth: at.depth + 1, page: isList ? null : page, isIntrospection })
    );
  };

  return (selected: Selected, variables: Variables, { isRoot }: { readonly isRoot: boolean }): number => {
    const cost = costOf([selected], variables, isRoot ? START : { ...START, times: 0, depth: 2 });
    if (cost > limits.cost) throw overLimit('cost', cost, limits);
    return cost;
  };
};

const overSize = (verb: string, what: string, cost: number, maxCost: number) =>
  queryTooCostly(`the query ${verb} too many ${what}: send several smaller requests`, { cost, maxCost });

const definitionOf = (schema: GraphQLSchema, type: GraphQLNamedType | undefined, name: string) => {
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
};

type Variables = Readonly<Record<string, unknown>>;

/** The variables of an operation, with its defaults. */
const variablesOf = ({ variableDefinitions = [] }: OperationDefinitionNode, given: Variables | null | undefined) => {
  const values: Record<string, unknown> = { ...given };
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (!(name in values) && defaultValue !== undefined) values[name] = valueFromASTUntyped(defaultValue);
  }
  return values;
};

/** How many objects a field with `first` or `last` may return, directly or in its `nodes` and `edges`; null for others. */
const pageSize = ({ node, definition }: Field, variables: Variables): number | null => {
  const paged = definition?.args.filter(({ name }) => name === 'first' || name === 'last') ?? [];
  if (paged.length === 0) return null;
  const given = paged.flatMap(({ name }) => {
    const argument = node.arguments?.find((one) => one.name.value === name);
    return argument === undefined ? [] : sizesOf(valueFromASTUntyped(argument.value, { ...variables }));
  });
  const defaults = [...paged.flatMap(({ defaultValue }) => sizesOf(defaultValue)), DEFAULT_PAGE];
  return Math.min(LARGEST_PAGE, Math.max(0, ...(given.length > 0 ? given : defaults.slice(0, 1))));
};

const sizesOf = (value: unknown) => (typeof value === 'number' ? [value] : []);
