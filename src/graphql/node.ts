import { badInput } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { jobIdOf } from './pagination.ts';

/** A job, whose id is its number, or anything else, whose id carries a prefix. */
export type Node = Job | { readonly nodeId: string };

export const NodeInterface = builder.interfaceRef<Node>('Node').implement({
  description: "`id` is unique over all nodes: a job's is its number, others carry a prefix.",
  fields: (t) => ({ id: t.id({ resolve: (node) => ('nodeId' in node ? node.nodeId : node.id) }) }),
});

/** What lies behind each prefix of an id. */
const PREFIXES = new Map<string, (name: string, context: Context) => Promise<Node | null>>();

/** Lets `node(id:)` find what has ids with this prefix. */
export const findByPrefix = (prefix: string, find: (name: string, context: Context) => Promise<Node | null>) => {
  PREFIXES.set(prefix, find);
};

builder.queryField('node', (t) =>
  t.field({
    type: NodeInterface,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) => {
      const [prefix, ...rest] = id.split(':');
      if (rest.length === 0) return context.store.job(jobIdOf(id, 'id'), context.access());
      const find = PREFIXES.get(prefix ?? '');
      if (find === undefined) throw badInput('id', `id ${JSON.stringify(id)} is no id of a node`);
      return find(rest.join(':'), context);
    },
  }),
);
