/** Measures the execution of queries and mutations, over HTTP and sockets. */
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { SignalboxError } from '../errors.ts';

export interface OperationObserver {
  /** @param field the first root field of the operation, which is one of the schema */
  executed(operation: 'query' | 'mutation' | 'subscription', field: string, seconds: number): void;
  /** An error in an answer. */
  failed(code: string): void;
}

export const measure = ({ executed, failed }: OperationObserver): Plugin => ({
  onExecute: ({ args }) => {
    const began = performance.now();
    return {
      onExecuteDone: ({ result }) => {
        const [operation, field] = nameOf(args);
        executed(operation, field, (performance.now() - began) / 1_000);
        if (isAsyncIterable(result)) return;
        for (const error of (result as ExecutionResult).errors ?? []) failed(codeOf(error));
      },
    };
  },
});

/** The answer's errors get their codes later. */
const codeOf = ({ originalError, extensions }: GraphQLError): string =>
  originalError instanceof SignalboxError ? originalError.code : String(extensions.code ?? 'INTERNAL_SERVER_ERROR');

const nameOf = ({ document, operationName }: ExecutionArgs) => {
  const operation = getOperationAST(document, operationName);
  const [first] = operation?.selectionSet.selections ?? [];
  return [operation?.operation ?? 'query', first?.kind === 'Field' ? first.name.value : 'other'] as const;
};
