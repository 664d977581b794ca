/**
 * Parses, limits and validates the documents of all transports. Documents that are valid are kept, by the size of their
 * text; refused ones are not, since a client can send any number of different ones.
 */
import { type DocumentNode, type GraphQLSchema, NoSchemaIntrospectionCustomRule, Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { checkCost } from './cost.ts';
import { argumentOf } from './errors.ts';
import { checkSyntax, checkText, checkVariables, type QueryLimits } from './limits.ts';

/** A parsed document takes up to 200 times the space of its text: 100 MB in the worst case. */
const CACHED_CHARACTERS = 524_288;
const LARGEST_CACHED = 65_536;

interface Params {
  readonly query?: unknown;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
}

/**
 * The plugin through which every operation passes. A connection over HTTP or a WebSocket has its parameters in
 * `context.params`.
 */
export const createDocuments = (limits: QueryLimits): Plugin => {
  const known = new LRUCache<string, DocumentNode>({
    maxSize: CACHED_CHARACTERS,
    maxEntrySize: LARGEST_CACHED,
    sizeCalculation: (_, text) => text.length + 1,
  });
  const valid = new WeakSet<DocumentNode>();
  return {
    onParse: ({ params, context, setParsedDocument }) => {
      const source = typeof params.source === 'string' ? new Source(params.source) : params.source;
      const document = known.get(source.body);
      if (document === undefined) counted(context, () => checkText(source, limits));
      const argument = (variable: string) => argumentOf(variable, source.body) ?? variable;
      counted(context, () => checkVariables(paramsOf(context).variables, limits, argument));
      if (document !== undefined) return setParsedDocument(document);
      return ({ result }) => {
        if (result instanceof Error) return reportRefusal(context);
        if (result !== null) counted(context, () => checkSyntax(result as DocumentNode, limits));
      };
    },
    onValidate: ({ params, context, addValidationRule, setResult }) => {
      const { schema, documentAST: document } = params as { schema: GraphQLSchema; documentAST: DocumentNode };
      const { variables, operationName } = paramsOf(context);
      counted(context, () => checkCost({ schema, document, variables, operationName }, limits));
      if (valid.has(document)) return setResult([]);
      if (!limits.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ valid: isValid }) => {
        if (!isValid) return reportRefusal(context);
        const text = document.loc?.source.body;
        if (text === undefined) return;
        valid.add(document);
        known.set(text, document);
      };
    },
  };
};

/** Reports a refusal to the transport, which limits how many a client may cause. */
const counted = (context: unknown, check: () => void): void => {
  try {
    check();
  } catch (error) {
    reportRefusal(context);
    throw error;
  }
};

const reportRefusal = (context: unknown): void => (context as { readonly onRefused?: () => void }).onRefused?.();

const paramsOf = (context: unknown): Params => (context as { readonly params?: Params }).params ?? {};
