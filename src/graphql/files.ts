/** The files that `nodelocal:` URLs can name. */
import type { FileInfo } from '../engine/files.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { AFTER, FIRST, PageInfoType, pageOf } from './pagination.ts';

const FileType = builder.objectRef<FileInfo>('File').implement({
  description: 'A file below `files/`, as far as the viewer may use it.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'The path: `nodelocal:///` and this text are its URL.' }),
    size: t.expose('size', { type: 'Count', description: 'The size in bytes.' }),
    modifiedAt: t.expose('modifiedAt', { type: 'DateTime', description: 'When the content last changed.' }),
  }),
});

interface Edge {
  readonly cursor: string;
  readonly node: FileInfo;
}
const FileEdgeType = builder.objectRef<Edge>('FileEdge').implement({
  description: 'A file in a list.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'The position of the file in this list.' }),
    node: t.expose('node', { type: FileType, description: 'The file.' }),
  }),
});

interface Connection {
  readonly files: readonly FileInfo[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: () => Promise<boolean>;
}
const FileConnectionType = builder.objectRef<Connection>('FileConnection').implement({
  description: 'A page of a list of files, in the order of their paths.',
  fields: (t) => ({
    edges: t.field({
      type: [FileEdgeType],
      description: 'The files of the page, each with its cursor.',
      resolve: ({ files }) => files.map((node) => ({ node, cursor: cursorOf(node) })),
    }),
    nodes: t.field({ type: [FileType], description: 'The files of the page.', resolve: ({ files }) => files }),
    pageInfo: t.field({
      type: PageInfoType,
      description: 'What lies before and after the page.',
      resolve: ({ files, hasNextPage, hasPreviousPage }) => {
        const [first] = files;
        const last = files.at(-1);
        return {
          hasNextPage: async () => hasNextPage,
          hasPreviousPage,
          startCursor: first === undefined ? null : cursorOf(first),
          endCursor: last === undefined ? null : cursorOf(last),
        };
      },
    }),
  }),
});

const LIST = 'files:';
const cursorOf = ({ path }: FileInfo) => Buffer.from(`${LIST}${path}`).toString('base64url');
const pathOfCursor = (cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (text.startsWith(LIST)) return text.slice(LIST.length);
  throw badInput('after', `after ${JSON.stringify(cursor.slice(0, 200))} is not a cursor of this list`);
};

const readFiles = async (
  args: {
    readonly prefix?: string | null | undefined;
    readonly first: number;
    readonly after?: string | null | undefined;
  },
  { files, viewer, operation }: Context,
): Promise<Connection> => {
  const { limit } = pageOf({ first: args.first }, false);
  const prefix = args.prefix ?? '';
  const after = args.after == null ? null : pathOfCursor(args.after);
  const page = await files.list({ prefix, after, limit }, viewer(), operation.signal);
  return {
    files: page.files,
    hasNextPage: page.more,
    hasPreviousPage: async () => {
      if (after === null) return false;
      const { files: before } = await files.list({ prefix, after: null, limit: 1 }, viewer(), operation.signal);
      return before[0] !== undefined && before[0].path <= after;
    },
  };
};

builder.queryField('files', (t) =>
  t.field({
    type: FileConnectionType,
    nullable: true,
    extensions: { cost: 200 },
    description:
      "The files that nodelocal: URLs of the viewer's jobs can name, in the order of their paths: all below `files/`, or " +
      'those in the folder that was granted. Links are not listed. FORBIDDEN without the privilege CREATEJOB.',
    args: {
      prefix: t.arg.string({ description: 'Only files whose path begins with this text, such as `in/2026-`.' }),
      first: t.arg.int({ required: true, defaultValue: 100, description: FIRST }),
      after: t.arg.string({ description: AFTER }),
    },
    resolve: (_, args, context) => readFiles(args, context),
  }),
);

const DeleteFilePayload = builder.objectRef<{ readonly path: string }>('DeleteFilePayload').implement({
  description: 'The result of `deleteFile`.',
  fields: (t) => ({ path: t.exposeString('path', { description: 'The path that the file had.' }) }),
});

const DeleteFileInput = builder.inputType('DeleteFileInput', {
  description: 'A file to delete.',
  fields: (t) => ({ path: t.string({ required: true, description: 'The path, as `files` lists it.' }) }),
});

builder.mutationField('deleteFile', (t) =>
  t.field({
    type: DeleteFilePayload,
    nullable: true,
    description:
      'Deletes a file in the folder that was granted to the viewer; admins delete any file below `files/`. Folders that ' +
      'are empty then are removed. FORBIDDEN without the privilege CREATEJOB. NOT_FOUND if there is no such file, ' +
      'CONFLICT while a job that has not ended names it or a folder that it is in; changefeeds do not count.',
    args: { input: t.arg({ type: DeleteFileInput, required: true, description: 'The file.' }) },
    resolve: async (_, { input }, { files, viewer }) => {
      await files.delete(input.path, viewer());
      return { path: input.path };
    },
  }),
);
