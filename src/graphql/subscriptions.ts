import { type ASTNode, type DocumentNode, type ExecutionArgs, getOperationAST, print, visit } from 'graphql';
import { accessKey } from '../jobs/access.ts';
import { eachOf, type LiveStream } from '../live-stream.ts';
import type { Context } from './context.ts';

/**
 * A stream that ends when its reader leaves. A generator that waits for the next event cannot be ended from outside
 * except through what it waits for, so leaving first aborts the signal and then closes the generator.
 */
export const streamOf = async <T>(
  open: (signal: AbortSignal) => Promise<AsyncGenerator<T, void, void>>,
): Promise<AsyncIterableIterator<T>> => {
  const left = new AbortController();
  return endable(await open(left.signal), left);
};

const endable = <T>(source: AsyncGenerator<T, void, void>, left: AbortController): AsyncIterableIterator<T> => {
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

/** As `streamOf`, for a live stream: its reader may follow it instead of reading one item at a time. */
export const liveStreamOf = async <T>(
  open: (signal: AbortSignal) => Promise<LiveStream<T>>,
): Promise<AsyncIterableIterator<T> & LiveStream<T>> => {
  const left = new AbortController();
  const live = await open(left.signal);
  const items = async function* () {
    try {
      yield* eachOf(live);
    } finally {
      left.abort();
    }
  };
  return { ...endable(items(), left), ...live };
};

/** Subscriptions to live streams. Their arguments determine which items a reader gets, and not what an item contains. */
const LIVE = ['jobStatusChanged', 'jobUpdated'];

/** Fields with the same value for an item whenever they are read. All others may read more than the item. */
const OF_ITEM: ReadonlySet<string> = new Set(
  (
    '__typename cursor jobId at actor tokenId from to command commandId reason error kind id type typeName description ' +
    'userName status statusMessage createdAt startedAt finishedAt modifiedAt fractionCompleted counters name value ' +
    'attempts nextAttemptAt pauseReason coordinator'
  ).split(' '),
);

/** What a document selects of the items of one live stream. */
interface Selected {
  /** The variables on which it depends. */
  readonly variables: readonly string[];
  /** The result of an item is the same whenever it is computed. */
  readonly isFixed: boolean;
  /** It may contain values of rows, which depend on who reads, and not only on the jobs that they see. */
  readonly hasRows: boolean;
}

/**
 * How the results of an operation can be shared, or null if they cannot. They are the same for all viewers who send the
 * same document and may see, and control, the same jobs. Which items each of them gets does not matter.
 */
export const sharingOf = (args: ExecutionArgs) => {
  const selected = selectedIn(args.document, args.operationName);
  if (selected === null) return null;
  const context = args.contextValue as Context;
  const { variables, isFixed, hasRows } = selected;
  const given = args.variableValues ?? {};
  const request = JSON.stringify([
    args.document.loc?.source.body ?? print(args.document),
    args.operationName ?? null,
    variables.map((name) => given[name]),
  ]);
  const reader = hasRows ? context.identity.userName : '';
  return { key: () => `${request} ${accessKey(context.access())} ${reader}`, isFixed };
};

const known = new WeakMap<DocumentNode, Map<string, Selected | null>>();
const selectedIn = (document: DocumentNode, operationName: string | null | undefined): Selected | null => {
  const ofDocument = known.get(document) ?? new Map<string, Selected | null>();
  known.set(document, ofDocument);
  const name = operationName ?? '';
  const selected = ofDocument.get(name);
  if (selected !== undefined) return selected;
  const found = readSelected(document, operationName);
  ofDocument.set(name, found);
  return found;
};

const readSelected = (document: DocumentNode, operationName: string | null | undefined): Selected | null => {
  const operation = getOperationAST(document, operationName);
  const [field, ...others] = operation?.selectionSet.selections ?? [];
  if (operation?.operation !== 'subscription' || field?.kind !== 'Field' || others.length > 0) return null;
  if (!LIVE.includes(field.name.value)) return null;
  const fragments = document.definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  const parts: readonly ASTNode[] = [
    ...(operation.directives ?? []),
    ...(field.directives ?? []),
    ...(field.selectionSet === undefined ? [] : [field.selectionSet]),
    ...fragments,
  ];
  const names = new Set<string>();
  const variables = new Set<string>();
  for (const part of parts) {
    visit(part, {
      Field: ({ name }) => void names.add(name.value),
      Variable: ({ name }) => void variables.add(name.value),
    });
  }
  // The job of an update is part of the item; that of an event is read when the event is delivered.
  if (field.name.value === 'jobUpdated') names.delete('job');
  return {
    variables: [...variables].sort(),
    isFixed: [...names].every((name) => OF_ITEM.has(name)),
    hasRows: [...names].some((name) => /^(rejects|rowError)/.test(name)),
  };
};
