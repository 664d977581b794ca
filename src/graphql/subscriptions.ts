import { type ExecutionArgs, getOperationAST, print } from 'graphql';
import { accessKey } from '../jobs/access.ts';
import type { Context } from './context.ts';

/**
 * A stream that ends when its reader leaves. A generator that waits for the next event cannot be ended from outside
 * except through what it waits for, so leaving first aborts the signal and then closes the generator.
 */
export const streamOf = async <T>(
  open: (signal: AbortSignal) => Promise<AsyncGenerator<T, void, void>>,
): Promise<AsyncIterableIterator<T>> => {
  const left = new AbortController();
  const source = await open(left.signal);
  const stream: AsyncIterableIterator<T> = {
    next: () => source.next(),
    return: async () => {
      left.abort();
      await source.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
};

/**
 * How an operation can be shared, or null if it cannot. A subscription to status changes is the same for all viewers
 * who send the same document with the same variables and may see, and control, the same jobs. Where each begins
 * (`after`) does not matter: a reader is served separately until it has caught up.
 */
export const sharingOf = (args: ExecutionArgs) => {
  const operation = getOperationAST(args.document, args.operationName);
  const [field, ...others] = operation?.selectionSet.selections ?? [];
  if (operation?.operation !== 'subscription' || field?.kind !== 'Field' || others.length > 0) return null;
  if (field.name.value !== 'jobStatusChanged') return null;
  const context = args.contextValue as Context;
  const after = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  const variables = Object.entries(args.variableValues ?? {}).filter(
    ([name]) => after?.kind !== 'Variable' || after.name.value !== name,
  );
  const request = JSON.stringify([
    args.document.loc?.source.body ?? print(args.document),
    args.operationName ?? null,
    variables.sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  // What is read of rows depends on who reads, and not only on the jobs that they see.
  const reader = /\b(rejects|rowError)/.test(request) ? context.identity.userName : '';
  return {
    key: () => `${request} ${accessKey(context.access())} ${reader}`,
    from: (position: number | null) => {
      const progress = { from: position, position: position ?? 0, idle: () => undefined };
      return { args: { ...args, contextValue: { ...context, progress } }, progress };
    },
  };
};
