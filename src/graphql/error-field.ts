import { BREAK, type GraphQLError, parse, visit } from 'graphql';

/**
 * The argument that one of graphql's or yoga's own errors is about, as `jobs.ids.0`. Which variable or argument it is
 * they say in their sentences only, and clients know the arguments, not what a document calls its variables.
 */
export const fieldOf = ({ message, source }: GraphQLError): string => {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1];
  if (variable !== undefined) {
    const within = / at "\w+([^"]*)"; /.exec(message)?.[1] ?? '';
    return `${argumentOf(variable, source?.body) ?? variable}${within.replace(/\[(\d+)\]/g, '.$1')}`;
  }
  for (const [sentence, field] of SENTENCES) {
    const found = sentence.exec(message);
    if (found !== null) return field ?? found[1] ?? 'query';
  }
  return 'query';
};

/** What yoga and graphql say of a request as a whole. Null: the field is in the sentence. */
const SENTENCES: readonly (readonly [RegExp, string | null])[] = [
  [/^Argument "(\w+)"/, null],
  [/^Expected "(\w+)" param/, null],
  [/^Unexpected parameter "(.*)" in/, null],
  [/POST requests?\./, 'method'],
  [/operation/i, 'operationName'],
  [/body|params|Batching/, 'body'],
  [/Content-Length/, 'headers.content-length'],
];

/** Where a document first uses a variable, as the path of that argument. */
const argumentOf = (variable: string, body: string | undefined): string | null => {
  if (body === undefined) return null;
  const path: string[] = [];
  let found: string | null = null;
  const named = {
    enter: ({ name }: { readonly name: { readonly value: string } }) => void path.push(name.value),
    leave: () => void path.pop(),
  };
  visit(parse(body), {
    Argument: named,
    ObjectField: named,
    Variable: ({ name }) => {
      if (path.length === 0 || name.value !== variable) return undefined;
      found = path.join('.');
      return BREAK;
    },
  });
  return found;
};
