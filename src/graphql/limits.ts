/**
 * Limits on the form of a request, checked before it is validated: its text, its syntax and its variables. They bound
 * the work of everything that follows. What a query may cost is in `cost.ts`.
 */
import { type ASTNode, type DocumentNode, GraphQLError, Lexer, type Source, TokenKind, visit } from 'graphql';
import { badInput, queryTooCostly } from '../errors.ts';

/** The limits on one request. The names of the settings are in `SETTING_OF`. */
export interface QueryLimits {
  /** The levels of fields within one another, introspection included. */
  readonly depth: number;
  /** See `cost.ts`. */
  readonly cost: number;
  /** Aliases in the whole document, fragments included. */
  readonly aliases: number;
  /** The fields of the operation itself. */
  readonly rootFields: number;
  /** Directives in the whole document. */
  readonly directives: number;
  /** The words and punctuators of a document. */
  readonly tokens: number;
  /** The values in the variables: each element of a list and each field of an object counts. */
  readonly variableValues: number;
  /** The levels of lists and objects within one another, in a variable. */
  readonly inputDepth: number;
  readonly introspection: boolean;
}

const SETTING_OF = {
  depth: 'MAX_QUERY_DEPTH',
  cost: 'MAX_QUERY_COST',
  aliases: 'MAX_QUERY_ALIASES',
  rootFields: 'MAX_ROOT_FIELDS',
  directives: 'MAX_QUERY_DIRECTIVES',
} as const;

/** Parser, validator and printer recurse. This many levels fit in the smallest stack that Node uses. */
const DEEPEST_NESTING = 200;
/** Validation compares fragments in pairs. */
const MOST_FRAGMENTS = 100;
/** The most values in one list, as a literal or in a variable. Some inputs allow fewer. */
const LONGEST_LIST = 10_000;

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** @throws a syntax error if the text has too many tokens, or brackets that are nested too deeply for the parser */
export const checkText = (source: Source, { tokens: most }: Pick<QueryLimits, 'tokens'>): void => {
  const lexer = new Lexer(source);
  let nesting = 0;
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; ) {
    const { kind, start } = lexer.token;
    count += 1;
    if (count > most) throw tooLong(source, start, `the document has more than ${most} tokens (MAX_QUERY_TOKENS)`);
    if (OPENING.has(kind)) nesting += 1;
    if (CLOSING.has(kind)) nesting -= 1;
    if (nesting > DEEPEST_NESTING) {
      throw tooLong(source, start, `brackets are nested deeper than ${DEEPEST_NESTING} levels`);
    }
  }
};

const tooLong = (source: Source, position: number, message: string) =>
  new GraphQLError(`Syntax Error: ${message}`, { source, positions: [position] });

/**
 * @throws QUERY_TOO_COSTLY if the document has too many aliases, directives or fragments; BAD_USER_INPUT naming the
 * argument if a list in it is too long
 */
export const checkSyntax = (document: DocumentNode, limits: QueryLimits): void => {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias !== undefined) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
    ListValue: ({ values }, _key, parent, _path, ancestors) => {
      if (values.length > LONGEST_LIST) throw longList(pathIn([...ancestors, parent ?? []]), values.length);
    },
  });
  const fragments = document.definitions.filter(({ kind }) => kind === 'FragmentDefinition').length;
  if (aliases > limits.aliases) throw overLimit('aliases', aliases, limits);
  if (directives > limits.directives) throw overLimit('directives', directives, limits);
  if (fragments > MOST_FRAGMENTS) {
    throw queryTooCostly(`the document has ${fragments} fragments: at most ${MOST_FRAGMENTS} are allowed`, {
      cost: fragments,
      maxCost: MOST_FRAGMENTS,
    });
  }
};

/** The path of a literal, such as `input.sources`. */
const pathIn = (ancestors: readonly (ASTNode | readonly ASTNode[])[]): string =>
  ancestors
    .flatMap((one) => ('kind' in one && (one.kind === 'Argument' || one.kind === 'ObjectField') ? one.name.value : []))
    .join('.');

const longList = (path: string, length: number) =>
  badInput(path, `${path} has ${length} values: at most ${LONGEST_LIST} are allowed`);

/**
 * @param argumentOf the argument in which the document uses a variable
 * @throws BAD_USER_INPUT naming the argument if the variables have too many values, a list that is too long, or are
 * nested too deeply
 */
export const checkVariables = (
  variables: unknown,
  limits: QueryLimits,
  argumentOf: (variable: string) => string,
): void => {
  if (variables === null || typeof variables !== 'object') return;
  let count = 0;
  for (const [name, value] of Object.entries(variables)) {
    const waiting = [{ value, depth: 0, path: '' }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      count += 1;
      if (count > limits.variableValues) {
        throw badInput(
          'variables',
          `variables have more than ${limits.variableValues} values (MAX_VARIABLE_VALUES): send several requests`,
        );
      }
      if (next.value === null || typeof next.value !== 'object') continue;
      const depth = next.depth + 1;
      if (depth > limits.inputDepth) {
        const path = argumentOf(name);
        throw badInput(path, `${path} is nested deeper than ${limits.inputDepth} levels (MAX_INPUT_DEPTH)`);
      }
      if (Array.isArray(next.value) && next.value.length > LONGEST_LIST) {
        throw longList(`${argumentOf(name)}${next.path}`, next.value.length);
      }
      for (const [key, inner] of Object.entries(next.value)) {
        waiting.push({ value: inner, depth, path: `${next.path}.${key}` });
      }
    }
  }
};

const WORDS = {
  depth: (count: number) => `the query is ${count} levels deep`,
  cost: (count: number) => `the query costs ${count}`,
  aliases: (count: number) => `the query has ${count} aliases`,
  rootFields: (count: number) => `the operation has ${count} fields at its root`,
  directives: (count: number) => `the query has ${count} directives`,
} as const;

/** The error for a limit that is exceeded. `cost` and `maxCost` are in the unit of the limit. */
export const overLimit = (limit: keyof typeof WORDS, cost: number, limits: QueryLimits) => {
  const maxCost = limits[limit];
  const setting = SETTING_OF[limit];
  const remedy = limit === 'cost' ? 'request smaller pages or fewer fields' : 'send several smaller requests';
  return queryTooCostly(`${WORDS[limit](cost)}: at most ${maxCost} is allowed (${setting}); ${remedy}`, {
    cost,
    maxCost,
  });
};
