/**
 * Input types and enums from the zod schemas that parse them: one declaration defines the validation, the default and
 * the description. The conversion uses JSON Schema, in which zod prints the inputs of transforms and not their results.
 * `meta({ id })` makes a schema a named type; `meta({ isOneOf: true })` makes an input @oneOf; `meta({ values })`
 * describes the values of an enum; `meta({ scalar: 'Count' })` allows whole numbers beyond those of Int; `meta({ defaultValue })` sets the default of a schema with a transform.
 */
import type { EnumRef, InputFieldMap, InputObjectRef } from '@pothos/core';
import { z } from 'zod';
import { builder } from './builder.ts';

type Types = typeof builder.$inferSchemaTypes;
type Named = InputObjectRef<Types, unknown> | EnumRef<Types, string>;
type Scalar = 'String' | 'Boolean' | 'Int' | 'Float' | 'Count';

/** The part of JSON Schema that zod prints for inputs. */
interface Node {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly defaultValue?: unknown;
  readonly description?: string;
  readonly isOneOf?: boolean;
  /** A whole number that may exceed an Int. */
  readonly scalar?: 'Count';
  /** Why a field is deprecated, and what to use instead. */
  readonly deprecation?: string;
  readonly values?: Readonly<Record<string, string>>;
}

/**
 * Types that are already declared. Two kinds may share a type, such as ColumnInput, if they describe it identically.
 */
const declared = new Map<string, { readonly text: string; readonly type: Named }>();

/** The input type of a zod object that has a `meta({ id })`. `more` adds fields that are not declared by the kind. */
export const inputTypeOf = (schema: z.ZodType, more: (t: FieldBuilder) => InputFieldMap = () => ({})) => {
  const { $ref = '', $defs = {} } = z.toJSONSchema(schema, { io: 'input' });
  const type = declare(nameOf($ref), $defs as Readonly<Record<string, Node>>, more);
  if (type.kind !== 'InputObject') throw new Error(`${nameOf($ref)} is not an object`);
  return type;
};

/** The enum of a zod enum that has a `meta({ id })`, for outputs that return what inputs take. */
export const enumTypeOf = <V extends string = string>(schema: z.ZodType): EnumRef<Types, V> => {
  const { $ref = '', $defs = {} } = z.toJSONSchema(schema, { io: 'input' });
  const type = declare(nameOf($ref), $defs as Readonly<Record<string, Node>>);
  if (type.kind !== 'Enum') throw new Error(`${nameOf($ref)} is not an enum`);
  return type as EnumRef<Types, V>;
};

/** The values of an enum that is listed in code, with descriptions. A value without a description does not compile. */
export const describeValues = <V extends string>(values: readonly V[], descriptions: Readonly<Record<V, string>>) =>
  Object.fromEntries(values.map((value) => [value, { description: descriptions[value] }])) as {
    readonly [name in V]: { readonly description: string };
  };

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;

const nameOf = (ref: string) => ref.replace('#/$defs/', '');

const declare = (
  name: string,
  defs: Readonly<Record<string, Node>>,
  more: (t: FieldBuilder) => InputFieldMap = () => ({}),
): Named => {
  const node = defs[name];
  if (node === undefined) throw new Error(`an input type has no meta({ id })`);
  const text = JSON.stringify(node);
  const known = declared.get(name);
  if (known !== undefined && known.text !== text) throw new Error(`${name} is declared twice, and differently`);
  const type = known?.type ?? (node.enum ? enumOf(name, node) : objectOf(name, node, defs, more));
  declared.set(name, { text, type });
  return type;
};

const enumOf = (name: string, { enum: names = [], values = {}, description }: Node): Named =>
  builder.enumType(name, {
    ...(description === undefined ? {} : { description }),
    values: describeValues(names, values),
  });

const objectOf = (
  name: string,
  { properties = {}, required = [], description, isOneOf = false }: Node,
  defs: Readonly<Record<string, Node>>,
  more: (t: FieldBuilder) => InputFieldMap,
): Named =>
  builder.inputType(name, {
    ...(description === undefined ? {} : { description }),
    isOneOf,
    fields: (t): InputFieldMap => ({
      ...Object.fromEntries(
        Object.entries(properties).map(([field, node]) => [
          field,
          fieldOf(t, node, required.includes(field), `${name}.${field}`, defs),
        ]),
      ),
      ...more(t),
    }),
  });

const fieldOf = (
  t: FieldBuilder,
  node: Node,
  isRequired: boolean,
  path: string,
  defs: Readonly<Record<string, Node>>,
) => {
  const { default: own = null, defaultValue: value = own, description, deprecation } = node;
  const [inner, isNullable] = withoutNull(node);
  const list = inner.items;
  const type = typeOf(list ?? inner, path, defs);
  return t.field({
    type: list === undefined ? type : [type],
    required: !isNullable && (isRequired || value !== null),
    ...(value === null ? {} : { defaultValue: value as string }),
    ...(description === undefined ? {} : { description }),
    ...(deprecation === undefined ? {} : { deprecationReason: deprecation }),
  });
};

/** A node without its null, and whether it had one. */
const withoutNull = (node: Node): readonly [Node, boolean] => {
  const { anyOf, type } = node;
  if (anyOf !== undefined) {
    const [inner = node] = anyOf.filter((part) => part.type !== 'null');
    return [inner, anyOf.length > 1];
  }
  if (typeof type === 'string' || type === undefined) return [node, false];
  return [{ ...node, type: type.find((name) => name !== 'null') ?? 'null' }, type.includes('null')];
};

const SCALARS: Readonly<Record<string, Scalar>> = {
  string: 'String',
  boolean: 'Boolean',
  integer: 'Int',
  number: 'Float',
};

const typeOf = (
  { $ref, type, scalar: own }: Node,
  path: string,
  defs: Readonly<Record<string, Node>>,
): Named | Scalar => {
  if ($ref !== undefined) return declare(nameOf($ref), defs);
  const scalar = own ?? SCALARS[String(type)];
  if (scalar === undefined) throw new Error(`${path} has a type that no input can have: ${JSON.stringify(type)}`);
  return scalar;
};
