import { type ExecutionArgs, getOperationAST, print } from 'graphql';
import { accessKey } from '../jobs/access.ts';
import type { Context } from './context.ts';

/**
 * How an operation can be shared, when it can: a subscription to changes of status is the same for all who send the
 * same document with the same variables and may see, and control, the same. Where each begins (`after`) does not
 * matter: it is served alone until it has caught up.
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
  const asked = JSON.stringify([
    args.document.loc?.source.body ?? print(args.document),
    args.operationName ?? null,
    variables.sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return {
    key: () => `${asked} ${accessKey(context.access())}`,
    from: (place: number | null) => {
      const progress = { from: place, place: place ?? 0, idle: () => undefined };
      return { args: { ...args, contextValue: { ...context, progress } }, progress };
    },
  };
};
