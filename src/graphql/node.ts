import { badInput } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { jobIdOf } from './pagination.ts';

/** A job, whose id is its number, or another node: a schedule, which has a number too, or one whose id has a prefix. */
export type Node = Job | { readonly nodeId: string };

export const NodeInterface = builder.interfaceRef<Node>('Node').implement({
  description: 'An object that `node(id:)` finds.',
  fields: (t) => ({
    id: t.id({
      description:
        'Unique across all nodes: the number of a job or schedule; a prefix and a name for others, such as `user:root`.',
      resolve: (node) => ('nodeId' in node ? node.nodeId : node.id),
    }),
  }),
});

/** Finds the node behind each prefix of an id. */
const PREFIXES = new Map<string, (name: string, context: Context) => Promise<Node | null>>();

/** Lets `node(id:)` find nodes whose ids have this prefix. */
export const findByPrefix = (prefix: string, find: (name: string, context: Context) => Promise<Node | null>) => {
  PREFIXES.set(prefix, find);
};

/** Nodes that share the numbers of jobs. */
let numbered: typeof PREFIXES extends Map<string, infer F> ? F : never = async () => null;
/** Lets `node(id:)` find nodes whose ids are numbers that no job has. */
export const findNumbered = (find: typeof numbered) => {
  numbered = find;
};

builder.queryField('node', (t) =>
  t.field({
    type: NodeInterface,
    nullable: true,
    description:
      'The node with this id. Null if it does not exist or the viewer may not see it. BAD_USER_INPUT if no node can have ' +
      'this id.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'The id of a job, schedule, user or database, such as `database:demo`.',
      }),
    },
    resolve: async (_, { id }, context) => {
      const [prefix, ...rest] = id.split(':');
      if (rest.length === 0) {
        const job = await context.store.job(jobIdOf(id, 'id'), context.access());
        return job ?? numbered(id, context);
      }
      const find = PREFIXES.get(prefix ?? '');
      if (find === undefined) throw badInput('id', `id ${JSON.stringify(id)} is not the id of a node`);
      return find(rest.join(':'), context);
    },
  }),
);
